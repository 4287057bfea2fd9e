package worker

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

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

// readBounded gives the next line, until the one after it is read.
func readBounded(r *bufio.Reader) ([]byte, error) {
	var line []byte // where it is longer than the reader holds
	for {
		part, err := r.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if line == nil && !more {
			return part, err
		}
		if line = append(line, part...); len(line) > mostReport {
			return nil, errors.New("it said a line that is too long")
		}
		if !more {
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
	var of subject
	switch {
	case r.Ready != nil:
		of.what = "ready"
	case r.Loaded != nil:
		of = subject{what: "load", key: r.Loaded.Key}
	case r.Opened != nil:
		of = subject{what: "open", id: r.Opened.ID}
	case r.Answer != nil:
		of = subject{what: "run", id: r.Answer.Seq}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.waits[of]
	if c == nil {
		return fmt.Errorf("it answered what was not asked: %.60q", line)
	}
	delete(w.waits, of)
	c <- r
	return nil
}
