package store

import (
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

func TestListsAreKeptOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db := open(t, where, newClock())
		var ids []int64
		for i := range 3 {
			l := listOf(3)
			l.Name = strings.Repeat("x", i+1)
			l.Units[0].Documents[0].At = time.Unix(int64(i), 0) // read at another time
			if i == 2 {
				l.Units[1].CAs[0].PEM = "another"
			}
			do(t, db, func(tx *Tx) error { id, err := tx.AddList(ctx, l); ids = append(ids, id); return err })
		}
		if ids[0] != ids[1] || ids[1] == ids[2] {
			t.Errorf("lists %v", ids)
		}
		l, err := db.List(ctx, ids[0])
		must(t, err)
		want := listOf(0)
		if len(l.Mergers) != 2 || l.Mergers[0].New != "H21.1" || !l.Mergers[0].Day.Equal(want.Mergers[0].Day.Time) || !l.Mergers[1].Day.IsZero() || l.Problems[0] != want.Problems[0] || l.Name != "x" {
			t.Errorf("%+v", l)
		}
		var got []ListUnit
		must(t, db.EachListUnit(ctx, ids[0], func(u ListUnit) error { got = append(got, u); return nil }))
		third := commune(2)
		third.List, third.Pos = ids[0], 2
		if len(got) != 3 || !reflect.DeepEqual(got[2], third) {
			t.Errorf("%+v\nwant %+v", got[2], third)
		}
		if _, err := db.List(ctx, 99); err == nil || err.Error() != "there is no list number 99" {
			t.Error(err)
		}
	})
}

// A result lands only while its task is running with the generation that it was
// taken with.
func TestFence(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		c := newClock()
		db := open(t, where, c)
		run := planned(t, db, 3)
		k := task(run, 0, inventory.Internet)
		first, ok := take(t, db, k, 0, "a")
		if _, again := take(t, db, k, Any, "b"); !ok || again {
			t.Fatalf("taken %v, again %v", ok, again)
		}
		var freed []Task
		free := func(tx *Tx) (err error) { freed, err = tx.Free(ctx); return err }
		if do(t, db, free); len(freed) != 0 {
			t.Errorf("freed before the lease ran out: %v", freed)
		}
		c.at = c.at.Add(31 * time.Second)
		if do(t, db, free); len(freed) != 1 || freed[0].TaskKey != k || freed[0].State != TaskPlanned || freed[0].Generation == first {
			t.Fatalf("freed %+v", freed)
		}
		if land(t, db, k, first, "late").OK {
			t.Error("what was taken away landed")
		}
		if _, ok := take(t, db, k, first, "a"); ok {
			t.Error("an old job took a task that was planned anew")
		}
		second, ok := take(t, db, k, freed[0].Generation, "b")
		if land(t, db, k, first, "late").OK || !ok {
			t.Error("an old result landed in the place of another's")
		}
		if l := land(t, db, k, second, "good"); !l.OK || l.In != 1 || l.Of != 2 {
			t.Errorf("landed %+v", l)
		}
		if land(t, db, k, second, "twice").OK {
			t.Error("landed twice")
		}
		s, err := db.Assessments(ctx, run.ID, k.Unit)
		must(t, err)
		r, err := s[0].Open()
		must(t, err)
		if b, _ := io.ReadAll(r); len(s) != 1 || string(b) != "good" || s[0].Size != 4 {
			t.Errorf("kept %q of %+v", b, s)
		}
	})
}

func TestRenewCancelReopen(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		c := newClock()
		db := open(t, where, c)
		run := planned(t, db, 3)
		gen, _ := take(t, db, task(run, 0, inventory.Internet), Any, "a")
		_, _ = take(t, db, task(run, 1, inventory.Internet), Any, "a")
		c.at = c.at.Add(20 * time.Second)
		var have []Task
		do(t, db, func(tx *Tx) (err error) { have, err = tx.Renew(ctx, "a", 30*time.Second); return err })
		if len(have) != 2 || !have[0].Lease.Equal(c.at.Add(30*time.Second)) {
			t.Errorf("renewed %+v", have)
		}
		again := false
		do(t, db, func(tx *Tx) (err error) {
			again, err = tx.Fail(ctx, task(run, 1, inventory.Internet), have[1].Generation, "the disk\x00 fell out", true)
			return err
		})
		if x, err := db.Task(ctx, task(run, 1, inventory.Internet)); err != nil || !again || x.State != TaskPlanned || x.Attempts != 1 || x.Error != "the disk\uFFFD fell out" {
			t.Errorf("failed: %+v, %v", x, err)
		}
		do(t, db, func(tx *Tx) error { return tx.Cancel(ctx, run.ID) })
		if land(t, db, task(run, 0, inventory.Internet), gen, "late").OK {
			t.Error("landed in a cancelled run")
		}
		do(t, db, func(tx *Tx) (err error) { have, err = tx.Renew(ctx, "a", time.Minute); return err })
		if _, ok := take(t, db, task(run, 2, inventory.Internet), Any, "a"); ok || len(have) != 0 {
			t.Errorf("taken from a cancelled run, %v", have)
		}
		do(t, db, func(tx *Tx) (err error) { have, err = tx.Reopen(ctx, run.ID); return err })
		if r, err := db.Run(ctx, run.ID); err != nil || r.State != RunOpen || len(have) != 6 {
			t.Errorf("reopened %+v with %d tasks, %v", r, len(have), err)
		}
		if n, err := db.Left(ctx, 0, inventory.Internal); err != nil || n != 3 {
			t.Errorf("left %d, %v", n, err)
		}
		if _, ok, err := db.OpenRun(ctx, newRun(run.List)); err != nil || !ok {
			t.Errorf("open run: %v %v", ok, err)
		}
		do(t, db, func(tx *Tx) (err error) { have, err = tx.Replan(ctx, run.ID); return err })
		if len(have) != 6 {
			t.Errorf("planned anew %d", len(have))
		}
	})
}

