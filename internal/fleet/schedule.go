package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/store"
)

// What a schedule looks at, and how often.
const (
	Weekly = "weekly"
	Daily  = "daily"

	All  = "all"  // the whole list
	Open = "open" // units that are not ready, were not judged yet, or rest on something that runs out within Soon
)

// Soon is within which time what runs out makes a unit be looked at again.
const Soon = 30 * 24 * time.Hour

// Next gives when a schedule is due next after a moment. At is an hour in
// Vietnam such as "22:00"; of a weekly one the day stands before it, such as
// "sun 22:00".
func Next(every, at string, after time.Time) (time.Time, error) {
	day, hour := "", at
	if i := strings.LastIndexByte(at, ' '); i >= 0 {
		day, hour = at[:i], at[i+1:]
	}
	h, err := time.Parse("15:04", hour)
	wanted := slices.Index(days, strings.ToLower(day))
	if err != nil || every != Weekly && every != Daily || (every == Weekly) != (wanted >= 0) || every == Daily && day != "" {
		return time.Time{}, fmt.Errorf("%s %q is no time of a schedule; write daily \"22:00\" or weekly \"sun 22:00\"", every, at)
	}
	local := after.In(inventory.Vietnam)
	for add := 0; ; add++ {
		t := time.Date(local.Year(), local.Month(), local.Day()+add, h.Hour(), h.Minute(), 0, 0, inventory.Vietnam)
		if t.After(after) && (every == Daily || int(t.Weekday()) == wanted) {
			return t, nil
		}
	}
}

var days = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// scheduleQueue is where the job waits that looks at the schedules.
const scheduleQueue = "schedules"

// due is the job that plans what is due.
type due struct{}

func (due) Kind() string { return "schedules" }

// dueJob has the leader of all clients ask each minute for the schedules to be
// looked at; one such job waits at most.
func dueJob() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) {
		return due{}, &river.InsertOpts{Queue: scheduleQueue, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByQueue: true,
			ByState: []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled, rivertype.JobStateRetryable}}}
	}, &river.PeriodicJobOpts{RunOnStart: true})
}

type dueWorker struct {
	river.WorkerDefaults[due]
	s *session
}

func (d *dueWorker) Work(ctx context.Context, _ *river.Job[due]) error {
	now, err := d.s.o.DB.Now(ctx)
	if err != nil {
		return err
	}
	all, err := d.s.o.DB.Due(ctx, now)
	if err != nil {
		return err
	}
	for _, sc := range all {
		if err := d.s.plan(ctx, sc, now); err != nil {
			d.s.o.Log.Warn().Err(err).Int64("schedule", sc.ID).Msg("a schedule that is due could not be planned")
			d.s.o.Hooks.Trouble(fmt.Errorf("schedule %d: %w", sc.ID, err))
		}
	}
	return nil
}

// plan plans the run of a schedule that is due. While the run before is at work
// none is added: a night that was too short is no reason to look twice. One that
// is open and that nobody works, for want of a worker in one of its zones or of
// one of its release, is cancelled, or nothing would be planned for ever.
func (s *session) plan(ctx context.Context, sc store.Schedule, now time.Time) error {
	next, err := Next(sc.Every, sc.At, now)
	if err != nil {
		return err
	}
	var run store.Run
	wanted, stuck, err := s.wanted(ctx, sc, now)
	if err != nil {
		return err
	}
	n := store.NewRun{List: sc.List}
	if wanted {
		if n, err = s.newRun(ctx, sc, now); err != nil {
			return err
		}
	}
	err = s.o.DB.Tx(ctx, func(tx *store.Tx) error {
		run = store.Run{}
		if stuck != nil {
			if err := cancelRun(ctx, s.insert, tx, *stuck); err != nil {
				return err
			}
		}
		if wanted && (n.Units == nil || len(n.Units) > 0) {
			if run, err = plan(ctx, s.insert, tx, n); err != nil {
				return err
			}
		}
		id := run.ID
		if id == 0 {
			id = sc.LastRun
		}
		ok, err := tx.Planned(ctx, sc.ID, sc.Next, id, next)
		if err == nil && !ok {
			return errAnother
		}
		return err
	})
	if errors.Is(err, errAnother) {
		return nil
	}
	if err == nil && stuck != nil {
		s.o.Log.Warn().Int64("schedule", sc.ID).Int64("run", stuck.ID).Msg("nobody worked the run before, which is cancelled")
	}
	if err == nil && run.ID != 0 {
		s.o.Hooks.Planned(sc, run)
	}
	return err
}

var errAnother = errors.New("another worker has planned the schedule")

// wanted tells whether the run before is out of the way, or can be put out of it:
// stuck is one that is open and that nobody works. What is open is not looked at
// while a run over the list is at work, which looks at it anyway.
func (s *session) wanted(ctx context.Context, sc store.Schedule, now time.Time) (ok bool, stuck *store.Run, err error) {
	runs, err := s.o.DB.RunsOf(ctx, sc.List)
	if err != nil {
		return false, nil, err
	}
	for _, r := range runs {
		if r.State != store.RunOpen || r.ID != sc.LastRun && sc.What != Open {
			continue
		}
		busy, err := s.busy(ctx, r, now)
		if err != nil || busy {
			return false, nil, err
		}
		if r.ID == sc.LastRun {
			stuck = &r
		}
	}
	return true, stuck, nil
}

// After how long without a task that begins or ends nobody works a run, and one
// whose units wait for their hours, which come once a day.
const (
	idleFor    = time.Hour
	waitingFor = 25 * time.Hour
)

// busy tells whether somebody works a run.
func (s *session) busy(ctx context.Context, r store.Run, now time.Time) (bool, error) {
	idle := idleFor
	if s.o.Later != nil && s.o.Later(r) != nil {
		idle = waitingFor
	}
	tasks, err := s.o.DB.Tasks(ctx, r.ID)
	return slices.ContainsFunc(tasks, func(t store.Task) bool {
		return t.State == store.TaskRunning || now.Sub(later(t.Began, t.Ended)) < idle
	}), err
}

func (s *session) newRun(ctx context.Context, sc store.Schedule, now time.Time) (store.NewRun, error) {
	n, err := s.o.Schedules(ctx, sc)
	if err != nil {
		return n, err
	}
	n.List, n.Kind = sc.List, store.Scheduled
	if n.Priority, err = priorities(ctx, s.o.DB, sc.List); err != nil {
		return n, err
	}
	if sc.What == Open {
		n.Units, err = OpenUnits(ctx, s.o.DB, sc.List, now)
	}
	return n, err
}

// OpenUnits gives the units of a list whose newest verdict is not that they are
// ready, or that have none, or that rest on something that runs out soon.
func OpenUnits(ctx context.Context, db *store.DB, list int64, now time.Time) ([]string, error) {
	newest, err := db.Newest(ctx, list)
	if err != nil {
		return nil, err
	}
	out := []string{}
	err = db.EachListUnit(ctx, list, func(u store.ListUnit) error {
		have, judged := newest[u.ID()]
		if !judged || !have.Complete || have.Verdict != judge.Ready || !have.Expires.IsZero() && have.Expires.Before(now.Add(Soon)) {
			out = append(out, u.ID())
		}
		return nil
	})
	return out, err
}
