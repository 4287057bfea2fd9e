package fleet

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// A result that the database does not take, though it is there, is a failure of
// ours: the unit is not looked at for ever.
func TestARefusedLandingIsAFailure(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	run := planned(t, db, 1)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var looks atomic.Int32
	twice := func(_ context.Context, task Task, w io.Writer) error {
		looks.Add(1)
		task.Unit.Declared.Endpoints = append(task.Unit.Declared.Endpoints, task.Unit.Declared.Endpoints[0])
		return writeRecord(w, task, false)
	}
	w := newWorker(t, db, twice, func(o *Options) { o.Failures, o.Backoff, o.Lease = 2, time.Millisecond, 3*time.Second })
	if err := w.Work(ctx, run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Tasks[store.TaskFailed] != 1 || looks.Load() != 2 {
		t.Errorf("%+v after %d looks", c, looks.Load())
	}
}

// Looks over which the clock was moved, as by sleep, are done anew.
func TestNoLookLandsOverAMovedClock(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	run := planned(t, db, 1)
	var moved, looks atomic.Int64
	look := func(ctx context.Context, task Task, w io.Writer) error {
		if looks.Add(1) > 1 {
			return writeRecord(w, task, false)
		}
		moved.Store(int64(time.Hour))
		return writeRecord(w, task, wait(ctx, 20*time.Second) != nil)
	}
	var lost error
	w := newWorker(t, db, look, func(o *Options) {
		o.Lease, o.Least, o.Most = 3*time.Second, 1, 1
		o.Now = func() time.Time { return time.Now().Add(time.Duration(moved.Load())) }
		o.Hooks.Lost = func(_ Task, why error) { lost = why }
	})
	if err := w.Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 1 || looks.Load() != 2 || !errors.Is(lost, errMoved) {
		t.Errorf("%+v after %d looks, the first was lost for %v", c, looks.Load(), lost)
	}
}

// A worker that joins others takes nothing before it may connect: the time of a
// look is for looking.
func TestNothingIsTakenBeforeTheOthersKnow(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	run := planned(t, db, 2)
	tx(t, db, func(tx *store.Tx) error {
		return tx.Join(t.Context(), store.Worker{ID: "silent", Host: "elsewhere", PID: 1})
	})
	var w *Worker
	var early atomic.Int32
	w = newWorker(t, db, (&fake{}).look, func(o *Options) {
		o.Lease = 2 * time.Second
		o.Hooks.Began = func(Task) {
			if w.shares.waiting() {
				early.Add(1)
			}
		}
	})
	if err := w.Work(t.Context(), run.ID); err != nil || early.Load() > 0 {
		t.Errorf("%d looks began before (%v)", early.Load(), err)
	}
}

// Of many connections to a network that is new one asks the database.
func TestOneAsksForANetwork(t *testing.T) {
	s := newShares(nil, time.Minute)
	s.id, s.known, s.until = "w", true, time.Now().Add(time.Hour)
	network := netip.MustParsePrefix("192.0.2.0/24")
	if part, wait, _ := s.look(network); part != 0 || wait != 0 {
		t.Errorf("the first has %v and waits %v", part, wait)
	}
	if part, wait, _ := s.look(network); part != 0 || wait == 0 {
		t.Errorf("the second has %v and waits %v", part, wait)
	}
}

// Of a run that cannot be worked here is not asked at each look at the runs.
func TestARefusalIsRemembered(t *testing.T) {
	asked, told := 0, 0
	w := newWorker(t, openAt(t, filepath.Join(t.TempDir(), "x.db")), (&fake{}).look, func(o *Options) {
		o.Accept = func(store.Run) error { asked++; return errors.New("another release") }
		o.Hooks.Refused = func(store.Run, error) { told++ }
	})
	s := &session{Worker: w, refused: map[int64]time.Time{}}
	for range 3 {
		if s.accepts(store.Run{ID: 7}) {
			t.Error("accepted")
		}
	}
	s.refused[7] = time.Now().Add(-2 * refusedFor)
	s.accepts(store.Run{ID: 7})
	if asked != 2 || told != 1 {
		t.Errorf("asked %d times, told %d times", asked, told)
	}
}

// A run that nobody works does not keep a schedule from planning for ever; one
// that is at work does.
func TestAStuckRunGivesWay(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	stuck := planned(t, db, 2)
	w := newWorker(t, db, (&fake{}).look, func(o *Options) {
		o.Schedules = func(context.Context, store.Schedule) (store.NewRun, error) {
			return store.NewRun{Policy: record.Policy{ID: "p"}, Vantages: stuck.Vantages}, nil
		}
	})
	s := &session{Worker: w}
	var err error
	if s.insert, err = planner(db, nil); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	begun := now
	tx(t, db, func(tx *store.Tx) error {
		_, err := tx.AddSchedule(t.Context(), store.Schedule{List: stuck.List, Every: Daily, What: All, At: "22:00", Next: now, LastRun: stuck.ID, Enabled: true})
		if err == nil {
			_, _, err = tx.Take(t.Context(), store.TaskKey{Run: stuck.ID, Unit: "u0000", Vantage: stuck.Vantages[0]}, store.Any, "w", time.Minute)
		}
		return err
	})
	due := func(now time.Time) (last int64) {
		all, err := db.Schedules(t.Context())
		if err == nil {
			open := all[0]
			open.What = Open
			if ok, _, werr := s.wanted(t.Context(), open, now); werr != nil || ok != (now.Sub(begun) > idleFor) {
				t.Errorf("what is open is looked at: %v (%v), %v after a run began", ok, werr, now.Sub(begun))
			}
			err = s.plan(t.Context(), all[0], now)
		}
		if err != nil {
			t.Fatal(err)
		}
		if all, err = db.Schedules(t.Context()); err != nil {
			t.Fatal(err)
		}
		return all[0].LastRun
	}
	if last := due(now); last != stuck.ID {
		t.Errorf("run %d was planned beside one at work", last)
	}
	tx(t, db, func(tx *store.Tx) error { _, err := tx.Free(t.Context(), "w"); return err })
	if last := due(now.Add(time.Minute)); last != stuck.ID {
		t.Errorf("run %d was planned beside one that was at work a minute ago", last)
	}
	w.o.Later = func(store.Run) func(store.ListUnit) time.Duration {
		return func(store.ListUnit) time.Duration { return time.Hour }
	}
	if busy, err := s.busy(t.Context(), stuck, now.Add(24*time.Hour)); err != nil || !busy {
		t.Errorf("a run that waits for the next night counts as left by all (%v)", err)
	}
	w.o.Later = nil
	if last := due(now.Add(24 * time.Hour)); last == stuck.ID {
		t.Error("nothing was planned for a run that nobody works")
	}
	if r, err := db.Run(t.Context(), stuck.ID); err != nil || r.State != store.RunCancelled {
		t.Errorf("the run that nobody worked is %s (%v)", r.State, err)
	}
}

// Where no look can be kept the worker says so, rather than giving all units up.
func TestNothingIsLookedAtWhereNothingCanBeKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "x")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	db := openAt(t, filepath.Join(folder, "x.db"))
	run := planned(t, db, 2)
	if err := os.Rename(folder, folder+"-away"); err != nil {
		t.Skip("the folder of an open database cannot be moved here: ", err)
	}
	f := &fake{}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	var fault *store.Fault
	if err := newWorker(t, db, f.look).Work(ctx, run.ID); !errors.As(err, &fault) || len(f.looks) > 0 {
		t.Errorf("%v, %d units were looked at", err, len(f.looks))
	}
}
