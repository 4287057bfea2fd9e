package worker

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// Hooks are how a session reaches its target. All are called side by side.
type Hooks struct {
	// Dial connects to the target. The connection may outlive the session where
	// another one is open on the same host and port. Where Paid(ctx) is true, the connection's
	// turn was asked for by Turn already.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Turn waits until n requests may be made. It is called before a template
	// is run, with the most that it makes.
	Turn func(ctx context.Context, n int) error
	// Resolver connects to the resolver, over "udp" or "tcp"; nil: the DNS is
	// not asked of names of this target.
	Resolver func(ctx context.Context, network string) (net.Conn, error)
}

type paid struct{}

// Paid tells, inside Hooks.Dial, whether a Turn stands for this connection.
func Paid(ctx context.Context) bool { return ctx.Value(paid{}) != nil }

// Session is one target, for as long as templates are run on it.
type Session struct {
	pool   *Pool
	target jobs.Target
	hooks  Hooks
	ctx    context.Context
	cancel context.CancelFunc
	place  *place
	dials  sync.WaitGroup // by its hooks, under way
	has    *named         // the name that it holds; under pool.mu
}

// Run runs one template on the target, and does not outlast ctx, whatever goes
// on in the worker. The error is a *fact.Unknown.
func (s *Session) Run(ctx context.Context, t *templates.Template) (jobs.Answer, error) {
	if !s.pool.begin() {
		return jobs.Answer{}, fact.Because(fact.Skipped, "the scan was stopped")
	}
	defer s.pool.work.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)() //nolint:contextcheck // either ends it
	a := s.run(ctx, t)
	if a.Cause != "" {
		return a, fact.Because(fact.Cause(a.Cause), a.Detail)
	}
	return a, nil
}

// Close ends the session: what still runs on it, and its connections, unless
// another session of the same host and port has a use for them.
func (s *Session) Close() {
	s.cancel()
	p := s.pool
	p.mu.Lock()
	_, open := p.sessions[s.target.ID]
	delete(p.sessions, s.target.ID)
	last := open && s.place.leave(s)
	if last {
		delete(p.places, placeOf(s.target))
	}
	w := p.current
	p.mu.Unlock()
	s.dials.Wait()
	if open && w != nil {
		w.shut(s.target.ID)
	}
	s.yield()
	if last {
		s.place.work.Wait()
	}
}

// run gives the one answer. What was under way when the worker ended is tried
// once more, alone; what ends it again is to blame.
func (s *Session) run(ctx context.Context, t *templates.Template) jobs.Answer {
	a, err := s.attempt(ctx, t, false)
	var gone *ended
	if errors.As(err, &gone) && !gone.blamed {
		s.pool.opts.Log.Info().Str("template", t.ID).Str("why", gone.why).Msg("the template worker ended; the run is tried once more, alone")
		a, err = s.attempt(ctx, t, true)
	}
	if errors.As(err, &gone) {
		return unknown(fact.Because(fact.Broken, "the template worker ended while it ran this: "+gone.why))
	}
	if err != nil {
		return unknown(fact.FromError(err))
	}
	return a
}

// attempt has the template loaded, waits for its turn and runs it. An error
// of type *ended says that the worker ended.
func (s *Session) attempt(ctx context.Context, t *templates.Template, alone bool) (jobs.Answer, error) {
	var n int
	err := s.inside(ctx, alone, func(w *process) (err error) {
		n, err = w.load(ctx, t)
		return err
	})
	if err != nil {
		return jobs.Answer{}, err
	}
	n = max(1, n)
	if err := s.turn(ctx, n); err != nil {
		return jobs.Answer{}, err
	}
	defer s.spent(n)
	if err := s.claim(ctx); err != nil {
		return jobs.Answer{}, err
	}
	slots, err := s.pool.slots(ctx, t)
	defer func() { slots.free() }()
	if err != nil {
		return jobs.Answer{}, err
	}
	var a jobs.Answer
	err = s.inside(ctx, alone, func(w *process) error {
		if _, err := w.load(ctx, t); err != nil {
			return err
		}
		if err := w.open(ctx, s.target); err != nil {
			return err
		}
		since := s.place.mark()
		a, err = w.run(ctx, s.target.ID, keyOf(t), n, func() (over func()) {
			s.pool.gate.stay()
			held := slots
			slots = nil
			return func() { held.free(); s.pool.gate.leave() }
		})
		if err == nil {
			a = s.judge(a, since, t, w.ready.Wall != "")
		}
		return err
	})
	return a, err
}

// turn waits for the turn of n requests.
func (s *Session) turn(ctx context.Context, n int) error {
	if s.hooks.Turn == nil {
		return nil
	}
	if err := s.hooks.Turn(ctx, n); err != nil {
		return err
	}
	p := s.place
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turns, p.granted = p.turns+n, p.granted+n
	return nil
}

// spent ends a run of n requests. Turns are not kept for later, when they would
// make a burst: no more are left than those of the runs under way.
func (s *Session) spent(n int) {
	if s.hooks.Turn == nil {
		return
	}
	p := s.place
	p.mu.Lock()
	defer p.mu.Unlock()
	p.granted -= n
	p.turns = min(p.turns, p.granted)
}

// inside does f with a worker, among others or alone.
func (s *Session) inside(ctx context.Context, alone bool, f func(*process) error) error {
	if err := s.pool.gate.enter(ctx, alone); err != nil {
		return err
	}
	defer s.pool.gate.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := s.pool.ready(ctx)
	if err != nil {
		return err
	}
	return f(w)
}

func unknown(u *fact.Unknown) jobs.Answer {
	return jobs.Answer{Cause: string(u.Cause), Detail: u.Detail}
}