// A run from its plan to its end, and what an auditor asks of it.
func TestRun(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db := open(t, where, newClock())
		run := planned(t, db, 3)
		j := Judgement{Verdict: judge.NotReady, Complete: true, At: newClock().at, Policy: run.Policy, Tally: judge.Tally{Fail: 2}, Expires: newClock().at.Add(time.Hour),
			Findings: []Finding{{Requirement: "TLS-02", Decides: true, Verdict: judge.Fail, Severity: judge.High, Places: 2, Detail: []Detail{{Scope: judge.PerEndpoint, Endpoint: "web", Verdict: judge.Fail}}},
				{Requirement: "TLS-01", Verdict: judge.Pass, Severity: judge.Low}}}
		ended := false
		for i := range 3 {
			for _, v := range run.Vantages {
				gen, _ := take(t, db, task(run, i, v), Any, "w")
				land(t, db, task(run, i, v), gen, strings.Repeat("{}\n", i+1))
			}
			do(t, db, func(tx *Tx) (err error) {
				if err = tx.Judged(ctx, run.ID, task(run, i, "").Unit, j); err == nil {
					ended, err = tx.EndIfDone(ctx, run.ID)
				}
				return err
			})
		}
		run, err := db.Run(ctx, run.ID)
		must(t, err)
		if !ended || run.State != RunDone || run.Landed != 6 || run.Ended.IsZero() {
			t.Errorf("%v %+v", ended, run)
		}
		counts, err := db.Counts(ctx, run.ID)
		must(t, err)
		if counts.Units != 3 || counts.Complete != 3 || counts.Verdicts["not-ready"] != 3 || counts.Tasks[TaskDone] != 6 || counts.Connections != 42 {
			t.Errorf("%+v", counts)
		}
		var units []UnitRow
		must(t, db.EachUnit(ctx, run.ID, func(u UnitRow) error { units = append(units, u); return nil }))
		if u := units[1]; len(units) != 3 || !u.Judged || u.Verdict != judge.NotReady || u.Identity.Name != "Xã Đắk Gằn 1" || u.Tally.Fail != 2 || !u.Expires.Equal(j.Expires) {
			t.Errorf("%+v", u)
		}
		found, err := db.Findings(ctx, run.ID, Which{Requirement: "TLS-02", Verdict: "fail"})
		must(t, err)
		if len(found) != 3 || !reflect.DeepEqual(found[2].Finding, j.Findings[0]) {
			t.Errorf("%+v", found)
		}
		dead := 0
		must(t, db.EachPlace(ctx, run.ID, true, func(Place) error { dead++; return nil }))
		hung, err := db.Hung(ctx, run.List, "timeout", "reset")
		if must(t, err); dead != 6 || len(hung) != 3 {
			t.Errorf("dead %d, hung %v", dead, hung)
		}
		newest, err := db.Newest(ctx, run.List)
		if must(t, err); len(newest) != 3 {
			t.Errorf("newest %v", newest)
		}
	})
}

// What is kept of assessments and lists can be neither changed nor removed.
func TestAppendOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db := open(t, where, nil)
		run := planned(t, db, 1)
		gen, _ := take(t, db, task(run, 0, inventory.Internet), Any, "w")
		land(t, db, task(run, 0, inventory.Internet), gen, "x")
		for _, q := range []string{"UPDATE assessments SET body = body", "DELETE FROM assessments", "UPDATE list_units SET name = ''", "DELETE FROM mergers", "DELETE FROM lists",
			"REPLACE INTO assessments SELECT * FROM assessments"} {
			_, err := db.SQL().Exec(q)
			if err == nil || !strings.Contains(err.Error(), "append-only") && !strings.HasPrefix(q, "REPLACE") {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

func TestShares(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		c := newClock()
		db := open(t, where, c)
		var held map[string]int
		hold := func(w string, keys ...string) {
			do(t, db, func(tx *Tx) (err error) { held, err = tx.Hold(ctx, w, keys, 15*time.Second); return err })
		}
		hold("a", "*", "10.0.0.0/24")
		hold("b", "*", "10.0.1.0/24")
		c.at = c.at.Add(10 * time.Second)
		if hold("a", "*", "10.0.0.0/24"); !reflect.DeepEqual(held, map[string]int{"*": 2, "10.0.0.0/24": 1}) {
			t.Errorf("held %v", held)
		}
		c.at = c.at.Add(10 * time.Second) // b was not heard of
		if hold("a"); held["*"] != 1 {
			t.Errorf("held %v", held)
		}
		do(t, db, func(tx *Tx) error { return tx.Release(ctx, "a", "*") })
		if hold("a"); len(held) != 1 {
			t.Errorf("held %v", held)
		}
	})
}

