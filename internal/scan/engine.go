package scan

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
	"github.com/sansang/sansang/internal/worker"
)

// How many runs in a row, of templates or of the control, may end without a
// word of the endpoint before no more are tried there: of one that never said
// anything, and of one that did.
const (
	mute     = 3
	speaking = 12
)

// engine runs templates on one endpoint, by the template worker. Each
// connection that the worker wants is one of the visit.
type engine struct {
	guard *Guard
	pool  *worker.Pool
	to    inventory.Endpoint
	dial  checks.DialFunc

	mu      sync.Mutex
	session *worker.Session
	refused *fact.Unknown // why there is no session
	heard   bool          // a run had a word of it
	failed  int           // runs in a row that had none
	given   *fact.Unknown // why nothing more is asked
}

// Engine gives the way to run templates, for Scan.Engine. The pool may be that
// of other scans too: each connection is made by the guard of its own.
func (g *Guard) Engine(pool *worker.Pool) func(inventory.Endpoint, checks.DialFunc) Engine {
	return func(e inventory.Endpoint, dial checks.DialFunc) Engine {
		return &engine{guard: g, pool: pool, to: e, dial: dial}
	}
}

// WithoutEngine stands for the way to run templates where there is none: each
// is Unknown for the reason given.
func WithoutEngine(why *fact.Unknown) func(inventory.Endpoint, checks.DialFunc) Engine {
	return func(inventory.Endpoint, checks.DialFunc) Engine { return noEngine{why} }
}

type noEngine struct{ why *fact.Unknown }

func (e noEngine) Run(context.Context, *templates.Template) (jobs.Answer, error) {
	return jobs.Answer{}, e.why
}

func (noEngine) Close() {}

// Run asks for one template. An endpoint over HTTP that said nothing to several
// in a row, and not to a path that does not exist either, is asked no more: what
// is left is unknown for the reason of the last. Another may not understand a
// protocol and stay silent, and answer the next.
func (e *engine) Run(ctx context.Context, t *templates.Template) (jobs.Answer, error) {
	s, err := e.open(ctx)
	if err != nil {
		return jobs.Answer{}, err
	}
	e.mu.Lock()
	given := e.given
	e.mu.Unlock()
	if given != nil {
		return jobs.Answer{}, given
	}
	a, err := s.Run(ctx, t)
	if u, n := e.count(a, err); u != nil && ctx.Err() == nil && e.to.Speaks(inventory.OverHTTP) {
		c, err := s.Run(ctx, checks.Control)
		if still, _ := e.count(c, err); still != nil && ctx.Err() == nil {
			e.mu.Lock()
			e.given = fact.Because(u.Cause, "not asked: "+strconv.Itoa(n)+" questions in a row before it had no answer ("+u.Detail+")")
			e.mu.Unlock()
		}
	}
	return a, err
}

// count counts the runs in a row that ended without a word. It gives the reason
// of the last, and their number, where they are many.
func (e *engine) count(a jobs.Answer, err error) (u *fact.Unknown, n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err == nil || a.Answers > 0 {
		e.heard, e.failed = true, 0
		return nil, 0
	}
	switch u = fact.FromError(err); u.Cause {
	case fact.Timeout, fact.Reset, fact.Unreachable:
		e.failed++
	default:
		return nil, 0
	}
	if e.failed >= speaking || e.failed >= mute && !e.heard {
		return u, e.failed
	}
	return nil, 0
}

// open begins the session at the address that the endpoint's name stands for.
func (e *engine) open(ctx context.Context) (*worker.Session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.refused != nil {
		return nil, e.refused
	}
	if e.session != nil {
		return e.session, nil
	}
	target, err := e.target(ctx)
	if err != nil {
		if ctx.Err() == nil {
			e.refused = fact.FromError(err)
		}
		return nil, err
	}
	e.session = e.pool.Open(target, worker.Hooks{Dial: e.connect, Turn: e.turn, Resolver: e.guard.DialResolver})
	return e.session, nil
}

func (e *engine) target(ctx context.Context) (jobs.Target, error) {
	if e.to.Kind == inventory.Domain {
		return jobs.Target{Host: e.to.Target}, nil
	}
	host, port := e.to.HostPort()
	addr, err := e.guard.where(ctx, host)
	if err != nil {
		return jobs.Target{}, err
	}
	t := jobs.Target{Host: e.to.Name(), Addr: addr.String()}
	t.Port, _ = strconv.Atoi(port)
	if e.to.Speaks(inventory.OverHTTP) {
		u := e.to.URL()
		t.Scheme, t.Path = u.Scheme, strings.TrimRight((&url.URL{Path: u.Path}).EscapedPath(), "/")
	}
	return t, nil
}

// connect makes a connection that the worker asked for: to the endpoint, and
// to nothing else. The turn of a request pays near by for that of its connection.
func (e *engine) connect(ctx context.Context, _ string) (net.Conn, error) {
	if worker.Paid(ctx) {
		ctx = withTurn(ctx)
	}
	conn, err := e.dial(ctx, e.to.Address())
	if err != nil {
		return nil, err
	}
	return &hourly{Conn: conn, time: func() *fact.Unknown { return e.guard.scope.Time(e.guard.now()) }}, nil
}

// turn waits until n requests may be sent. Their connections take a turn of the
// rate of all when they are made, where we make them.
func (e *engine) turn(ctx context.Context, n int) error {
	defer checks.Turned(ctx)
	host, _ := e.to.HostPort()
	if e.to.Kind == inventory.Domain {
		return ctx.Err() // the resolver's own rate binds
	}
	addr, err := e.guard.where(ctx, host)
	if err != nil {
		return err
	}
	of := connects
	if wall, _ := e.pool.Wall(); wall != "" {
		of = asks
	}
	for range max(1, n) {
		if u := e.guard.scope.Time(e.guard.now()); u != nil {
			return u
		}
		if err := e.guard.throttle.take(ctx, addr, of); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the session.
func (e *engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.session != nil {
		e.session.Close()
	}
}

// where gives the one address that a host stands for in this scan.
func (g *Guard) where(ctx context.Context, host string) (netip.Addr, error) {
	addrs, err := g.addresses(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0], nil
}

type turnKey struct{}

// withTurn marks a connection whose turn has come already.
func withTurn(ctx context.Context) context.Context {
	return context.WithValue(ctx, turnKey{}, true)
}

func hasTurn(ctx context.Context) bool { return ctx.Value(turnKey{}) != nil }
