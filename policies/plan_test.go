package policies_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/plan"
)

// What a plan says will become of a requirement is what judging on that day
// gives, to the hour, and nothing that changes is left out.
func TestPlanForetells(t *testing.T) {
	p := load(t)
	changed := 0
	some(t, 10, func(t *rapid.T) {
		at := time.Date(2026, 11, 24, rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, time.UTC)
		c := anyCase(t, p, at)
		for i := range c.Unit.Attestations {
			a := &c.Unit.Attestations[i]
			day := inventory.Date{Time: time.Date(2026, 11, 24, 0, 0, 0, 0, inventory.Vietnam)}
			a.Issued = inventory.Date{Time: day.AddDate(0, -rapid.SampledFrom([]int{1, 5, 11, 23, 24}).Draw(t, "months"), -rapid.IntRange(0, 31).Draw(t, "days"))}
			if rapid.Bool().Draw(t, "to a day") {
				a.Until = inventory.Date{Time: day.AddDate(0, 0, rapid.IntRange(0, 100).Draw(t, "until"))}
			}
		}
		made, now := plan.Make(p, c), p.Judge(c)
		for range 6 {
			later := at.Add(time.Duration(rapid.IntRange(1, 90*24-1).Draw(t, "hours later"))*time.Hour + 30*time.Minute)
			c.At = later
			changed += foretold(t, p, made, now, p.Judge(c))
		}
	})
	if changed < 20 {
		t.Errorf("%d requirements came to something else: the cases are too tame", changed)
	}
}

// foretold holds a plan against what a later day brought, and counts the
// requirements that came to something else.
func foretold(t *rapid.T, p *judge.Policy, made plan.Plan, now, then judge.Report) (changed int) {
	told, vague, attested := map[string]judge.Verdict{}, map[string]bool{}, map[string]bool{}
	for _, r := range p.Requirements {
		attested[r.ID] = r.Proof() == judge.Attested
	}
	for _, e := range made.Expiring {
		for _, a := range e.Affects {
			if e.Kind == plan.Other && attested[a.ID] {
				t.Fatalf("%s becomes %v, and no document, waiver or law explains it: %+v", a.ID, a.New, e)
			}
			if vague[a.ID] = vague[a.ID] || e.Kind == plan.Other; !e.On.After(then.At) {
				told[a.ID] = a.New
			}
		}
		if last := e.Last; !last.IsZero() && !last.End().Equal(e.On) {
			t.Fatalf("%s ends at %s, and its last day is %s", e.What.En, e.On, last.Time)
		}
	}
	for i, r := range then.Requirements {
		want, ok := told[r.ID]
		if !ok {
			want = now.Requirements[i].Verdict
		}
		switch {
		case vague[r.ID] || !r.Decides && !now.Requirements[i].Decides:
		case want != r.Verdict:
			t.Fatalf("%s on %s: %v, and the plan said %v: %+v", r.ID, then.At, r.Verdict, want, made.Expiring)
		case ok:
			changed++
		}
	}
	return changed
}
