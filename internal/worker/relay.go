package worker

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// dial connects to the target, by the one address that its host stands for.
func (s *Session) dial() (net.Conn, error) {
	host := s.target.Addr
	if host == "" {
		host = s.target.Host
	}
	ctx := s.ctx
	s.mu.Lock()
	if s.turns > 0 {
		s.turns--
		ctx = context.WithValue(ctx, paid{}, true)
	}
	s.mu.Unlock()
	conn, err := s.hooks.Dial(ctx, net.JoinHostPort(host, strconv.Itoa(s.target.Port)))
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
		return nil, context.Canceled
	}
	s.conns[conn] = struct{}{}
	s.work.Add(1)
	return conn, nil
}

func (s *Session) release(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	s.work.Done()
}

// relay carries bytes both ways until one side or the clock ends it. The
// worker sees an end only where the target ended; all else looks cut.
func (s *Session) relay(near *net.UnixConn, in io.Reader, far net.Conn) {
	e := newExchange(s.pool.opts.Timeout, time.Now())
	up := make(chan struct{})
	go func() {
		defer close(up)
		s.send(far, in, e)
	}()
	if s.deliver(near, far, e) == nil {
		_ = jobs.WriteFrame(near, nil)
	}
	_ = far.SetDeadline(time.Now()) // wakes what still sends
	_ = near.CloseRead()
	<-up
}

// send carries the client's bytes to the target.
func (s *Session) send(far net.Conn, near io.Reader, e *exchange) {
	buf := make([]byte, 32<<10)
	for {
		n, err := near.Read(buf)
		if n > 0 {
			e.send(time.Now())
			_ = far.SetWriteDeadline(time.Now().Add(s.pool.opts.Timeout))
			if _, err := far.Write(buf[:n]); err != nil {
				s.lost(fact.FromError(err))
				return
			}
		}
		if err != nil {
			break
		}
	}
	e.finish()
	_ = far.SetReadDeadline(e.due())
	if half, ok := far.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// deliver carries the target's bytes to the client. No error: it ended.
func (s *Session) deliver(near net.Conn, far net.Conn, e *exchange) error {
	buf := make([]byte, 32<<10)
	for {
		_ = far.SetReadDeadline(e.due())
		n, err := far.Read(buf)
		if n > 0 {
			e.receive(time.Now())
			s.got(n)
			_ = near.SetWriteDeadline(time.Now().Add(wholeExchange * s.pool.opts.Timeout))
			if werr := jobs.WriteFrame(near, buf[:n]); werr != nil {
				return werr // the worker is not there any more
			}
		}
		switch now := time.Now(); {
		case err == nil && now.Before(e.due()):
		case err == nil, cutOff(err) && !now.Before(e.due()):
			u, awaited := e.over(now)
			if awaited {
				s.fail(u)
				return u
			}
			s.lost(u)
			if s.target.Scheme == "" {
				return nil // it has said what it had to say; nobody counts on an end
			}
			return u
		case cutOff(err): // more was sent meanwhile
		case errors.Is(err, io.EOF):
			return nil
		default:
			if e.awaits() {
				s.fail(fact.FromError(err))
			} else {
				s.lost(fact.FromError(err))
			}
			return err
		}
	}
}
