package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/store"
)

// The nation is as large as it should be, its endpoints fail as often as they
// should, and the lab has a server wherever one should answer.
func TestNationPlan(t *testing.T) {
	nation := newNation(nationUnits)
	kinds, verdicts, causes := map[string]int{}, map[judge.UnitVerdict]int{}, map[fact.Cause]int{}
	recipes, taken, ids := map[string]bool{"": true}, map[netip.AddrPort]bool{}, map[string]bool{}
	for _, r := range lab.Recipes() {
		recipes[r.Name] = true
	}
	for _, u := range nation {
		if ids[u.ID] || u.Parent != "" && !ids[u.Parent] {
			t.Errorf("%s is there twice, or before %q", u.ID, u.Parent)
		}
		ids[u.ID] = true
		kinds[u.Kind]++
		verdicts[u.Want]++
		for _, e := range u.Endpoints {
			causes[e.Cause]++
			at := netip.AddrPortFrom(e.At, e.Port)
			if taken[at] || !u.Network.Contains(e.At) {
				t.Errorf("%s %s: %v is taken, or outside %v", u.ID, e.ID, at, u.Network)
			}
			taken[at] = true
			if got := recipeAt(nation, at); got != e.Recipe && !e.Dropped || !recipes[e.Recipe] {
				t.Errorf("%s %s: the lab has %q at %v, want %q", u.ID, e.ID, got, at, e.Recipe)
			}
		}
	}
	if kinds["ministry"] != nationMinistries || kinds["province"] != nationProvinces || len(nation) != nationUnits {
		t.Errorf("%v of %d", kinds, len(nation))
	}
	const endpoints = nationUnits * nationEndpoints
	for cause, percent := range map[fact.Cause]float64{fact.Timeout: nationDropped + nationHanging, fact.Unreachable: nationRefused, fact.Reset: nationCutting, "": 92} {
		if got := float64(causes[cause]) / endpoints * 100; got < percent-0.7 || got > percent+0.7 {
			t.Errorf("%.2f %% of the endpoints: %q, want %.1f", got, cause, percent)
		}
	}
	t.Logf("%v, %v", verdicts, causes)
	for _, v := range []judge.UnitVerdict{judge.Ready, judge.NotReady, judge.Undetermined} {
		if verdicts[v] < 20 {
			t.Errorf("%d units are %v", verdicts[v], v)
		}
	}
	attested, err := attestable()
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range nation[:200] {
		got, err := inventory.Load(u.ID+".yaml", u.file(attested))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Endpoints) != nationEndpoints || got.Unit.ID != u.ID {
			t.Errorf("%s reads as %s with %d endpoints", u.ID, got.Unit.ID, len(got.Endpoints))
		}
	}
}

// The flow of a run is read off when its units began and ended.
func TestNationTimes(t *testing.T) {
	at := func(second int) time.Time { return time.Unix(1_700_000_000+int64(second), 0) }
	var tasks []store.Task
	for i := range 100 { // one begun a second, each takes 20 s, so 20 are in work
		tasks = append(tasks, store.Task{Began: at(i), Ended: at(i + 20)})
	}
	tasks = append(tasks, store.Task{}) // never begun
	got := timesOf(tasks)
	want := nationTimes{AtOnce: [3]int{20, 20, 20}, Took: [4]time.Duration{20 * time.Second, 20 * time.Second, 20 * time.Second, 20 * time.Second}, Rate: got.Rate}
	if got != want || got.Rate < 59 || got.Rate > 61 {
		t.Errorf("%v", got)
	}
	if none := timesOf(nil); none != (nationTimes{}) {
		t.Errorf("of no task: %v", none)
	}
}
