package policies_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/trial"
	"github.com/sansang/sansang/policies"
)

var today = time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)

func named(t *testing.T, id string) *judge.Policy {
	t.Helper()
	for _, p := range shipped(t) {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("there is no policy %s", id)
	return nil
}

// Over whatever is seen, the strict profile is never kinder than what it
// extends: no finding of the base gets better, and nobody becomes ready.
func TestStrictIsNeverKinder(t *testing.T) {
	base, strict := load(t), named(t, "population-db-strict")
	rapid.Check(t, func(t *rapid.T) { neverKinder(t, base, strict, aged(t, anyCase(t, strict, today))) })
}

// The same holds of any profile that loads.
func TestNoProfileIsKinder(t *testing.T) {
	base := load(t)
	lib := library(t)
	for seed := range 12 {
		text := rapid.Custom(func(t *rapid.T) map[string]any { return anyProfile(t, base) }).Example(seed)
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := judge.Load(fstest.MapFS{"p.yaml": {Data: data}}, "p.yaml", lib, checks.Schema())
		if err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		gen := rapid.Custom(func(t *rapid.T) judge.Case { return aged(t, anyCase(t, p, today)) })
		for n := range 5 {
			neverKinder(t, base, p, gen.Example(100*seed+n))
		}
	}
}

// What the cases of the shipped policies come to gets no better either; there
// units are small enough to be ready.
func TestCasesUnderTheStrictProfile(t *testing.T) {
	base, strict := load(t), named(t, "population-db-strict")
	ready, lost := 0, 0
	for _, c := range trials(t) {
		was, req := trial.Only(base, c.Requirement)
		now, _ := trial.Only(strict, c.Requirement)
		if was == nil || now == nil {
			continue
		}
		a, b := was.Judge(c.Judged(req, checks.Tells)), now.Judge(c.Judged(req, checks.Tells))
		if a.Verdict == judge.Ready {
			ready++
			if b.Verdict != judge.Ready {
				lost++
			}
		}
		if a.Verdict == judge.NotReady && b.Verdict == judge.Ready {
			t.Errorf("%s, %s: not ready became ready", c.Requirement, c.Name)
		}
	}
	if ready < 100 || lost < 10 {
		t.Errorf("%d were ready and %d no longer: the cases do not try what they should", ready, lost)
	}
}

type failer interface {
	Fatalf(format string, args ...any)
}

func neverKinder(t failer, base, tight *judge.Policy, c judge.Case) {
	before, after := base.Judge(c), tight.Judge(c)
	if before.Verdict != judge.Ready && after.Verdict == judge.Ready {
		t.Fatalf("%v became ready", before.Verdict)
	}
	if tally := before.Tally; after.Verdict == judge.Ready && tally.Fail+tally.Manual+tally.Inconclusive > 0 {
		t.Fatalf("ready, with %+v before", tally)
	}
	byID := map[string]judge.Result{}
	for _, r := range after.Requirements {
		byID[r.ID] = r
	}
	unsure := []judge.Verdict{judge.Inconclusive, judge.Manual}
	for _, was := range before.Requirements {
		now, ok := byID[was.ID]
		if !ok || len(now.Findings) < len(was.Findings) || was.Decides && !now.Decides || now.Lapsed && !was.Lapsed {
			t.Fatalf("%s asks for less: decides %v, then %v", was.ID, was.Decides, now.Decides)
		}
		for i, f := range was.Findings {
			g := now.Findings[i]
			same := f.Scope == g.Scope && f.System == g.System && f.Endpoint == g.Endpoint
			kinder := f.Verdict != judge.NotApplicable && g.Verdict != f.Verdict && !slices.Contains(unsure, g.Verdict)
			if !same || kinder || f.Decides && !g.Decides {
				t.Fatalf("%s on %s%s: %v became %v, decides %v then %v", was.ID, f.System, f.Endpoint, f.Verdict, g.Verdict, f.Decides, g.Decides)
			}
		}
	}
}

// aged makes documents and facts of a case older, each by its own while.
func aged(t *rapid.T, c judge.Case) judge.Case {
	c.Unit.Attestations, c.Observations = slices.Clone(c.Unit.Attestations), slices.Clone(c.Observations)
	back := rapid.SampledFrom([]int{0, 0, 20, 40, 100, 200, 400})
	days := map[string]int{}
	for i, a := range c.Unit.Attestations {
		if _, ok := days[a.Requirement]; !ok { // of one requirement alike, so that the newest stays the newest
			days[a.Requirement] = back.Draw(t, "age of documents of "+a.Requirement)
		}
		c.Unit.Attestations[i].Issued = inventory.Date{Time: a.Issued.AddDate(0, 0, -days[a.Requirement])}
	}
	for i, o := range c.Observations {
		if o.Check != judge.DocumentCheck {
			c.Observations[i].At = o.At.AddDate(0, 0, -back.Draw(t, "age of a fact"))
		}
	}
	return c
}

// anyProfile tightens some of a policy's requirements in some ways.
func anyProfile(t *rapid.T, base *judge.Policy) map[string]any {
	text := map[string]string{"vi": "chặt hơn", "en": "tighter"}
	p := map[string]any{"id": "p", "version": "1", "title": text, "about": text, "extends": base.ID}
	if rapid.Bool().Draw(t, "known") {
		p["known"] = []fact.Way{fact.Observed, fact.Probed}
	}
	some := func(what string) bool { return rapid.IntRange(0, 2).Draw(t, what) == 0 }
	var items []any
	for _, r := range base.Requirements {
		if !some("tighten " + r.ID) {
			continue
		}
		item := map[string]any{"id": r.ID, "need": text}
		if some("severity") {
			item["severity"] = judge.Critical
		}
		if some("strength") {
			item["strength"] = judge.StrengthA
		}
		if some("levels") {
			item["levels"] = map[string]judge.Force{"2": judge.Mandatory, "4": judge.Mandatory}
		}
		if some("max_age") {
			item["max_age"] = rapid.IntRange(1, max(1, r.MaxAge)).Draw(t, "days")
		}
		if e := r.Evidence; e != nil && e.ValidMonths > 0 && some("evidence") {
			item["evidence"] = map[string]int{"valid_months": rapid.IntRange(1, e.ValidMonths).Draw(t, "months")}
		}
		if some("also") {
			item["also"] = []judge.Rule{rapid.SampledFrom(base.Requirements).Draw(t, "rule of").Rule}
		}
		items = append(items, item)
	}
	if len(items) > 0 {
		p["tighten"] = items
	}
	return p
}

// The editions follow each other day by day, and a moment finds its own.
func TestEditions(t *testing.T) {
	all, err := judge.Editions(policies.FS, policies.Default)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range all[1:] {
		if !e.Until.End().Equal(all[i].From.Time) {
			t.Errorf("%s ends on %v, %s begins on %v", e.Name, e.Until, all[i].Name, all[i].From)
		}
	}
	for at, want := range map[string]string{
		"2022-12-18T16:59:59Z": "population-db-2022", "2023-05-01T00:00:00Z": "population-db-2022", "2026-06-30T16:59:59Z": "population-db-2022",
		"2026-06-30T17:00:00Z": policies.Default, "2030-01-01T00:00:00Z": policies.Default,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := judge.EditionAt(all, moment); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
}

// In the whole time for which a policy is meant, each of its requirements that
// may decide rests on a text that is in force and no mere reference; of the
// policy of today, since the decrees of 19/08/2026 came into force.
func TestNothingLapsesUnnoticed(t *testing.T) {
	lib := library(t)
	since, err := inventory.ParseDate("2026-08-19")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{policies.Default, "population-db-2022", "population-db-strict"} {
		p := named(t, id)
		for _, r := range p.Requirements {
			forces := slices.Collect(maps.Values(r.Levels))
			if r.Strength == judge.StrengthC || !slices.Contains(forces, judge.Mandatory) {
				continue
			}
			moments := []time.Time{p.From.Time, since.Time, time.Date(2035, 1, 1, 0, 0, 0, 0, inventory.Vietnam)}
			for _, b := range r.Basis {
				if !b.Until.IsZero() {
					moments = append(moments, b.Until.End())
				}
			}
			for _, at := range moments {
				if !p.InForce(at) || p.Until.IsZero() && at.Before(since.Time) {
					continue
				}
				bound := slices.ContainsFunc(r.InForce(at), func(b judge.Basis) bool {
					law := lib.Laws[b.Law]
					return law == nil || law.Kind != judge.Reference
				})
				if !bound && !ownChoice(p, r) {
					t.Errorf("%s: %s rests on no binding text on %s", id, r.ID, at.Format(time.DateOnly))
				}
			}
		}
	}
}

// ownChoice tells a requirement that a profile made mandatory by its own choice.
func ownChoice(p *judge.Policy, r *judge.Requirement) bool {
	return slices.ContainsFunc(p.Tighten, func(t judge.Tightening) bool { return t.ID == r.ID && t.Strength != "" })
}

// The policy before judges by the very expressions of today's.
func TestEarlierPolicyAsksTheSame(t *testing.T) {
	now, then := load(t), named(t, "population-db-2022")
	day := time.Date(2023, 5, 1, 0, 0, 0, 0, inventory.Vietnam)
	left := map[string]bool{}
	for _, n := range then.NotJudged {
		left[n.ID] = true
	}
	if len(then.Requirements)+len(left) != len(now.Requirements) {
		t.Errorf("%d judged and %d not, of %d", len(then.Requirements), len(left), len(now.Requirements))
	}
	for _, r := range now.Requirements {
		_, same := trial.Only(then, r.ID)
		if same == nil && !left[r.ID] || same != nil && fmt.Sprint(same.Rule, same.Also) != fmt.Sprint(r.Rule, r.Also) {
			t.Errorf("%s is left out or asked otherwise", r.ID)
		}
	}
	report := then.Judge(judge.Case{At: day, Unit: inventory.Unit{Systems: []inventory.System{{ID: "s", Level: 3}}}})
	for _, r := range report.Requirements {
		if r.Lapsed || len(r.Basis) == 0 {
			t.Errorf("%s rests on nothing on %s", r.ID, day.Format(time.DateOnly))
		}
		for _, b := range r.Basis {
			if b.From.After(day) {
				t.Errorf("%s rests on %s, which came later", r.ID, b.Law)
			}
		}
	}
}
