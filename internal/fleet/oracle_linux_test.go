package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// told is all that a run says of its units, a line each, without what depends
// on when, where and in which order they were looked at.
func told(t testing.TB, db *store.DB, run int64) []string {
	t.Helper()
	ctx := context.Background()
	var out []string
	add := func(kind string, key []any, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %v %s", kind, key, b))
	}
	must(t, db.EachUnit(ctx, run, func(u store.UnitRow) error {
		add("unit", []any{u.Identity.ID, u.Judged, u.Verdict, u.Complete, u.Policy.ID, u.Expires.UnixMicro()}, []any{u.Tally, u.Because})
		return nil
	}))
	must(t, db.EachFinding(ctx, run, store.Which{}, func(f store.FindingRow) error {
		add("finding", []any{f.Unit, f.Requirement}, f.Finding)
		return nil
	}))
	must(t, db.EachPlace(ctx, run, false, func(p store.Place) error {
		add("place", []any{p.Unit, p.Vantage, p.Endpoint}, p)
		return nil
	}))
	must(t, db.EachAssessment(ctx, run, func(s store.Stored) error {
		a := readStored(t, s)
		if a.End == nil || a.End.Stopped || len(a.Missing()) > 0 {
			t.Errorf("the record of %s from %q is not whole", s.Unit, s.Vantage)
		}
		add("look", []any{s.Unit, s.Vantage}, []any{s.Connections, a.Header.Unit, a.Header.Vantage.Zone, a.Header.Plan})
		for _, o := range a.Observations {
			if o.Zone != string(s.Vantage) {
				t.Errorf("%s from %q holds what was seen from %q", s.Unit, s.Vantage, o.Zone)
			}
			add("fact", []any{s.Unit, s.Vantage, o.Endpoint, o.Check}, []any{o.Value, o.Unknown})
		}
		return nil
	}))
	tasks, err := db.Tasks(ctx, run)
	must(t, err)
	for _, k := range tasks {
		add("task", []any{k.Unit, k.Vantage, k.State}, nil)
	}
	slices.Sort(out)
	return out
}

func readStored(t testing.TB, s store.Stored) *record.Assessment {
	t.Helper()
	r, err := s.Open()
	must(t, err)
	defer func() { _ = r.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	a, err := record.Read(s.Unit, &b)
	must(t, err)
	return a
}

// expected is what told is to give, worked out without fleet or store: units
// and facts of the made-up nation. Findings and verdicts are made of them.
func expected(units int, zones ...inventory.Zone) (facts []string) {
	for _, u := range madeUpList(units).Units {
		for _, z := range zones {
			for _, e := range u.Declared.Endpoints {
				for _, c := range madeUpChecks {
					o := seenOf(u.ID(), z, e.ID, c)
					b, _ := json.Marshal([]any{o.Value, o.Unknown})
					facts = append(facts, fmt.Sprintf("fact %v %s", []any{u.ID(), z, e.ID, c}, b))
				}
			}
		}
	}
	slices.Sort(facts)
	return facts
}

// same fails if a run does not tell what is wanted, line by line.
func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	n := 0
	for _, side := range []struct {
		sign     string
		of, from []string
	}{{"missing", want, got}, {"too much", got, want}} {
		have := map[string]int{}
		for _, l := range side.from {
			have[l]++
		}
		for _, l := range side.of {
			if have[l]--; have[l] >= 0 {
				continue
			}
			if n++; n <= 10 {
				t.Errorf("%s: %s: %.300s", what, side.sign, l)
			}
		}
	}
	t.Errorf("%s: %d lines differ of %d", what, n, len(want))
}

// whole fails unless the run is done, each of its tasks landed once, and the
// chain of its assessments holds from its beginning to its end.
func whole(t testing.TB, db *store.DB, run int64, tasks int) {
	t.Helper()
	ctx := context.Background()
	r, err := db.Run(ctx, run)
	must(t, err)
	if r.State != store.RunDone || r.Landed != int64(tasks) {
		t.Errorf("the run is %s with %d of %d landed", r.State, r.Landed, tasks)
	}
	seq, prev, seen := int64(0), "", map[store.TaskKey]bool{}
	must(t, db.EachAssessment(ctx, run, func(s store.Stored) error {
		if seq++; s.Seq != seq || seen[s.TaskKey] || seq > 1 && s.Prev != prev {
			t.Errorf("assessment %d of %s from %q: number %d, seen before %v, chained %v", s.ID, s.Unit, s.Vantage, s.Seq, seen[s.TaskKey], s.Prev == prev)
		}
		prev, seen[s.TaskKey] = s.Chain, true
		return nil
	}))
	if prev != r.Chain || len(seen) != tasks {
		t.Errorf("%d assessments of %d, the chain ends where the run says: %v", len(seen), tasks, prev == r.Chain)
	}
	if db.Engine() == store.SQLite {
		var said string
		must(t, db.SQL().QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&said))
		if said != "ok" {
			t.Errorf("SQLite says of its file: %s", said)
		}
	}
}

// landedOnce fails if any process was told twice that the same task landed. One
// that was killed may have landed without telling it.
func landedOnce(t testing.TB, log string) (looks int) {
	t.Helper()
	b, err := os.ReadFile(log)
	must(t, err)
	seen := map[string]bool{}
	for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		word, task, _ := strings.Cut(l, " ")
		task, _, _ = strings.Cut(task, " ")
		switch {
		case word == "began":
			looks++
		case word == "landed" && seen[task]:
			t.Errorf("%s landed twice", task)
		case word == "landed":
			seen[task] = true
		}
	}
	return looks
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
