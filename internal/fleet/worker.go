package fleet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// Worker works tasks of one vantage in this process.
type Worker struct {
	o       Options
	gate    *Gate
	shares  *shares
	readers chan *record.Reader // one for each unit that may be read and judged at once
}

// New makes a worker.
func New(o Options) (*Worker, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	w := &Worker{o: o, gate: newGate(o, runtime.GOMAXPROCS(0)), shares: newShares(o.DB, o.Lease), readers: make(chan *record.Reader, runtime.NumCPU())}
	for range cap(w.readers) {
		w.readers <- &record.Reader{}
	}
	return w, nil
}

// Gate gives how many units may be looked at at once, and how many are.
func (w *Worker) Gate() (limit, at int) { return w.gate.Now() }

// session is one call of Work.
type session struct {
	*Worker
	run    int64
	river  *client
	insert *client // works nothing
	host   string
	stop   context.CancelCauseFunc // ends the session
	ctx    context.Context         // of the session
	clock  *jumps

	ending   context.Context // is over when River is to give up on a database that is away
	endRiver context.CancelFunc

	refused map[int64]time.Time // runs that cannot be worked here → when that was asked; of watch alone

	mu      sync.Mutex
	id      string // of the worker in the database
	held    map[store.TaskKey]*held
	strange map[store.TaskKey]int64 // what the database says we have and we have not → generation
	runs    map[int64]store.Run
	queues  map[string]store.Run // that are worked
	heard   time.Time            // when the database was last told that we live
	lenient time.Time            // until then nobody is taken for dead because of silence
}

// held is a task that this worker has taken, or is about to.
type held struct {
	generation int64 // 0: not taken yet
	cancel     context.CancelCauseFunc
}

// Work works the tasks of the worker's vantage: those of one run until none is
// left, or, with 0, those of any open run until ctx ends. When ctx ends, looks
// under way are stopped and given back, and its cause is returned. A full disk
// ends it with an error for which store.Full holds. One call at a time.
func (w *Worker) Work(ctx context.Context, run int64) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s := &session{Worker: w, run: run, host: hostName(), stop: stop, ctx: ctx, clock: newJumps(w.o.Now),
		held: map[store.TaskKey]*held{}, strange: map[store.TaskKey]int64{}, runs: map[int64]store.Run{}, queues: map[string]store.Run{}, refused: map[int64]time.Time{}}
	s.ending, s.endRiver = context.WithCancel(context.WithoutCancel(ctx))
	defer s.endRiver()
	if err := s.begin(ctx); err != nil {
		return errors.Join(err, s.leave(context.WithoutCancel(ctx)))
	}
	var loops sync.WaitGroup
	side, end := context.WithCancel(context.WithoutCancel(ctx))
	loops.Go(func() { s.beats(side) })
	loops.Go(func() { s.adjusts(side) })
	err := s.watch(ctx)
	s.gate.shut(true)
	s.stopLooks(ErrStopping)
	s.stopRiver(context.WithoutCancel(ctx))
	end()
	loops.Wait()
	return errors.Join(err, s.leave(context.WithoutCancel(ctx)))
}

func (s *session) begin(ctx context.Context) error {
	err := s.o.DB.Room()
	if err != nil { // else each look would fail, and all be given up
		return err
	}
	if s.insert, err = planner(s.o.DB, s.o.Now); err != nil {
		return err
	}
	if err := s.patiently(ctx, s.join); err != nil {
		return err
	}
	if err := s.patiently(ctx, s.beat); err != nil {
		return err
	}
	for s.shares.waiting() { // what is taken before the others have taken note of us could only wait
		if wait(ctx, s.o.Lease/30) != nil {
			return context.Cause(ctx)
		}
		if err := s.patiently(ctx, s.beat); err != nil {
			return err
		}
	}
	if s.river, err = s.newClient(); err != nil {
		return err
	}
	s.gate.shut(false)
	err = s.patiently(ctx, func(context.Context) error { return s.river.Start(context.WithoutCancel(ctx)) })
	if err != nil {
		return fmt.Errorf("the queue: %w", err)
	}
	return nil
}

func (s *session) now() time.Time {
	if s.o.Now != nil {
		return s.o.Now()
	}
	return time.Now()
}

func (s *session) name() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// join makes the worker known, under a new name each time.
func (s *session) join(ctx context.Context) error {
	w := store.Worker{ID: newID(s.host), Vantage: s.o.Vantage.Zone, Name: s.o.Vantage.Name, Host: s.host, PID: os.Getpid(), Version: s.o.Version}
	err := s.o.DB.Tx(ctx, func(tx *store.Tx) error { return tx.Join(ctx, w) })
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.id = w.ID
	s.mu.Unlock()
	s.shares.join(w.ID)
	return nil
}

// leave tells that the worker has ended. What it could not give back others
// take when its lease has run out.
func (s *session) leave(ctx context.Context) error {
	s.shares.leave()
	id := s.name()
	if id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := s.o.DB.Tx(ctx, func(tx *store.Tx) error {
		left, err := tx.Free(ctx, id) // what was taken in the moment of stopping
		if err != nil {
			return err
		}
		return errors.Join(insert(ctx, s.insert, tx, left), tx.Leave(ctx, id))
	})
	if store.Full(err) || store.Away(err) || errors.Is(err, context.DeadlineExceeded) {
		return nil // told already by what went before
	}
	return err
}

// stopRiver waits for the jobs to end, which the end of their looks makes soon.
func (s *session) stopRiver(ctx context.Context) {
	over := make(chan struct{})
	defer close(over)
	go s.ends(over)
	within, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if s.river.Stop(within) == nil {
		return
	}
	within, cancel = context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_ = s.river.StopAndCancel(within)
}

// stopLooks ends all looks under way.
func (s *session) stopLooks(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.held {
		h.cancel(why)
	}
}

// fatal ends the session with an error that no trying again would mend.
func (s *session) fatal(err error) { s.stop(err) }

// newID names a worker as nothing else is named.
func newID(host string) string {
	name, _, _ := strings.Cut(host, " ")
	return fmt.Sprintf("%.40s-%d-%s", name, os.Getpid(), rand.Text()[:8])
}
