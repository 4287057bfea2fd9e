// Package fleet works runs: River hands out tasks (a unit, looked at from one
// place) to workers of this process and of others, and the store's tables say
// what is done. A result lands only while its task is still that worker's, so
// that whatever is killed, cut off or run twice, nothing is lost or doubled.
//
// Decision 35 tells how, decision 36 how workers share the rates.
package fleet

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// Task is a look at a unit from one place.
type Task struct {
	Run        store.Run
	Unit       store.ListUnit
	Vantage    record.Vantage
	Generation int64
	Attempt    int // from 1; each take counts

	Step func(done, total int) // tells how far the look is; never nil
}

// Look looks at the unit of a task and writes the whole assessment, in the form
// of internal/record. When ctx ends it stops, ends the record as one that was
// stopped, and returns soon. An error means that the result could not be kept
// or that this program has a defect; it never says anything about the unit.
type Look func(ctx context.Context, t Task, w io.Writer) error

// Judge judges a unit by the assessments that are in, one a vantage, the newest
// last and without its exchanges (see record.Reader); that one is gone when Judge
// returns. Complete is set by the caller.
type Judge func(t Task, records []*record.Assessment) (store.Judgement, error)

// Planner makes the run of a schedule that is due. Kind, Units and Priority
// are set by the caller.
type Planner func(ctx context.Context, s store.Schedule) (store.NewRun, error)

// Later tells of a run whose units wait for their hours how long one must wait
// before it is looked at, 0 or less: not at all; nil: the run's units do not wait.
type Later func(store.Run) func(store.ListUnit) time.Duration

// Options says how a worker works. What is left out is as the defaults say.
type Options struct {
	DB      *store.DB
	Vantage record.Vantage
	Look    Look
	Judge   Judge
	Version string // of the program

	Least, Most int                   // units at once; 2 and 256. The same number twice keeps it there
	Memory      uint64                // bytes in use in this process, garbage left out, above which no more units at once are tried; 200 MB
	Lease       time.Duration         // how long a worker may be silent before others take its tasks; 30 s
	UnitTimeout time.Duration         // for one look at a unit; 6 h, for ranges of hosts take long
	Failures    int                   // looks at a unit that may fail by a defect of ours before it is given up; 4
	Backoff     time.Duration         // before a failed look is tried again, doubled each time; 5 s
	Accept      func(store.Run) error // of Work(ctx, 0): why a run cannot be worked here; nil: all can
	Schedules   Planner               // of Work(ctx, 0); nil: schedules are not looked at
	Later       Later                 // nil: every look is begun when its turn comes

	Hooks Hooks
	Now   func() time.Time // the clock of River and of jumps; nil: the system's. Durations are by the monotonic clock
	Log   zerolog.Logger
}

// Hooks are told what happens, from several goroutines at once. They must not
// block. Any may be nil.
type Hooks struct {
	Began   func(Task)
	Step    func(t Task, done, total int)
	Kept    func(t Task, l store.Landing) // what was kept, just before Landed
	Landed  func(t Task, j store.Judgement, took time.Duration)
	Failed  func(t Task, err error)        // by a defect of ours; the task is tried again, or given up
	Lost    func(t Task, why error)        // the task is somebody else's, was cancelled, or this worker stops
	Trouble func(err error)                // the database did not do what was asked; it is asked again
	Gate    func(limit, at int)            // units that may be looked at at once, and that are; each second
	Refused func(run store.Run, why error) // Accept said no
	Planned func(s store.Schedule, run store.Run)
}

// Why a look ended before its time.
var (
	ErrStopping = errors.New("the worker stops")
	ErrLost     = errors.New("the task was cancelled, or given to another worker")
	errCut      = errors.New("the worker was cut off from the database and made no connection meanwhile")
	errMoved    = errors.New("the clock of this machine was moved, or the machine slept, while it looked")
	errTimeout  = errors.New("the look at the unit took longer than it may")
)

func (o Options) withDefaults() (Options, error) {
	if o.DB == nil || o.Look == nil || o.Judge == nil {
		return o, errors.New("a worker needs a database, a look and a judge")
	}
	defaults := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	defaults(&o.Lease, 30*time.Second)
	defaults(&o.UnitTimeout, 6*time.Hour)
	defaults(&o.Backoff, 5*time.Second)
	if o.Most <= 0 {
		o.Most = 256
	}
	if o.Least <= 0 {
		o.Least = min(2, o.Most)
	}
	if o.Least > o.Most {
		return o, errors.New("a worker cannot look at fewer units than it must")
	}
	if o.Memory == 0 {
		o.Memory = 200 << 20
	}
	if o.Failures <= 0 {
		o.Failures = 4
	}
	o.Hooks = o.Hooks.whole()
	return o, nil
}

// whole fills in the hooks that nobody waits for.
func (h Hooks) whole() Hooks {
	if h.Began == nil {
		h.Began = func(Task) {}
	}
	if h.Step == nil {
		h.Step = func(Task, int, int) {}
	}
	if h.Kept == nil {
		h.Kept = func(Task, store.Landing) {}
	}
	if h.Landed == nil {
		h.Landed = func(Task, store.Judgement, time.Duration) {}
	}
	if h.Failed == nil {
		h.Failed = func(Task, error) {}
	}
	if h.Lost == nil {
		h.Lost = func(Task, error) {}
	}
	if h.Trouble == nil {
		h.Trouble = func(error) {}
	}
	if h.Gate == nil {
		h.Gate = func(int, int) {}
	}
	if h.Refused == nil {
		h.Refused = func(store.Run, error) {}
	}
	if h.Planned == nil {
		h.Planned = func(store.Schedule, store.Run) {}
	}
	return h
}
