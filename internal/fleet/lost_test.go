package fleet

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// tx runs f in a transaction.
func tx(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// What a worker had that was killed others do as soon as it is known to be
// dead: at once where its process is seen to be gone, else after its silence.
func theDeadAreReplaced(t *testing.T, db *store.DB) {
	run := planned(t, db, 12)
	all, err := db.Tasks(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	tx(t, db, func(tx *store.Tx) error {
		for i, w := range []store.Worker{{ID: "gone", Host: hostName(), PID: 1 << 30}, {ID: "silent", Host: "elsewhere", PID: 1}} {
			if err := tx.Join(t.Context(), w); err != nil {
				return err
			}
			if _, ok, err := tx.Take(t.Context(), all[i].TaskKey, all[i].Generation, w.ID, time.Second); err != nil || !ok {
				t.Error("not taken", err)
			}
		}
		return nil
	})
	f := &fake{}
	if err := newWorker(t, db, f.look, func(o *Options) { o.Lease = 2 * time.Second }).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 12 {
		t.Errorf("%+v", c)
	}
	now, err := db.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left, err := db.Workers(t.Context(), now.Add(-time.Hour), false)
	if err != nil || slices.ContainsFunc(left, func(w store.Worker) bool { return w.ID != "silent" }) {
		t.Errorf("still there: %+v %v", left, err)
	}
}

// A task is not forgotten whose job is: handed out, and its worker killed
// before it took the task; or vanished altogether.
func lostJobsAreFound(t *testing.T, db *store.DB) {
	run := planned(t, db, 5)
	state := "UPDATE river_job SET state = 'running', attempted_at = created_at, attempted_by = "
	by := `'["killed"]'`
	if db.Engine() == store.PostgreSQL {
		by = `'{killed}'`
	}
	for _, q := range []string{state + by + " WHERE id = 1", "DELETE FROM river_job WHERE id = 2"} {
		if _, err := db.SQL().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	f := &fake{}
	if err := newWorker(t, db, f.look).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 5 || len(f.looks) != 5 {
		t.Errorf("%+v", c)
	}
}

// A unit is judged by what is in of it, and anew when more comes in.
func twoVantages(t *testing.T, db *store.DB) {
	run := planned(t, db, 10, inventory.Internet, inventory.Internal)
	work := func(z inventory.Zone, done chan error) {
		f := &fake{takes: 5 * time.Millisecond}
		done <- newWorker(t, db, f.look, func(o *Options) { o.Vantage.Zone, o.Lease = z, 2*time.Second }).Work(t.Context(), run.ID)
	}
	done := make(chan error, 2)
	go work(inventory.Internet, done)
	go work(inventory.Internal, done)
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	c := counts(t, db, run.ID)
	if c.Complete != 10 || c.Tasks[store.TaskDone] != 20 {
		t.Errorf("%+v", c)
	}
	found, err := db.Findings(t.Context(), run.ID, store.Which{})
	if err != nil || len(found) != 20 || slices.ContainsFunc(found, func(f store.FindingRow) bool { return f.Places != 2 }) {
		t.Errorf("%d findings, not each by both assessments (%v)", len(found), err)
	}
}

// A result that comes after its task was given to another is not kept.
func aLateLandingIsRefused(t *testing.T, db *store.DB) {
	run := planned(t, db, 1)
	var looks, lost atomic.Int32
	late := func(ctx context.Context, task Task, w io.Writer) error {
		if looks.Add(1) == 1 { // taken from us while we look, and we do not hear of it
			err := db.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
				k := store.TaskKey{Run: task.Run.ID, Unit: task.Unit.ID(), Vantage: task.Vantage.Zone}
				if ok, err := tx.Fail(ctx, k, task.Generation, "", true); err != nil || !ok {
					return errors.Join(err, errors.New("not taken away"))
				}
				row, err := tx.Task(ctx, k)
				c, perr := planner(db, nil)
				return errors.Join(err, perr, insert(ctx, c, tx, []store.Task{row}))
			})
			if err != nil {
				t.Error(err)
			}
		}
		return writeRecord(w, task, false)
	}
	w := newWorker(t, db, late, func(o *Options) { o.Hooks.Lost = func(Task, error) { lost.Add(1) } })
	if err := w.Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 1 || looks.Load() != 2 || lost.Load() != 1 {
		t.Errorf("%+v, %d looks, %d lost", c, looks.Load(), lost.Load())
	}
}

// Workers that connect to one network have the rate together; a worker that is
// alone has it all; one that cannot tell makes no connection.
func workersShareARate(t *testing.T, db *store.DB) {
	planned(t, db, 1, inventory.Admin)
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	network, global := netip.MustParsePrefix("192.0.2.0/24"), netip.Prefix{}
	worker := func() (*Worker, context.CancelFunc) {
		w := newWorker(t, db, (&fake{}).look, func(o *Options) { o.Lease = 5 * time.Second })
		ctx, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); _ = w.Work(ctx, 0) }()
		return w, func() { stop(); <-done }
	}
	share := func(w *Worker, p netip.Prefix, want float64) {
		t.Helper()
		var got float64
		var err error
		for range 200 {
			if got, err = w.Share(ctx, p); err == nil && got == want {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("the share of %v is %v (%v), not %v", p, got, err, want)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := newWorker(t, db, (&fake{}).look).Share(short, network); err == nil {
		t.Error("a share for a worker that does not work")
	}
	a, stopA := worker()
	share(a, network, 1)
	share(a, global, 1)
	b, stopB := worker()
	if got, err := b.Share(ctx, network); err != nil || got != 0.5 {
		t.Errorf("the first share of the second is %v (%v)", got, err)
	}
	if got, err := a.Share(ctx, network); err != nil || got != 0.5 {
		t.Errorf("when the second begins, the first has %v (%v)", got, err)
	}
	share(b, global, 0.5)
	share(b, netip.MustParsePrefix("198.51.100.0/24"), 1)
	stopA()
	share(b, network, 1)
	stopB()
}

// A schedule that is due plans its run once, and one for what is open only that.
func schedulesPlan(t *testing.T, db *store.DB) {
	begun := time.Now()
	run := planned(t, db, 4)
	f := &fake{}
	if err := newWorker(t, db, f.look, func(o *Options) {
		o.Judge = func(task Task, all []*record.Assessment) (store.Judgement, error) {
			j, err := fakeJudge(task, all)
			switch task.Unit.ID() {
			case "u0001":
				j.Verdict = judge.NotReady
			case "u0002":
				j.Expires = time.Now().Add(10 * 24 * time.Hour)
			case "u0003":
				j.Expires = time.Now().Add(100 * 24 * time.Hour)
			}
			return j, err
		}
	}).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	tx(t, db, func(tx *store.Tx) error {
		_, err := tx.AddSchedule(t.Context(), store.Schedule{List: run.List, Every: Daily, What: Open, At: "22:00", Next: time.Now().Add(-time.Minute), Enabled: true})
		return err
	})
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	again := &fake{}
	w := newWorker(t, db, again.look, func(o *Options) {
		o.Schedules = func(_ context.Context, s store.Schedule) (store.NewRun, error) {
			return store.NewRun{Policy: run.Policy, Vantages: run.Vantages, Settings: s.Settings}, nil
		}
		var n atomic.Int32
		o.Hooks.Landed = func(Task, store.Judgement, time.Duration) {
			if n.Add(1) == 2 {
				stop()
			}
		}
	})
	if err := w.Work(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(again.looks) != 2 || again.looks["u0001"] != 1 || again.looks["u0002"] != 1 {
		t.Errorf("looked at: %v", again.looks)
	}
	s, err := db.Schedules(t.Context())
	if err != nil || len(s) != 1 || s[0].LastRun != run.ID+1 || !s[0].Next.After(begun) {
		t.Errorf("%+v %v", s, err)
	}
}