func TestWorkersAndSchedules(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		c := newClock()
		db := open(t, where, c)
		run := planned(t, db, 1)
		var id int64
		do(t, db, func(tx *Tx) (err error) {
			if err = tx.Join(ctx, Worker{ID: "w1", Vantage: inventory.WAN, Name: "Hà Nội", Host: "h", PID: 7, Version: "v"}); err == nil {
				id, err = tx.AddSchedule(ctx, Schedule{List: run.List, Every: "weekly", What: "all", At: "Sun 22:00", Next: c.at, Enabled: true})
			}
			return err
		})
		if w, err := db.Workers(ctx, c.at, false); err != nil || len(w) != 1 || w[0].PID != 7 || w[0].Vantage != inventory.WAN {
			t.Errorf("%+v %v", w, err)
		}
		do(t, db, func(tx *Tx) error { return tx.Leave(ctx, "w1") })
		if w, err := db.Workers(ctx, c.at, false); err != nil || len(w) != 0 {
			t.Errorf("left: %+v %v", w, err)
		}
		due, err := db.Due(ctx, c.at)
		must(t, err)
		for i, want := range []bool{true, false} { // of two that saw it due, one plans
			ok := false
			do(t, db, func(tx *Tx) (err error) {
				ok, err = tx.Planned(ctx, id, due[0].Next, run.ID, c.at.Add(time.Hour))
				return err
			})
			if ok != want {
				t.Errorf("%d: %v", i, ok)
			}
		}
		if due, err := db.Due(ctx, c.at); err != nil || len(due) != 0 {
			t.Errorf("due %v %v", due, err)
		}
	})
}

// A run over a part of a list is nothing that a run over all of it is compared
// with, and tells what it leaves out.
func TestBeforeCoversWhatIsCompared(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db := open(t, where, newClock())
		first := planned(t, db, 3)
		next := func(units ...string) (run Run) {
			do(t, db, func(tx *Tx) (err error) {
				n := newRun(first.List)
				n.Units = units
				run, err = tx.AddRun(ctx, n)
				return err
			})
			return run
		}
		part, smaller, whole := next("H21.0", "H21.1"), next("H21.1"), next()
		for _, r := range []Run{first, part, smaller} {
			gen, _ := take(t, db, task(r, 1, inventory.Internet), Any, "w")
			land(t, db, task(r, 1, inventory.Internet), gen, "x")
		}
		for run, want := range map[int64]Run{part.ID: first, smaller.ID: part, whole.ID: first} {
			of, err := db.Run(ctx, run)
			must(t, err)
			if before, ok, err := db.Before(ctx, of); err != nil || !ok || before.ID != want.ID {
				t.Errorf("before run %d: %d %v %v, want %d", run, before.ID, ok, err, want.ID)
			}
		}
		for _, r := range []Run{part, whole} {
			left, err := db.LeftOut(ctx, r)
			if want := map[int64]int{part.ID: 1}[r.ID]; err != nil || len(left) != want || want == 1 && left[0] != "H21.2" {
				t.Errorf("run %d leaves out %v, %v", r.ID, left, err)
			}
		}
	})
}

// Of two that end the last tasks of a run in the same moment one ends the run.
func TestTheLastTwoEndTheRun(t *testing.T) {
	db := open(t, emptyPostgres(t), nil)
	run := planned(t, db, 1)
	var both, done sync.WaitGroup
	both.Add(2)
	for _, v := range run.Vantages {
		k := task(run, 0, v)
		gen, ok := take(t, db, k, Any, "w")
		done.Go(func() {
			err := db.Tx(ctx, func(tx *Tx) error {
				_, err := tx.Fail(ctx, k, gen, "a defect", false)
				both.Done()
				both.Wait()
				if err == nil {
					_, err = tx.EndIfDone(ctx, run.ID)
				}
				return err
			})
			if err != nil || !ok {
				t.Error(ok, err)
			}
		})
	}
	done.Wait()
	if r, err := db.Run(ctx, run.ID); err != nil || r.State != RunDone {
		t.Errorf("the run is %s (%v)", r.State, err)
	}
}
