package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// What is asked of a database gets the same answers of both engines.
func TestAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db, first := filled(t, where)
		var second Run
		do(t, db, func(tx *Tx) (err error) {
			n := newRun(first.List)
			n.Units, n.Priority = []string{"H21.2", "H21.0"}, map[string]int{"H21.0": 4}
			second, err = tx.AddRun(ctx, n)
			return err
		})
		tasks, err := db.Tasks(ctx, second.ID, TaskPlanned, TaskDone)
		if must(t, err); len(tasks) != 4 || tasks[0].Unit != "H21.2" || tasks[3].Unit != "H21.0" || tasks[3].Priority != 4 {
			t.Errorf("tasks %+v", tasks)
		}
		if all, err := db.Tasks(ctx, 0); err != nil || len(all) != 10 {
			t.Errorf("%d tasks, %v", len(all), err)
		}
		if before, ok, err := db.Before(ctx, second); err != nil || !ok || before.ID != first.ID {
			t.Errorf("before: %+v %v %v", before, ok, err)
		}
		if _, ok, err := db.Before(ctx, first); err != nil || ok {
			t.Errorf("before the first: %v %v", ok, err)
		}
		if runs, err := db.RunsOf(ctx, first.List); err != nil || len(runs) != 2 || runs[0].ID != second.ID || !reflect.DeepEqual(runs[0], second) {
			t.Errorf("runs of the list: %+v %v, planned %+v", runs, err, second)
		}
		if u, err := db.ListUnit(ctx, first.List, "H21.1"); err != nil || u.ID() != "H21.1" || u.Pos != 1 {
			t.Errorf("%+v %v", u, err)
		}
		if u, err := db.Unit(ctx, first.ID, "H21.1"); err != nil || u.Verdict != judge.Ready {
			t.Errorf("%+v %v", u, err)
		}
		if s, ok, err := db.Assessment(ctx, task(first, 1, inventory.Internal)); err != nil || !ok || s.Seq != 2 || s.Prev == "" {
			t.Errorf("%+v %v %v", s, ok, err)
		}
		if _, ok, err := db.Assessment(ctx, task(first, 1, inventory.Internet)); err != nil || ok {
			t.Errorf("an assessment that is not there: %v %v", ok, err)
		}
		i, err := db.Info(ctx)
		if must(t, err); i.Runs != 2 || i.Open != 2 || i.Assessments != 2 || i.KeptBytes >= i.RecordBytes || i.Bytes == 0 || i.Version == "" {
			t.Errorf("%+v", i)
		}
		var freed []Task
		do(t, db, func(tx *Tx) (err error) { freed, err = tx.Free(ctx, "nobody", "w"); return err })
		if len(freed) != 1 || freed[0].TaskKey != task(first, 2, inventory.Internal) {
			t.Errorf("freed %+v", freed)
		}
		for want, f := range map[string]func(*Tx) error{
			"there is no schedule number 9": func(tx *Tx) error { return tx.DropSchedule(ctx, 9) },
			"the list has no unit H99": func(tx *Tx) error {
				n := newRun(first.List)
				n.Units = []string{"H99"}
				_, err := tx.AddRun(ctx, n)
				return err
			},
			"the run has no unit or no vantage": func(tx *Tx) error {
				n := newRun(first.List)
				n.Units = []string{}
				_, err := tx.AddRun(ctx, n)
				return err
			},
			"there is no list number 77": func(tx *Tx) error { _, err := tx.AddRun(ctx, newRun(77)); return err },
			"has no unit H99":            func(tx *Tx) error { return tx.Judged(ctx, first.ID, "H99", Judgement{}) },
			"there is no run number 5":   func(tx *Tx) error { _, err := tx.Run(ctx, 5); return err },
		} {
			var fault *Fault
			if err := db.Tx(ctx, f); !errors.As(err, &fault) || !strings.Contains(fault.En, want) || !fault.Whole() {
				t.Errorf("%v, want %q", err, want)
			}
		}
		if runs, err := db.Runs(ctx); err != nil || len(runs) != 2 {
			t.Errorf("something was left of a run that was refused: %v %v", runs, err)
		}
	})
}

