package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// process is one started worker.
type process struct {
	pool    *Pool
	cmd     *exec.Cmd
	folder  string
	socket  *net.UnixListener
	ready   jobs.Ready
	why     string // there is no wall, or ""
	trouble trouble
	work    sync.WaitGroup

	in     io.WriteCloser
	orders chan []byte

	mu     sync.Mutex
	waits  map[string]chan jobs.Report // what was asked and not answered yet
	loads  map[string]*once            // by key
	opens  map[string]*once            // by ID
	killed string                      // why, if we did it
	lines  map[net.Conn]struct{}       // to the socket

	gone   chan struct{} // closed when it has ended
	reason string        // of that; read after gone
}

// waits are how long the worker may take for what is its own affair.
type waits struct {
	prepare time.Duration // for starting, taking a template, opening a target
	run     time.Duration // for a run, beside the time of its exchanges
	grace   time.Duration // the same, after it was told to stop
	end     time.Duration // for ending by itself
}

var times = waits{prepare: time.Minute, run: 30 * time.Second, grace: 10 * time.Second, end: 5 * time.Second}

// ended is the error of what the worker's end cut short.
type ended struct {
	why    string
	blamed bool // the run that had the worker ended
}

func (e *ended) Error() string { return "the template worker ended: " + e.why }

func (w *process) dead() bool {
	select {
	case <-w.gone:
		return true
	default:
		return false
	}
}

// tell gives one order. A worker that takes none is ended.
func (w *process) tell(o jobs.Order) {
	b, err := json.Marshal(o)
	if err != nil {
		return // an order is plain data
	}
	timer := time.NewTimer(times.prepare)
	defer timer.Stop()
	select {
	case w.orders <- append(b, '\n'):
	case <-w.gone:
	case <-timer.C:
		w.kill("it hung: it takes no orders")
	}
}

// write writes the orders down the pipe, which a worker that hangs may fill.
func (w *process) write() {
	for {
		select {
		case b := <-w.orders:
			_, _ = w.in.Write(b) // that it failed is seen by the worker's end
		case <-w.gone:
			return
		}
	}
}

// mostReport bounds one report.
const mostReport = 1 << 20

// listen hears the reports until the worker ends, and then sees it off.
func (w *process) listen(out *bufio.Reader) {
	why := ""
	for why == "" {
		line, err := readBounded(out)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				w.kill(err.Error())
			}
			break
		}
		if err := w.hear(line); err != nil {
			w.kill(err.Error())
			break
		}
	}
	if w.cmd.Process != nil && !w.closing() {
		// Its standard output has ended: so has it, or it is of no use.
		timer := time.AfterFunc(time.Second, func() { w.kill("it fell silent") })
		defer timer.Stop()
	}
	err := w.cmd.Wait()
	w.mu.Lock()
	why = w.killed
	w.mu.Unlock()
	if why == "" {
		why = strings.TrimSpace(w.trouble.said())
		if err != nil {
			why = strings.Trim(err.Error()+": "+why, ": ")
		}
	}
	if why == "" {
		why = "it ended by itself"
	}
	w.reason = why
	close(w.gone)
	w.clean()
}

