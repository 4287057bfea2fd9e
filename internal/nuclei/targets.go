package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// target is one open target with an engine of its own.
type target struct {
	jobs.Target
	engine  runner
	pinned  pinned
	running sync.WaitGroup
	shut    atomic.Bool
	refused atomic.Pointer[netip.AddrPort] // the last address that was none of the target
	stop    context.CancelFunc
	ctx     context.Context

	mu     sync.Mutex
	loaded map[string]error
}

func (s *server) open(to jobs.Target) {
	r := jobs.Opened{ID: to.ID}
	if err := s.opened(to); err != nil {
		r.Error = err.Error()
	}
	s.report(jobs.Report{Opened: &r})
}

func (s *server) opened(to jobs.Target) (err error) {
	defer recovered(&err)
	t := &target{Target: to, loaded: map[string]error{}}
	t.ctx, t.stop = context.WithCancel(context.Background())
	for range 500 { // whoever had the name was told to leave it, and may be about to
		if t.pinned, err = s.net.pin(to); !errors.Is(err, errInUse) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return err
	}
	if t.engine, err = s.engine(t); err != nil {
		s.net.unpin(to, t.pinned)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.targets[to.ID] != nil {
		return fmt.Errorf("target %d is open already", to.ID)
	}
	s.targets[to.ID] = t
	return nil
}

func (s *server) shut(id int) {
	s.mu.Lock()
	t := s.targets[id]
	delete(s.targets, id)
	s.mu.Unlock()
	if t == nil {
		return
	}
	t.stop()
	t.mu.Lock() // a run that has begun is waited for
	t.shut.Store(true)
	t.mu.Unlock()
	s.net.unpin(t.Target, t.pinned)
	t.running.Wait()
	s.rest(t.engine)
}

// engine gives the target one that rests, or a new one.
func (s *server) engine(t *target) (runner, error) {
	s.building.Lock()
	defer s.building.Unlock()
	c := s.config(t)
	if n := len(s.resting); n > 0 {
		e := s.resting[n-1]
		s.resting = s.resting[:n-1]
		e.Obey(c.Allow)
		return e, nil
	}
	return s.build(c)
}

// mostResting bounds the engines that wait for a target.
const mostResting = 32

func (s *server) rest(e runner) {
	s.building.Lock()
	defer s.building.Unlock()
	if len(s.resting) < mostResting && e.Rest() {
		s.resting = append(s.resting, e)
		return
	}
	e.Close()
}

// config is that of an engine for t, or for nobody.
func (s *server) config(t *target) Config {
	c := Config{Timeout: time.Duration(s.start.TimeoutMillis) * time.Millisecond, Agent: s.start.Agent, Folder: s.start.Folder,
		Relayed: s.net.relayed, Resolver: s.net.questions, Names: s.net.names.at, Allow: func(netip.AddrPort) bool { return false }}
	if s.net.relayed {
		c.Direct = s.net.direct
	}
	if s.start.Trace {
		c.Trace = func(level, msg string) { say(s.trouble, "%s %.500s", level, msg) }
	}
	if t != nil {
		c.Allow = func(a netip.AddrPort) bool {
			if !t.shut.Load() && (t.pinned.is(a) || s.net.asks(a)) {
				return true
			}
			t.refused.Store(&a)
			return false
		}
	}
	return c
}

func (t *target) run(ctx context.Context, key string, text []byte) (jobs.Answer, error) {
	t.mu.Lock()
	if t.shut.Load() {
		t.mu.Unlock()
		return jobs.Answer{Cause: "skipped", Detail: "the target was closed"}, nil
	}
	t.running.Add(1)
	t.mu.Unlock()
	defer t.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.ctx, cancel)() //nolint:contextcheck // either ends it
	before := t.refused.Load()
	a, sure := t.engine.Glance(ctx, t.Target, text)
	if !sure {
		if err := t.load(key, text); err != nil {
			return jobs.Answer{}, errors.New("the engine does not take the template: " + err.Error())
		}
		a = t.engine.Run(ctx, t.Target, key)
	}
	if to := t.refused.Load(); to != before && !a.Found && a.Cause == "" { // a script may catch the error
		a.Cause, a.Detail = "out-of-scope", "the template went for "+to.String()+", which is not the target"
	}
	return a, nil
}

// load has the engine take the template, unless it has it.
func (t *target) load(key string, text []byte) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	err, seen := t.loaded[key]
	if !seen {
		func() {
			defer recovered(&err)
			_, err = t.engine.Load(key, text)
		}()
		t.loaded[key] = err
	}
	return err
}
