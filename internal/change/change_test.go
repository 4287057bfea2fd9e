package change

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/record"
)

type door struct {
	Open  bool `json:"open" vi:"mở" en:"open"`
	Locks int  `json:"locks" vi:"số khóa" en:"locks"`
}

const requirement = `- id: %s
  title: {vi: t, en: t}
  need: {vi: n, en: n}
  basis: [{law: L, status: verified, from: %s}]
  strength: A
  severity: high
  levels: {2: recommended, 3: mandatory, 4: mandatory}
  fix: {vi: f, en: f}
  scope: endpoint
  evidence: {what: {vi: w, en: w}, valid_months: 12}
  max_age: 30
  expect: '%s'
`

// policyOf makes a policy of requirements that all hold from a date, each with
// an expression.
func policyOf(t testing.TB, from string, expects ...string) *judge.Policy {
	t.Helper()
	var reqs, ids strings.Builder
	for i, e := range expects {
		if e != "" {
			fmt.Fprintf(&reqs, requirement, fmt.Sprintf("RR-%02d", i+1), from, e)
			fmt.Fprintf(&ids, "\n  - RR-%02d", i+1)
		}
	}
	fsys := fstest.MapFS{
		"p.yaml":              {Data: []byte("id: p\nversion: \"1\"\ntitle: {vi: t, en: t}\nabout: {vi: a, en: a}\nrequirements:" + ids.String() + "\n")},
		"requirements/r.yaml": {Data: []byte(reqs.String())},
	}
	lib, err := judge.ReadLibrary(fsys)
	if err != nil {
		t.Fatal(err)
	}
	ty, err := fact.TypeOf[door]()
	if err != nil {
		t.Fatal(err)
	}
	ty.Known = fact.Observed
	p, err := judge.Load(fsys, "p.yaml", lib, fact.Schema{"door.state": ty})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	day  = time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	self = record.Tool{Version: "1"}
)

const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// side is a unit with one door, closed and with two locks.
func side(t testing.TB) Side {
	t.Helper()
	return Side{Name: "a", Policy: policyOf(t, "2026-01-01", "!door.state.open"), Tools: []record.Tool{self}, Case: judge.Case{At: day, Zone: inventory.Internet,
		Unit: inventory.Unit{Unit: inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Province},
			Systems:   []inventory.System{{ID: "s", Name: "s", Level: 3}},
			Endpoints: []inventory.Endpoint{{ID: "e", System: "s", Target: "127.0.0.1:1", Kind: inventory.TCP, Zone: inventory.Internet}}},
		Observations: []fact.Observation{see(door{Locks: 2})}}}
}

func see(d door) fact.Observation {
	b, _ := json.Marshal(d)
	return fact.Observation{Check: "door.state", Endpoint: "e", At: day.Add(-time.Hour), Value: b}
}

func blind(cause fact.Cause) fact.Observation {
	return fact.Observation{Check: "door.state", Endpoint: "e", At: day.Add(-time.Hour), Unknown: fact.Because(cause, "x")}
}