func TestScheduleLife(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		c := newClock()
		db := open(t, where, c)
		run := planned(t, db, 1)
		var id int64
		do(t, db, func(tx *Tx) (err error) {
			id, err = tx.AddSchedule(ctx, Schedule{List: run.List, Settings: []byte(`{"rate":1}`), Every: "daily", What: "open", At: "22:00", Next: c.at, Enabled: true})
			return errors.Join(err, tx.Enable(ctx, id, false), tx.Join(ctx, Worker{ID: "w"}), tx.Alive(ctx, "w"))
		})
		due, err := db.Due(ctx, c.at.Add(time.Hour))
		must(t, err)
		s, err := db.Schedules(ctx)
		if must(t, err); len(due) != 0 || len(s) != 1 || s[0].Enabled || string(s[0].Settings) != `{"rate":1}` || !s[0].Next.Equal(c.at) {
			t.Errorf("due %+v, all %+v", due, s)
		}
		do(t, db, func(tx *Tx) error { return tx.DropSchedule(ctx, id) })
	})
}

// What others stood in the way of is done again, but not for ever, and what is
// wrong with it itself is not.
func TestTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	told := 0
	db, err := Open(ctx, path, Options{Retried: func(error) { told++ }})
	must(t, err)
	defer db.Close()
	n := 0
	again := func(until int, code string) error {
		n, told = 0, 0
		return db.Tx(ctx, func(*Tx) error {
			if n++; n < until {
				return &pgconn.PgError{Code: code}
			}
			return nil
		})
	}
	if err := again(3, "40001"); err != nil || n != 3 || told != 2 {
		t.Errorf("%v after %d tries, %d told", err, n, told)
	}
	if err := again(99, "40P01"); err == nil || n != tries {
		t.Errorf("%v after %d tries", err, n)
	}
	if err := again(3, "23505"); err == nil || n != 1 {
		t.Errorf("%v after %d tries", err, n)
	}
	if !Away(&pgconn.PgError{Code: "57P01"}) || Away(&pgconn.PgError{Code: "23505"}) || !Full(&pgconn.PgError{Code: "53100"}) || Away(errors.New("x")) {
		t.Error("errors are taken for others")
	}
}

// Of a report is kept what is asked of many: verdicts, places, and why not.
func TestJudgementOf(t *testing.T) {
	missing := []judge.Missing{{Cause: fact.Timeout}, {Cause: fact.Reset}, {Cause: fact.Timeout}}
	j := JudgementOf(judge.Report{Verdict: judge.NotReady, At: newClock().at, Policy: judge.PolicyRef{ID: "p", SHA256: "s"}, Requirements: []judge.Result{
		{ID: "TLS-02", Decides: true, Severity: judge.High, Verdict: judge.Fail, Findings: []judge.Finding{{Verdict: judge.Pass, Endpoint: "a"}, {Verdict: judge.Fail, Endpoint: "b"},
			{Verdict: judge.Inconclusive, Scope: judge.PerEndpoint, Endpoint: "c", Missing: missing}}},
		{ID: "TLS-01", Verdict: judge.NotApplicable}}})
	want := []Finding{{Requirement: "TLS-02", Decides: true, Severity: judge.High, Verdict: judge.Fail, Places: 1, Detail: []Detail{{Endpoint: "b", Verdict: judge.Fail},
		{Scope: judge.PerEndpoint, Endpoint: "c", Verdict: judge.Inconclusive, Causes: []fact.Cause{fact.Reset, fact.Timeout}}}}, {Requirement: "TLS-01", Verdict: judge.NotApplicable}}
	if !reflect.DeepEqual(j.Findings, want) || j.Verdict != judge.NotReady || j.Policy.ID != "p" {
		t.Errorf("%+v", j)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0.0 kB", 8: "0.0 kB", 999_940: "999.9 kB", 999_990: "1.0 MB", 1_800_000_000: "1.8 GB"} {
		if got := Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