func readBounded(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > mostReport {
			return nil, errors.New("it said a line that is too long")
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// hear hands a report to whoever waits for it. One that nobody waits for, or
// that cannot be read, shows that the worker is not to be trusted.
func (w *process) hear(line []byte) error {
	var r jobs.Report
	if err := json.Unmarshal(line, &r); err != nil {
		return fmt.Errorf("it said what is no report: %.60q", line)
	}
	name := ""
	switch {
	case r.Ready != nil:
		name = "ready"
	case r.Loaded != nil:
		name = "load " + r.Loaded.Key
	case r.Opened != nil:
		name = "open " + strconv.Itoa(r.Opened.ID)
	case r.Answer != nil:
		name = "run " + strconv.Itoa(r.Answer.Seq)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.waits[name]
	if c == nil {
		return fmt.Errorf("it answered what was not asked: %.60q", line)
	}
	delete(w.waits, name)
	c <- r
	return nil
}

// ask gives an order and makes a place for its answer.
func (w *process) ask(name string, o jobs.Order) <-chan jobs.Report {
	c := make(chan jobs.Report, 1)
	w.mu.Lock()
	w.waits[name] = c
	w.mu.Unlock()
	w.tell(o)
	return c
}

// kill ends the worker by force.
func (w *process) kill(why string) {
	w.mu.Lock()
	if w.killed == "" {
		w.killed = why
	}
	w.mu.Unlock()
	_ = w.cmd.Process.Kill()
}

func (w *process) closing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.killed != ""
}

// end ends the worker in order, or by force where it does not go, and waits
// until nothing of it is left.
func (w *process) end() {
	w.mu.Lock()
	if w.killed == "" {
		w.killed = "the scan was stopped"
	}
	w.mu.Unlock()
	_ = w.in.Close()
	timer := time.AfterFunc(times.end, func() { _ = w.cmd.Process.Kill() })
	defer timer.Stop()
	<-w.gone
	w.work.Wait()
}

// clean removes what the worker had of us.
func (w *process) clean() {
	_ = w.socket.Close()
	w.mu.Lock()
	for c := range w.lines {
		_ = c.Close()
	}
	w.mu.Unlock()
	if w.in != nil {
		_ = w.in.Close()
	}
	_ = os.RemoveAll(w.folder)
}

// shut closes a target, if this worker has it.
func (w *process) shut(id int) {
	w.mu.Lock()
	_, has := w.opens[strconv.Itoa(id)]
	delete(w.opens, strconv.Itoa(id))
	w.mu.Unlock()
	if has {
		w.tell(jobs.Order{Shut: &jobs.Shut{Target: id}})
	}
}

// wait waits for an answer, for the worker's end, or for within to pass, upon
// which the worker is ended.
func (w *process) wait(c <-chan jobs.Report, within time.Duration, what string) (jobs.Report, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case r := <-c:
		return r, nil
	case <-w.gone:
	case <-timer.C:
		w.kill("it hung: " + what)
		<-w.gone
	}
	select {
	case r := <-c:
		return r, nil
	default:
		return jobs.Report{}, &ended{why: w.reason, blamed: strings.HasPrefix(w.reason, "it hung: "+what)}
	}
}

// grace is how long a run that was told to stop may still take: parts of
// nuclei do not hear of it before their own time is over.
func (w *process) grace() time.Duration { return 10*w.pool.opts.Timeout + times.grace }

// run runs a template and gives the answer. Until then, or until the worker
// has ended, it does not return: somebody waits for ctx elsewhere.
func (w *process) run(ctx context.Context, id int, key string, requests int) (jobs.Answer, error) {
	seq := w.pool.number()
	c := w.ask("run "+strconv.Itoa(seq), jobs.Order{Run: &jobs.Run{Seq: seq, Target: id, Template: key}})
	bound := time.NewTimer(w.bound(requests))
	defer bound.Stop()
	var late error
	select {
	case r := <-c:
		return *r.Answer, nil
	case <-w.gone:
		select {
		case r := <-c: // it came just before
			return *r.Answer, nil
		default:
			return jobs.Answer{}, &ended{why: w.reason}
		}
	case <-ctx.Done():
		late = ctx.Err()
	case <-bound.C:
		late = context.DeadlineExceeded
	}
	w.tell(jobs.Order{Stop: &jobs.Stop{Seq: seq}})
	r, err := w.wait(c, w.grace(), "run "+strconv.Itoa(seq))
	if err != nil {
		return jobs.Answer{}, err
	}
	if r.Answer.Found {
		return *r.Answer, nil
	}
	return jobs.Answer{}, late
}

// bound is how long a run may take: each request may be made twice, each time
// with as long as the relay lets a whole exchange be.
func (w *process) bound(requests int) time.Duration {
	return times.run + 2*(1+wholeExchange)*w.pool.opts.Timeout*time.Duration(min(requests, 100))
}