func date(s string) inventory.Date {
	d, err := inventory.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// told gives the causes of the one finding that changed: "a+b" act together,
// "a|b" each suffices.
func told(t *testing.T, d Diff) string {
	t.Helper()
	if len(d.Findings) != 1 {
		t.Fatalf("%d findings changed, want 1: %+v", len(d.Findings), d.Findings)
	}
	var sets []string
	for _, s := range d.Findings[0].Why {
		var kinds []string
		for _, c := range s {
			kinds = append(kinds, string(c.Kind))
			if !c.What.Whole() {
				t.Errorf("%s says nothing in one language: %+v", c.Kind, c.What)
			}
		}
		sets = append(sets, strings.Join(kinds, "+"))
	}
	return strings.Join(sets, "|")
}

func TestCauses(t *testing.T) {
	open := []fact.Observation{see(door{Open: true, Locks: 2})}
	waiver := inventory.Waiver{Requirement: "RR-01", Reason: "r", Approver: "a", Expires: date("2026-12-10")}
	paper := func(c *judge.Case) {
		c.Unit.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "d", SHA256: digest, Issued: date("2026-11-01"), Signer: "s"}}
		c.Observations = append(c.Observations, fact.Observation{Check: judge.DocumentCheck, Endpoint: "d", At: day, Value: json.RawMessage(`{"sha256":"` + digest + `","bytes":1}`)})
	}
	attested := policyOf(t, "2026-01-01", "attest.met && door.state.locks > 0")
	for name, c := range map[string]struct {
		change func(a, b *Side)
		want   string
		course Course
	}{
		"the target": {func(_, b *Side) { b.Case.Observations = open }, "target", Worse},
		"the target, or the tool": {func(_, b *Side) {
			b.Case.Observations, b.Tools = open, []record.Tool{{Version: "2"}}
		}, "target-or-tool", Worse},
		"the place looked from": {func(_, b *Side) {
			b.Case.Observations, b.Case.Zone = open, inventory.Admin
		}, "vantage", Worse},
		"a tool that looks at more": {func(a, b *Side) {
			a.Case.Observations, b.Tools = nil, []record.Tool{{Version: "2"}}
		}, "tool", NotWorse},
		"newly seen":      {func(a, _ *Side) { a.Case.Observations = []fact.Observation{blind(fact.Timeout)} }, "newly-seen", NotWorse},
		"no longer seen":  {func(_, b *Side) { b.Case.Observations = []fact.Observation{blind(fact.Blocked)} }, "no-longer-seen", Unclear},
		"a fail not seen": {func(a, b *Side) { a.Case.Observations, b.Case.Observations = open, nil }, "no-longer-seen", Unclear},
		"the policy": {func(_, b *Side) {
			b.Policy = policyOf(t, "2026-01-01", "!door.state.open && door.state.locks >= 3")
		}, "policy", Worse},
		"a requirement more": {func(_, b *Side) {
			b.Policy = policyOf(t, "2026-01-01", "!door.state.open", "door.state.locks >= 3")
		}, "policy", Worse},
		"a requirement less": {func(a, _ *Side) {
			a.Policy = policyOf(t, "2026-01-01", "!door.state.open", "door.state.locks >= 3")
		}, "policy", NotWorse},
		"policy and target together": {func(_, b *Side) {
			b.Policy = policyOf(t, "2026-01-01", "door.state.locks != 1")
			b.Case.Observations = []fact.Observation{see(door{Locks: 1})}
		}, "target+policy", Worse},
		"policy or target, either": {func(_, b *Side) {
			b.Policy, b.Case.Observations = policyOf(t, "2026-01-01", "!door.state.open && door.state.locks >= 3"), open
		}, "target|policy", Worse},
		"a lower level": {func(_, b *Side) { b.Case.Unit.Systems = []inventory.System{{ID: "s", Name: "s", Level: 2}} }, "unit-file", Unclear},
		"an endpoint more": {func(_, b *Side) {
			b.Case.Unit.Endpoints = append(slices.Clone(b.Case.Unit.Endpoints), inventory.Endpoint{ID: "f", System: "s", Target: "127.0.0.1:2", Kind: inventory.TCP, Zone: inventory.Internet})
		}, "unit-file", Unclear},
		"a waiver added": {func(a, b *Side) {
			a.Case.Observations, b.Case.Observations, b.Case.Unit.Waivers = open, open, []inventory.Waiver{waiver}
		}, "waiver-added", NotWorse},
		"a waiver removed": {func(a, b *Side) {
			a.Case.Observations, b.Case.Observations, a.Case.Unit.Waivers = open, open, []inventory.Waiver{waiver}
		}, "waiver-removed", Worse},
		"a waiver that ended": {func(a, b *Side) {
			for _, s := range []*Side{a, b} {
				s.Case.Observations, s.Case.Unit.Waivers = open, []inventory.Waiver{waiver}
			}
			b.Case.At = date("2026-12-11").Time
		}, "waiver-ended", Worse},
		"a document supplied": {func(a, b *Side) {
			a.Policy, b.Policy = attested, attested
			paper(&b.Case)
		}, "evidence", NotWorse},
		"a document reviewed": {func(a, b *Side) {
			a.Policy, b.Policy = attested, attested
			paper(&a.Case)
			paper(&b.Case)
			b.Case.Unit.Reviews = []inventory.Review{{Requirement: "RR-01", Document: "d", SHA256: digest, Result: inventory.Refused, Reason: "r", By: "x", On: date("2026-11-20")}}
		}, "evidence", Unclear},
		"a document that makes a waiver idle": {func(a, b *Side) {
			for _, s := range []*Side{a, b} {
				s.Policy, s.Case.Unit.Waivers = orAttested(t), []inventory.Waiver{waiver}
				paper(&s.Case)
			}
			a.Case.Unit.Attestations[0].Result = inventory.NotMet
		}, "evidence", NotWorse},
		"not met, where a waiver was waiting": {func(a, b *Side) {
			for _, s := range []*Side{a, b} {
				s.Policy, s.Case.Unit.Waivers = orAttested(t), []inventory.Waiver{waiver}
				paper(&s.Case)
			}
			b.Case.Unit.Attestations[0].Result = inventory.NotMet
		}, "evidence", NotWorse},
		"a waiver of what the law no longer asks": {func(a, b *Side) {
			for _, s := range []*Side{a, b} {
				s.Policy = until(t, "2026-12-01", "!door.state.open")
				s.Case.Observations, s.Case.Unit.Waivers = open, []inventory.Waiver{waiver}
			}
			b.Case.At = date("2026-12-05").Time
		}, "date", Unclear},
		"a document that ran out": {func(a, b *Side) {
			a.Policy, b.Policy = orAttested(t), orAttested(t)
			paper(&a.Case)
			paper(&b.Case)
			b.Case.At = date("2027-12-01").Time
		}, "evidence-ended", Unclear},
		"facts too old": {func(_, b *Side) { b.Case.At = date("2027-01-15").Time }, "facts-too-old", Unclear},
		"a law that came into force": {func(a, b *Side) {
			a.Policy, b.Policy = policyOf(t, "2026-11-25", "door.state.locks > 2"), policyOf(t, "2026-11-25", "door.state.locks > 2")
			b.Case.At = date("2026-11-25").Time
		}, "date", Worse},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := side(t), side(t)
			c.change(&a, &b)
			d := Between(a, b)
			if got := told(t, d); got != c.want {
				t.Errorf("because of %s, want %s: %+v", got, c.want, d.Findings[0])
			}
			if got := d.Course(); got != c.course {
				t.Errorf("course %d, want %d", got, c.course)
			}
		})
	}
}

// until is a policy whose law ends on a day.
func until(t *testing.T, last, expect string) *judge.Policy {
	t.Helper()
	p := policyOf(t, "2026-01-01", expect)
	p.Requirements[0].Basis[0].Until = date(last)
	return p
}

// orAttested holds by a document where the door has not the locks.
func orAttested(t *testing.T) *judge.Policy {
	return policyOf(t, "2026-01-01", "attest.met || door.state.locks > 5")
}

// Two judgements of the same are the same, and looking again at a later moment
// changes nothing by itself.
func TestNothingChanged(t *testing.T) {
	a, b := side(t), side(t)
	b.Case.At = day.Add(time.Hour)
	b.Case.Observations = []fact.Observation{see(door{Locks: 2})}
	b.Case.Observations[0].At = day
	d := Between(a, b)
	if len(d.Findings) != 0 || d.Compared != 1 || d.Course() != NotWorse || len(d.Why) != 0 {
		t.Errorf("%+v", d)
	}
}
