package worker

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"os"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// accept gives the worker its connections, until the socket is closed.
func (w *process) accept() {
	for {
		c, err := w.socket.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // no descriptors: the next one may get one
			continue
		}
		w.mu.Lock()
		if w.lines == nil {
			w.lines = map[net.Conn]struct{}{}
		}
		w.lines[c] = struct{}{}
		w.mu.Unlock()
		w.work.Go(func() {
			w.serve(c)
			_ = c.Close()
			w.mu.Lock()
			delete(w.lines, c)
			w.mu.Unlock()
		})
	}
}

// serve gives one connection, or one answer of the DNS.
func (w *process) serve(c *net.UnixConn) {
	if w.dead() {
		return
	}
	in := bufio.NewReaderSize(c, question)
	_ = c.SetReadDeadline(time.Now().Add(w.pool.opts.Timeout))
	var d jobs.Dial
	if err := jobs.ReadLine(in, &d); err != nil {
		return
	}
	if d.Question != "" {
		w.question(c, in, d)
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	p := w.pool.place(d.Targets)
	if p == nil {
		reply(c, fact.Because(fact.OutOfScope, "no target is open by these numbers"))
		return
	}
	conn, err := p.dial()
	if err != nil {
		u := fact.FromError(err)
		p.fail(u)
		reply(c, u)
		return
	}
	defer p.release(conn)
	if reply(c, nil) {
		p.relay(c, in, conn)
	}
}

func reply(c net.Conn, u *fact.Unknown) bool {
	var d jobs.Dialed
	if u != nil {
		d.Cause, d.Detail = string(u.Cause), u.Detail
	}
	b, err := json.Marshal(d)
	if err == nil && len(b) > 2<<10 {
		b, err = json.Marshal(jobs.Dialed{Cause: d.Cause})
	}
	if err == nil {
		_, err = c.Write(append(b, '\n'))
	}
	return err == nil
}

// cutOff tells whether a connection ended by a deadline of ours.
func cutOff(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
