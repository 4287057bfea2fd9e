package worker

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
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

	in      io.WriteCloser
	ordered chan struct{} // there is something in orders

	mu     sync.Mutex
	orders []byte                       // given and not written down the pipe yet
	waits  map[subject]chan jobs.Report // what was asked and not answered yet
	onces  map[subject]*once            // templates taken, targets opened
	killed string                       // why, if we did it
	lines  map[net.Conn]struct{}        // to the socket

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

// tell gives one order, and waits for nothing: that a worker takes none is seen
// by whoever waits for its answer.
func (w *process) tell(o jobs.Order) {
	b, err := json.Marshal(o)
	if err != nil {
		return // an order is plain data
	}
	w.mu.Lock()
	w.orders = append(append(w.orders, b...), '\n')
	w.mu.Unlock()
	select {
	case w.ordered <- struct{}{}:
	default:
	}
}

// write writes the orders down the pipe, which a worker that hangs may fill.
func (w *process) write() {
	for {
		select {
		case <-w.ordered:
			w.mu.Lock()
			b := w.orders
			w.orders = nil
			w.mu.Unlock()
			_, _ = w.in.Write(b) // that it failed is seen by the worker's end
		case <-w.gone:
			return
		}
	}
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
	_ = os.RemoveAll(w.folder + ".gone") // as the worker calls it while it removes it
}

// shut closes a target that this worker has open. Whoever has it opened sees to
// one that is not open yet, for the worker would not know it.
func (w *process) shut(id int) {
	of := subject{what: "open", id: id}
	w.mu.Lock()
	one := w.onces[of]
	open := one != nil && one.over()
	if open {
		delete(w.onces, of)
	}
	w.mu.Unlock()
	if open {
		w.tell(jobs.Order{Shut: &jobs.Shut{Target: id}})
	}
}
