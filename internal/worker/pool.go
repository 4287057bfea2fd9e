// Package worker runs templates in a process of their own: it starts
// sansang-nuclei, gives it its connections, watches over it, and gives exactly
// one answer to each run, whatever becomes of the worker.
package worker

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// Bounds of the whole worker, by what its engine stands.
const (
	mostScripts = 20 // of JavaScript at a time
	mostTLS     = 4  // of the ssl protocol at a time
)

// Options say which worker to run, and how.
type Options struct {
	Path    string        // of sansang-nuclei; empty: Beside
	Version string        // that it must have
	Timeout time.Duration // of connecting, and of silence while an answer is awaited
	Memory  int64         // bytes above which the worker is ended; 0: no bound
	Agent   string        // User-Agent over HTTP
	Log     zerolog.Logger
}

// Beside gives the path of the sansang-nuclei that lies beside this program.
func Beside() string {
	name := "sansang-nuclei"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		return filepath.Join(filepath.Dir(self), name)
	}
	return name
}

// Pool is one worker, started when it is first needed and again when it ended.
// It may serve many scans side by side: each session goes by hooks of its own.
type Pool struct {
	opts    Options
	ctx     context.Context
	stop    context.CancelFunc
	gate    gate
	scripts chan struct{}
	tls     chan struct{}
	work    sync.WaitGroup

	starting sync.Mutex // one start at a time
	raised   int        // index into walls of the one to try; under starting
	unwalled []string   // why those before it were none

	mu       sync.Mutex
	closed   bool
	current  *process
	fault    *Fault // for good
	failed   int    // starts in a row
	wall     string
	why      string
	last     int // ID or Seq given out last
	sessions map[int]*Session
	places   map[string]*place
	names    map[string]*named
}

// New makes a pool and starts nothing.
func New(o Options) *Pool {
	if o.Path == "" {
		o.Path = Beside()
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	p := &Pool{opts: o, scripts: make(chan struct{}, mostScripts), tls: make(chan struct{}, mostTLS), sessions: map[int]*Session{}, places: map[string]*place{}, names: map[string]*named{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// Wall says what keeps the worker from anything but its targets, beside its
// own guard: "network namespace", or "" and why. Before the first start
// neither is known.
func (p *Pool) Wall() (name, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wall, p.why
}

// Start starts the worker now; its error is a *Fault. Whoever does not call
// it learns of a missing worker from the first run.
func (p *Pool) Start() error {
	if _, f := p.process(); f != nil {
		return f
	}
	return nil
}

// Close ends the worker and all runs. Nothing is left.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	sessions := make([]*Session, 0, len(p.sessions))
	for _, s := range p.sessions {
		sessions = append(sessions, s)
	}
	p.mu.Unlock()
	p.stop()
	for _, s := range sessions {
		s.Close()
	}
	p.starting.Lock() // what was starting has started
	p.mu.Lock()
	running := p.current
	p.mu.Unlock()
	p.starting.Unlock()
	if running != nil {
		running.end()
	}
	p.work.Wait()
}

// begin counts work that Close waits for.
func (p *Pool) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.work.Add(1)
	}
	return !p.closed
}

// number gives a new ID.
func (p *Pool) number() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	return p.last
}

// place gives that of the first of these sessions that is open.
func (p *Pool) place(ids []int) *place {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		if s := p.sessions[id]; s != nil {
			return s.place
		}
	}
	return nil
}

// Open makes a session on a target. It starts nothing; the target's ID is
// given anew.
func (p *Pool) Open(t jobs.Target, h Hooks) *Session {
	t.ID = p.number()
	s := &Session{pool: p, hooks: h, target: t}
	s.ctx, s.cancel = context.WithCancel(p.ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	s.place = p.places[placeOf(t)]
	if s.place == nil {
		s.place = &place{target: t, timeout: p.opts.Timeout, conns: map[net.Conn]struct{}{}}
	}
	if p.closed {
		s.cancel()
		return s
	}
	p.places[placeOf(t)], p.sessions[t.ID] = s.place, s
	s.place.mu.Lock()
	s.place.open = append(s.place.open, s)
	s.place.mu.Unlock()
	return s
}

// process gives the worker that runs, and starts one where none does.
func (p *Pool) process() (*process, *Fault) {
	if w, fault := p.running(); w != nil || fault != nil {
		return w, fault
	}
	p.starting.Lock()
	defer p.starting.Unlock()
	if w, fault := p.running(); w != nil || fault != nil {
		return w, fault
	}
	w, fault := p.launch()
	p.mu.Lock()
	defer p.mu.Unlock()
	if fault == nil {
		p.current, p.failed = w, 0
		p.wall, p.why = w.ready.Wall, w.why
		return w, nil
	}
	if p.failed++; fault.final || p.failed >= 3 {
		p.fault = fault
	}
	return nil, fault
}

// ready is process for a caller who does not wait beyond ctx.
func (p *Pool) ready(ctx context.Context) (*process, error) {
	w, fault := p.running()
	if w == nil && fault == nil {
		type start struct {
			w     *process
			fault *Fault
		}
		started := make(chan start, 1)
		p.work.Go(func() {
			w, fault := p.process()
			started <- start{w, fault}
		})
		select {
		case s := <-started:
			w, fault = s.w, s.fault
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fault != nil {
		return nil, fault
	}
	return w, nil
}

// running gives the worker that runs, or says why none is to be started.
func (p *Pool) running() (*process, *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, &Fault{Text: stopped, Unknown: fact.Because(fact.Skipped, "the scan was stopped")}
	case p.fault == nil && p.current != nil && !p.current.dead():
		return p.current, nil
	}
	return nil, p.fault
}
