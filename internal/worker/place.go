package worker

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// place is what connections of the worker lead to: a host, a port and an
// address. Sessions of one place share its connections, for behind the wall
// nothing tells whose a connection is.
type place struct {
	target  jobs.Target
	timeout time.Duration
	work    sync.WaitGroup // relays

	mu      sync.Mutex
	open    []*Session // none: closed for good
	turns   int        // asked for and not used yet, by the runs under way
	granted int        // asked for by the runs under way, used or not
	conns   map[net.Conn]struct{}
	history
}

func placeOf(t jobs.Target) string {
	return strings.ToLower(strings.TrimSuffix(t.Host, ".")) + "|" + t.Addr + "|" + strconv.Itoa(t.Port)
}

// leave takes a session away. After the last one nothing is left.
func (p *place) leave(s *Session) (last bool) {
	p.mu.Lock()
	p.open = slices.DeleteFunc(p.open, func(o *Session) bool { return o == s })
	last = len(p.open) == 0
	if last {
		for c := range p.conns {
			_ = c.Close()
		}
	}
	p.mu.Unlock()
	return last
}

// dial connects to the target, by the one address that its host stands for,
// with the hooks of any session that is open. Where those of one may not
// connect, those of another, which may be of another scan, still may.
func (p *place) dial() (conn net.Conn, err error) {
	host := p.target.Addr
	if host == "" {
		host = p.target.Host
	}
	address := net.JoinHostPort(host, strconv.Itoa(p.target.Port))
	err = fact.Because(fact.Skipped, "the target was closed")
	tried := map[*Session]bool{}
	for {
		s, ctx := p.enter(tried)
		if s == nil {
			return nil, err
		}
		conn, err = s.hooks.Dial(ctx, address)
		s.dials.Done()
		if err == nil {
			return p.keep(conn)
		}
		if u := fact.FromError(err); s.ctx.Err() == nil && u.Cause != fact.OutOfScope && u.Cause != fact.Denied && u.Cause != fact.Skipped {
			return nil, err
		}
		tried[s] = true
	}
}

// enter gives a session to connect by that was not tried. It is not closed
// before it is done.
func (p *place) enter(tried map[*Session]bool) (*Session, context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.open, func(s *Session) bool { return s.ctx.Err() == nil && !tried[s] })
	if i < 0 {
		return nil, nil
	}
	s := p.open[i]
	s.dials.Add(1)
	ctx := s.ctx
	if p.turns > 0 {
		p.turns--
		ctx = context.WithValue(ctx, paid{}, true)
	}
	return s, ctx
}

func (p *place) keep(conn net.Conn) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == 0 {
		_ = conn.Close()
		return nil, fact.Because(fact.Skipped, "the target was closed")
	}
	p.conns[conn] = struct{}{}
	p.work.Add(1)
	return conn, nil
}

func (p *place) release(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	delete(p.conns, conn)
	p.mu.Unlock()
	p.work.Done()
}

// web tells whether any of the sessions speaks HTTP, where an end means
// something.
func (p *place) web() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.open, func(s *Session) bool { return s.target.Scheme != "" })
}
