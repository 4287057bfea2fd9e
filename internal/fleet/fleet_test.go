package fleet

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/store"
)

func TestBothEngines(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		onEngine(t, func(t *testing.T) string { return filepath.Join(t.TempDir(), "x.db") })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		pg, err := lab.StartPostgres(t.Context(), t.TempDir())
		if errors.Is(err, lab.ErrNoPostgres) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pg.Kill() })
		onEngine(t, func(t *testing.T) string {
			where, err := pg.NewURL(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return where
		})
	})
}

func onEngine(t *testing.T, where func(*testing.T) string) {
	for name, f := range map[string]func(*testing.T, *store.DB){
		"a run is worked": aRunIsWorked, "stop and go on": stopAndGoOn, "failures are tried again": failuresAreTriedAgain, "cancel and resume": cancelAndResume,
		"the dead are replaced": theDeadAreReplaced, "lost jobs are found": lostJobsAreFound, "two vantages make one judgement": twoVantages,
		"a late landing is refused": aLateLandingIsRefused, "workers share a rate": workersShareARate, "one of several plans": oneOfSeveralPlans, "schedules plan": schedulesPlan,
	} {
		t.Run(name, func(t *testing.T) { f(t, openAt(t, where(t))) })
	}
}

// Each unit of a run is looked at once, and what was seen of it is kept.
func aRunIsWorked(t *testing.T, db *store.DB) {
	run := planned(t, db, 40)
	f := &fake{takes: 20 * time.Millisecond}
	if err := newWorker(t, db, f.look).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	c := counts(t, db, run.ID)
	if c.Complete != 40 || c.Tasks[store.TaskDone] != 40 || c.Verdicts["ready"] != 40 || c.Connections != 80 {
		t.Errorf("%+v", c)
	}
	for u, n := range f.looks {
		if n != 1 {
			t.Errorf("%s was looked at %d times", u, n)
		}
	}
	if f.most > 8 {
		t.Errorf("%d looks at once, and 8 are allowed", f.most)
	}
	if r, err := db.Run(t.Context(), run.ID); err != nil || r.State != store.RunDone || r.Landed != 40 {
		t.Errorf("%+v %v", r, err)
	}
	var dead, answered int
	err := db.EachPlace(t.Context(), run.ID, false, func(p store.Place) error {
		switch {
		case p.Endpoint == "ssh" && p.Cause == "timeout" && p.Detail == "no answer":
			dead++
		case p.Endpoint == "web" && p.Cause == "":
			answered++
		}
		return nil
	})
	if err != nil || dead != 40 || answered != 40 {
		t.Errorf("%d dead and %d answered (%v)", dead, answered, err)
	}
}

// A worker that is stopped gives back what it had, and another goes on.
func stopAndGoOn(t *testing.T, db *store.DB) {
	run := planned(t, db, 30)
	f := &fake{takes: time.Minute}
	ctx, stop := context.WithCancel(t.Context())
	w := newWorker(t, db, f.look, func(o *Options) { o.Hooks.Began = func(Task) { time.AfterFunc(100*time.Millisecond, stop) } })
	if err := w.Work(ctx, run.ID); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Tasks[store.TaskPlanned] != 30 {
		t.Fatalf("after the stop: %+v", c)
	}
	f.takes = time.Millisecond
	if err := newWorker(t, db, f.look).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 30 || c.Tasks[store.TaskDone] != 30 {
		t.Errorf("at the end: %+v", c)
	}
}

// A look that fails is tried again, and given up after some times; the run ends.
func failuresAreTriedAgain(t *testing.T, db *store.DB) {
	run := planned(t, db, 6)
	f := &fake{fails: func(t Task) error {
		switch {
		case t.Unit.ID() == "u0001" && t.Attempt < 2:
			return errors.New("a defect")
		case t.Unit.ID() == "u0002":
			panic("a defect")
		}
		return nil
	}}
	w := newWorker(t, db, f.look, func(o *Options) { o.Failures, o.Backoff = 2, time.Millisecond })
	if err := w.Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	c := counts(t, db, run.ID)
	if c.Tasks[store.TaskDone] != 5 || c.Tasks[store.TaskFailed] != 1 || f.looks["u0001"] != 2 || f.looks["u0002"] != 2 {
		t.Errorf("%+v, %v", c, f.looks)
	}
	f.fails = nil
	if n, err := Resume(t.Context(), db, run.ID); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := newWorker(t, db, f.look).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Tasks[store.TaskDone] != 6 {
		t.Errorf("after the resume: %+v", c)
	}
}

// A run that is cancelled elsewhere stops its looks, and can be resumed.
func cancelAndResume(t *testing.T, db *store.DB) {
	run := planned(t, db, 20)
	f := &fake{takes: time.Minute}
	w := newWorker(t, db, f.look, func(o *Options) { o.Lease = 3 * time.Second })
	go func() {
		time.Sleep(time.Second)
		if err := Cancel(t.Context(), db, run.ID); err != nil {
			t.Error(err)
		}
	}()
	if err := w.Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Tasks[store.TaskCancelled] != 20 {
		t.Fatalf("%+v", c)
	}
	var said *store.Fault
	if err := Cancel(t.Context(), db, run.ID); !errors.As(err, &said) {
		t.Errorf("cancelled twice: %v", err)
	}
	if n, err := Resume(t.Context(), db, run.ID); err != nil || n != 20 {
		t.Fatal(n, err)
	}
	f.takes = 0
	if err := newWorker(t, db, f.look).Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Complete != 20 {
		t.Errorf("after the resume: %+v", c)
	}
}

// Of several who begin the same run at the same moment one plans it.
func oneOfSeveralPlans(t *testing.T, db *store.DB) {
	first := planned(t, db, 3)
	n := store.NewRun{List: first.List, Kind: store.Batch, Policy: first.Policy, Settings: []byte(`{"timeout":"9s"}`), Vantages: first.Vantages}
	var all sync.WaitGroup
	var planned atomic.Int32
	for range 6 {
		all.Go(func() {
			run, found, err := Begin(t.Context(), db, n)
			if err != nil || run.ID <= first.ID {
				t.Error(run, err)
			}
			if !found {
				planned.Add(1)
			}
		})
	}
	all.Wait()
	runs, err := db.Runs(t.Context())
	if err != nil || len(runs) != 2 || planned.Load() != 1 {
		t.Errorf("%d runs, planned %d times (%v)", len(runs), planned.Load(), err)
	}
}
