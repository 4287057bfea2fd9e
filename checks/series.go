package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"github.com/sansang/sansang/internal/wire/hello"
)

// series is exchanges with the endpoint one after the other, each over a
// connection of its own and up to the ClientHello. While one is under way the
// connection for the next is made, if the endpoint's room allows it: that
// halves the time where the way is long. The last such connection is closed
// unused.
type series struct {
	p      *Probe
	ctx    context.Context
	cancel context.CancelFunc
	room   bool // there is a place for the connection of the next exchange
	next   chan reached
}

// reached is a connection on which the ClientHello goes next, or why there is
// none.
type reached struct {
	conn     net.Conn
	err      error
	panicked any
}

// series begins one; end must be called when it is over.
func (p *Probe) series(ctx context.Context) *series {
	s := &series{p: p}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

func (s *series) end() {
	s.cancel()
	if s.next != nil {
		if r := <-s.next; r.err == nil {
			_ = r.conn.Close()
		}
	}
	if s.room {
		<-s.p.room
	}
}

// over lets talk speak for one exchange, as Probe.over does.
func (s *series) over(talk func(net.Conn) error) error {
	r := s.reach()
	s.prepare()
	if r.err != nil {
		return ofHello(r.err)
	}
	return ofHello(s.p.exchange(s.ctx, r.conn, func(_ context.Context, conn net.Conn) error { return talk(conn) }))
}

func (s *series) reach() (r reached) {
	if s.next == nil {
		r.conn, r.err = s.p.reachTLS(s.ctx)
		return r
	}
	r, s.next = <-s.next, nil
	if r.panicked != nil {
		panic(r.panicked) // where Observe makes an answer of it
	}
	return r
}

func (s *series) prepare() {
	if !s.room {
		select {
		case s.p.room <- struct{}{}:
			s.room = true
		default:
			return
		}
	}
	next := make(chan reached, 1)
	s.next = next
	go func() {
		var r reached
		defer func() {
			if p := recover(); p != nil {
				r = reached{err: errors.New("panic"), panicked: fmt.Sprintf("%v\n%s", p, debug.Stack())}
			}
			next <- r
		}()
		r.conn, r.err = s.p.reachTLS(s.ctx)
	}()
}

// ask is a hello.Asker.
func (s *series) ask(o hello.Offer) (a hello.Answer, err error) {
	err = s.over(func(conn net.Conn) (err error) { a, err = hello.Ask(conn, o); return err })
	return a, err
}

// askGroup is a hello.GroupAsker.
func (s *series) askGroup(o hello.Offer) (c hello.GroupChoice, err error) {
	err = s.over(func(conn net.Conn) (err error) { c, err = hello.AskGroup(conn, o); return err })
	return c, err
}
