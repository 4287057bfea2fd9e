package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/sansang/sansang/internal/store"
)

// lookWorker is what River calls for the job of a task.
type lookWorker struct {
	river.WorkerDefaults[look]
	s *session
}

func (l *lookWorker) Work(ctx context.Context, j *river.Job[look]) error {
	defer l.s.gate.leave(j.ID)
	return l.s.work(ctx, j)
}

func argsOf(j *rivertype.JobRow) (l look, ok bool) {
	err := json.Unmarshal(j.EncodedArgs, &l)
	return l, err == nil && j.Kind == l.Kind()
}

// mostStall is how long a look may have waited for the database before it is
// done anew: its time was not used for looking, and so it may have seen less.
const mostStall = 15 * time.Second

// work takes the task of a job, looks, and lands the result. A job without a
// task to be had is stale and done. An error leaves the job to River.
func (s *session) work(ctx context.Context, j *river.Job[look]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	h := &held{cancel: cancel}
	if !s.hold(j.Args.key(), h) {
		return river.JobSnooze(time.Second) // an earlier look at the same is just ending
	}
	defer s.drop(j.Args.key(), h)
	if s.ctx.Err() != nil {
		return river.JobSnooze(0)
	}
	if d, err := s.later(ctx, j); err != nil {
		return err
	} else if d > 0 {
		return river.JobSnooze(d)
	}
	t, ok, err := s.take(ctx, j, h)
	if err != nil || !ok {
		return err
	}
	s.o.Hooks.Began(t)
	begun, body := time.Now(), s.o.DB.NewBody()
	defer body.Drop()
	within, end := context.WithTimeoutCause(ctx, s.o.UnitTimeout, errTimeout)
	err = s.safely(within, t, body)
	why := context.Cause(within)
	end()
	r := result{body: body, begun: begun}
	if err == nil {
		r.reader = <-s.readers // reading and judging take much memory, so few units at once are
		defer r.free(s)
		err = r.read(t)
	}
	switch {
	case errors.Is(why, ErrLost):
		s.o.Hooks.Lost(t, ErrLost)
		return nil
	case why != nil && !errors.Is(why, errTimeout) && (err != nil || r.stopped()):
		if errors.Is(why, context.Canceled) {
			why = ErrStopping
		}
		s.o.Hooks.Lost(t, why)
		return s.giveBack(ctx, j, t, "", 0)
	case s.shares.stallOf(begun) > mostStall:
		s.o.Hooks.Lost(t, errCut)
		return s.giveBack(ctx, j, t, "", 0)
	case err != nil:
		return s.failed(ctx, j, t, err)
	}
	return s.land(ctx, j, t, &r)
}

// hold notes a task before it is taken, so that no beat takes it for unknown.
func (s *session) hold(k store.TaskKey, h *held) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.held[k]; twice {
		return false
	}
	s.held[k] = h
	return true
}

func (s *session) drop(k store.TaskKey, h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[k] == h {
		delete(s.held, k)
	}
}

// take makes the task of a job ours.
func (s *session) take(ctx context.Context, j *river.Job[look], h *held) (Task, bool, error) {
	t := Task{Vantage: s.o.Vantage}
	ok := false
	err := s.patiently(ctx, func(ctx context.Context) error {
		return s.o.DB.Tx(ctx, func(tx *store.Tx) (err error) {
			t.Generation, ok, err = tx.Take(ctx, j.Args.key(), j.Args.Generation, s.name(), s.o.Lease)
			if err != nil || !ok {
				return err
			}
			row, err := tx.Task(ctx, j.Args.key())
			t.Attempt = row.Attempts
			return err
		})
	})
	if err != nil || !ok {
		return t, false, err
	}
	s.mu.Lock()
	h.generation = t.Generation
	s.mu.Unlock()
	err = s.patiently(ctx, func(ctx context.Context) error {
		if t.Run, err = s.runOf(ctx, j.Args.Run); err != nil {
			return err
		}
		t.Unit, err = s.o.DB.ListUnit(ctx, t.Run.List, j.Args.Unit)
		return err
	})
	if err != nil { // stopped meanwhile, or the database went away just now
		return t, false, errors.Join(err, s.giveBack(ctx, j, t, "", 0))
	}
	t.Step = func(done, total int) { s.o.Hooks.Step(t, done, total) }
	return t, true, nil
}

func (s *session) runOf(ctx context.Context, id int64) (store.Run, error) {
	s.mu.Lock()
	r, ok := s.runs[id]
	s.mu.Unlock()
	if ok {
		return r, nil
	}
	r, err := s.o.DB.Run(ctx, id)
	if err == nil {
		s.mu.Lock()
		s.runs[id] = r
		s.mu.Unlock()
	}
	return r, err
}

// safely calls Look, and makes an error of a panic: one unit must not end the
// night of all others.
func (s *session) safely(ctx context.Context, t Task, w io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error().Str("unit", t.Unit.ID()).Interface("panic", p).Bytes("stack", debug.Stack()).Msg("a look came to a panic")
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.o.Look(ctx, t, w)
}
