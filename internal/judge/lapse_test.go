package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// A requirement whose law has ended leaves the unit undetermined, not ready.
func TestLapsedLawMakesNobodyReady(t *testing.T) {
	p, err := policyOf(t, closed, closed)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := inventory.ParseDate("2026-11-30")
	ends := func(strength Strength, due string) *Policy {
		q, r := *p, *p.Requirements[1]
		r.Basis = []Basis{{Law: "L", From: r.Basis[0].From, Until: end}}
		r.Strength = strength
		if due != "" {
			r.Due, _ = inventory.ParseDate(due)
		}
		q.Requirements = []*Requirement{p.Requirements[0], &r}
		return &q
	}
	for _, c := range []struct {
		name string
		p    *Policy
		at   string
		want UnitVerdict
	}{
		{"in force", ends(StrengthA, ""), "2026-11-30T16:59:00Z", Ready},
		{"ended", ends(StrengthA, ""), "2026-11-30T17:00:00Z", Undetermined},
		{"good practice alone", ends(StrengthC, ""), "2026-12-24T00:00:00Z", Ready},
		{"not yet due", ends(StrengthA, "2027-01-01"), "2026-12-24T00:00:00Z", Ready},
	} {
		at, _ := time.Parse(time.RFC3339, c.at)
		r := c.p.Judge(Case{Unit: unit(), At: at, Zone: inventory.Internet, Observations: []fact.Observation{see(t, whole())}})
		if r.Verdict != c.want {
			t.Errorf("%s: %v because %v", c.name, r.Verdict, r.Because)
		}
		if told := strings.Contains(sayAll(r), "RR-02"); told != (c.want == Undetermined) {
			t.Errorf("%s: says %s", c.name, sayAll(r))
		}
	}
}

func sayAll(r Report) string {
	var all []string
	for _, b := range r.Because {
		all = append(all, b.En)
	}
	return strings.Join(all, "; ")
}

// A fail decides, and yet it is told that the policy was not meant for the day,
// or that a text was not in force on it.
func TestAFailHidesNoLapse(t *testing.T) {
	p, err := policyOf(t, closed, closed)
	if err != nil {
		t.Fatal(err)
	}
	at, _ := time.Parse(time.RFC3339, "2026-11-24T08:00:00Z")
	judged := func(change func(*Policy, *Requirement)) Report {
		q, r := *p, *p.Requirements[1]
		r.Basis = slices.Clone(r.Basis)
		change(&q, &r)
		q.Requirements = []*Requirement{p.Requirements[0], &r}
		wide := whole()
		wide.Open = true
		return q.Judge(Case{Unit: unit(), At: at, Zone: inventory.Internet, Observations: []fact.Observation{see(t, wide)}})
	}
	for name, c := range map[string]struct {
		change func(*Policy, *Requirement)
		says   string
	}{
		"all in force":             {func(*Policy, *Requirement) {}, ""},
		"a policy of another time": {func(q *Policy, _ *Requirement) { q.Until, _ = inventory.ParseDate("2026-01-01") }, "not meant for this date"},
		"a text of another time":   {func(_ *Policy, r *Requirement) { r.Basis[0].Until, _ = inventory.ParseDate("2026-01-01") }, "RR-02"},
	} {
		r := judged(c.change)
		if r.Verdict != NotReady || !strings.Contains(sayAll(r), c.says) || c.says == "" && len(r.Because) > 0 {
			t.Errorf("%s: %v, says %q", name, r.Verdict, sayAll(r))
		}
	}
}
