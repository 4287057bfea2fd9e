package fleet

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// errAnew says that another vantage landed while we judged.
var errAnew = errors.New("another vantage landed meanwhile")

// land judges the unit by what is in of it, and keeps the result, what it says
// and that the job is done in one transaction.
func (s *session) land(ctx context.Context, j *river.Job[look], t Task, r *result) error {
	ctx = context.WithoutCancel(ctx) // the look was dear; stopping waits for this
	l := r.landing(t)
	judged, landed, err := s.judgeAndKeep(ctx, j, t, l, r)
	var d *defect
	switch {
	case errors.As(err, &d):
		return s.failed(ctx, j, t, d.error)
	case err != nil && (s.ctx.Err() != nil || store.Full(err)):
		s.o.Hooks.Lost(t, ErrStopping)
		return err
	case err != nil: // the database is there and does not take it: to look at the unit for ever would not help
		return s.failed(ctx, j, t, err)
	case !landed.OK:
		s.o.Hooks.Lost(t, ErrLost)
		return nil
	}
	judged.Complete = landed.In == landed.Of
	s.o.Hooks.Kept(t, l)
	s.o.Hooks.Landed(t, judged, time.Since(r.begun))
	return nil
}

// judgeAndKeep judges and keeps, and does both again where another vantage
// landed in between. Only the database has to be waited for patiently; judging
// has its queue.
func (s *session) judgeAndKeep(ctx context.Context, j *river.Job[look], t Task, l store.Landing, r *result) (judged store.Judgement, landed store.Landed, err error) {
	for {
		if r.reader == nil {
			r.reader = <-s.readers
			if err = r.read(t); err != nil {
				return judged, landed, err
			}
		}
		var all []*record.Assessment
		err = s.patiently(ctx, func(ctx context.Context) error {
			all, err = s.together(ctx, t, r.rec)
			return err
		})
		if err != nil {
			return judged, landed, err
		}
		if judged, err = s.judge(t, all); err != nil {
			return judged, landed, &defect{err}
		}
		in := len(all)
		all = nil
		r.free(s)
		err = s.patiently(ctx, func(ctx context.Context) error {
			landed, err = s.keep(ctx, j, l, judged, in)
			if err == nil && !landed.OK {
				landed, err = s.kept(ctx, l)
			}
			return err
		})
		if !errors.Is(err, errAnew) {
			return judged, landed, err
		}
	}
}

// defect is an error that trying again would not mend.
type defect struct{ error }

// together gives all assessments of the unit that are in, with ours last.
func (s *session) together(ctx context.Context, t Task, rec *record.Assessment) ([]*record.Assessment, error) {
	var all []*record.Assessment
	if len(t.Run.Vantages) > 1 {
		stored, err := s.o.DB.Assessments(ctx, t.Run.ID, t.Unit.ID())
		if err != nil {
			return nil, err
		}
		for _, one := range stored {
			a, err := readStored(one)
			if err != nil {
				return nil, &defect{fmt.Errorf("the assessment of %s from %q that is in: %w", one.Unit, one.Vantage, err)}
			}
			all = append(all, a)
		}
	}
	return append(all, rec), nil
}

func (s *session) judge(t Task, all []*record.Assessment) (j store.Judgement, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error().Str("unit", t.Unit.ID()).Interface("panic", p).Bytes("stack", debug.Stack()).Msg("judging came to a panic")
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.o.Judge(t, all)
}

// keep is the transaction of a landing.
func (s *session) keep(ctx context.Context, j *river.Job[look], l store.Landing, judged store.Judgement, in int) (landed store.Landed, err error) {
	err = s.o.DB.Tx(ctx, func(tx *store.Tx) error {
		if landed, err = tx.Land(ctx, l); err != nil || !landed.OK {
			return err
		}
		if landed.In != in {
			return errAnew
		}
		judged.Complete = landed.In == landed.Of
		if err := tx.Judged(ctx, l.Run, l.Unit, judged); err != nil {
			return err
		}
		if _, err := tx.EndIfDone(ctx, l.Run); err != nil {
			return err
		}
		return complete(ctx, tx, j)
	})
	return landed, err
}

// kept tells whether a landing that was refused was ours before: kept, and the
// word of it lost.
func (s *session) kept(ctx context.Context, l store.Landing) (store.Landed, error) {
	one, ok, err := s.o.DB.Assessment(ctx, l.TaskKey)
	if err != nil || !ok || one.Generation != l.Generation {
		return store.Landed{}, err
	}
	u, err := s.o.DB.Unit(ctx, l.Run, l.Unit)
	landed := store.Landed{OK: true, Of: 1}
	if u.Complete {
		landed.In = 1
	}
	return landed, err
}

func complete(ctx context.Context, tx *store.Tx, j *river.Job[look]) error {
	_, err := river.JobCompleteTx[driver](ctx, tx.SQL(), j)
	if errors.Is(err, river.ErrNotFound) {
		return nil // somebody tidied up; our tables are what counts
	}
	return err
}

// failed gives a task back after a defect of ours, to be tried again later, or
// gives it up.
func (s *session) failed(ctx context.Context, j *river.Job[look], t Task, err error) error {
	s.o.Log.Warn().Err(err).Str("unit", t.Unit.ID()).Int("attempt", t.Attempt).Msg("a look at a unit failed")
	s.o.Hooks.Failed(t, err)
	if store.Full(err) {
		s.fatal(err)
		return s.giveBack(ctx, j, t, err.Error(), j.Args.Failures)
	}
	return s.giveBack(ctx, j, t, err.Error(), j.Args.Failures+1)
}

// giveBack gives a task back with the number of its failures: at once where
// there is none, else later; after too many it is given up.
func (s *session) giveBack(ctx context.Context, j *river.Job[look], t Task, why string, failures int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	again := failures < s.o.Failures
	var at time.Time
	if failures > 0 {
		at = s.now().Add(s.o.Backoff << (failures - 1))
	}
	err := s.o.DB.Tx(ctx, func(tx *store.Tx) error {
		ok, err := tx.Fail(ctx, j.Args.key(), t.Generation, why, again)
		if err != nil {
			return err
		}
		if ok && again {
			row, err := tx.Task(ctx, j.Args.key())
			if err != nil {
				return err
			}
			if _, err := s.insert.InsertTx(ctx, tx.SQL(), job(row, failures, at).Args, job(row, failures, at).InsertOpts); err != nil {
				return err
			}
		} else if _, err := tx.EndIfDone(ctx, j.Args.Run); err != nil {
			return err
		}
		return complete(ctx, tx, j)
	})
	s.trouble(err)
	return nil // where it could not be given back, its lease runs out
}
