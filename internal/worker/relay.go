package worker

import (
	"bufio"
	"errors"
	"io"
	"net"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// relay carries bytes both ways until one side or the clock ends it. The
// worker sees an end only where the target ended; all else looks cut.
func (p *place) relay(near *net.UnixConn, in *bufio.Reader, far net.Conn) {
	e := newExchange(p.timeout, time.Now())
	up := make(chan struct{})
	go func() {
		defer close(up)
		p.send(far, in, e)
	}()
	if p.deliver(near, far, e) == nil {
		_ = jobs.WriteFrame(near, nil)
	}
	_ = far.SetDeadline(time.Now()) // wakes what still sends
	_ = near.CloseRead()
	<-up
}

// How much is carried at once: most connections are kept alive by a client
// that has asked its little, and hold their room all the while.
const (
	question = 4 << 10 // the client's, with the line before it
	answer   = 4 << 10 // the target's, until one fills it
	page     = 32 << 10
)

// send carries the client's bytes to the target.
func (p *place) send(far net.Conn, near *bufio.Reader, e *exchange) {
	for {
		if _, err := near.Peek(1); err != nil {
			break
		}
		b, _ := near.Peek(near.Buffered()) // all that came, in one piece
		e.send(time.Now())
		_ = far.SetWriteDeadline(time.Now().Add(p.timeout))
		if _, err := far.Write(b); err != nil {
			p.lost(fact.FromError(err))
			return
		}
		_, _ = near.Discard(len(b))
	}
	e.finish()
	_ = far.SetReadDeadline(e.due())
	if half, ok := far.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// deliver carries the target's bytes to the client. No error: it ended.
func (p *place) deliver(near net.Conn, far net.Conn, e *exchange) error {
	buf := make([]byte, jobs.FrameHead+answer)
	for {
		_ = far.SetReadDeadline(e.due())
		n, err := far.Read(buf[jobs.FrameHead:])
		if n > 0 {
			e.receive(time.Now())
			p.got(n)
			_ = near.SetWriteDeadline(time.Now().Add(wholeExchange * p.timeout))
			if werr := jobs.WriteFramed(near, buf[:jobs.FrameHead+n]); werr != nil {
				return werr // the worker is not there any more
			}
			if jobs.FrameHead+n == len(buf) && n < page {
				buf = make([]byte, jobs.FrameHead+page)
			}
		}
		switch now := time.Now(); {
		case err == nil && now.Before(e.due()):
		case err == nil, cutOff(err) && !now.Before(e.due()):
			u, awaited := e.over(now)
			if awaited {
				p.fail(u)
				return u
			}
			p.lost(u)
			if !p.web() {
				return nil // it has said what it had to say; nobody counts on an end
			}
			return u
		case cutOff(err): // more was sent meanwhile
		case errors.Is(err, io.EOF):
			return nil
		default:
			if e.awaits() {
				p.fail(fact.FromError(err))
			} else {
				p.lost(fact.FromError(err))
			}
			return err
		}
	}
}
