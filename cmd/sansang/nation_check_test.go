package main

import (
	"context"
	"fmt"
	"testing"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/store"
)

// nationSeen is what a run found.
type nationSeen struct {
	units, endpoints, dead, connections int
	verdicts                            map[judge.UnitVerdict]int
	wrong                               []string
	times                               nationTimes
}

// checkNation holds the newest run of a database against what was meant: each
// verdict, why nothing is known of each endpoint that does not answer, and
// each requirement that a server fails.
func checkNation(b testing.TB, path string, nation []nationUnit) nationSeen {
	b.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, path, store.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	runs, err := db.Runs(ctx)
	if err != nil || len(runs) == 0 {
		b.Fatalf("%d runs, %v", len(runs), err)
	}
	newest := runs[0]
	for _, r := range runs {
		if r.ID > newest.ID {
			newest = r
		}
	}
	s := nationSeen{verdicts: map[judge.UnitVerdict]int{}}
	places, failed, rows := map[string]store.Place{}, map[string]bool{}, map[string]store.UnitRow{}
	if err := db.EachPlace(ctx, newest.ID, false, func(p store.Place) error {
		places[p.Unit+" "+p.Endpoint] = p
		s.connections += p.Connections
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	if err := db.EachFinding(ctx, newest.ID, store.Which{Verdict: judge.Fail.String()}, func(f store.FindingRow) error {
		for _, d := range f.Detail {
			if d.Verdict == judge.Fail {
				failed[f.Unit+" "+d.Endpoint+" "+f.Requirement] = true
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	if err := db.EachUnit(ctx, newest.ID, func(u store.UnitRow) error { rows[u.Identity.ID] = u; return nil }); err != nil {
		b.Fatal(err)
	}
	tasks, err := db.Tasks(ctx, newest.ID, store.TaskDone)
	if err != nil {
		b.Fatal(err)
	}
	s.times = timesOf(tasks)
	for _, u := range nation {
		row := rows[u.ID]
		if !row.Judged || !row.Complete {
			s.wrong = append(s.wrong, u.ID+": not judged")
			continue
		}
		s.units++
		s.verdicts[row.Verdict]++
		if row.Verdict != u.Want {
			s.wrong = append(s.wrong, fmt.Sprintf("%s: %v, want %v", u.ID, row.Verdict, u.Want))
		}
		for _, e := range u.Endpoints {
			s.endpoints++
			if e.Cause != "" {
				s.dead++
			}
			if p, ok := places[u.ID+" "+e.ID]; !ok || p.Cause != string(e.Cause) {
				s.wrong = append(s.wrong, fmt.Sprintf("%s %s (%s): cause %q (%s), want %q", u.ID, e.ID, e.Recipe, p.Cause, p.Detail, e.Cause))
			}
			if e.Fails != "" && !failed[u.ID+" "+e.ID+" "+e.Fails] {
				s.wrong = append(s.wrong, fmt.Sprintf("%s %s (%s): %s does not fail", u.ID, e.ID, e.Recipe, e.Fails))
			}
		}
	}
	return s
}
