package policies_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// What holds of judging, whatever was seen, by every shipped policy. The cases
// are drawn once for all of it: drawing is most of the work.
func TestLawsOfJudging(t *testing.T) {
	for _, p := range shipped(t) {
		t.Run(p.ID, func(t *testing.T) {
			at := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
			if !p.InForce(at) {
				at = p.Until.Time
			}
			some(t, 5, func(t *rapid.T) {
				c := anyCase(t, p, at)
				was := given(t, c)
				before := p.Judge(c)
				sameAgain(t, p, c, was, before)
				orderIsNothing(t, p, c, before)
				evidenceNeverHarms(t, p, c, before)
				waiversExcuseFails(t, p, c, before)
				expiryNeverHelps(t, p, c)
			})
		})
	}
}

// some checks a property by a share, in percent, of the cases that rapid would
// draw: a case holds hundreds of facts, and is judged by a hundred requirements.
func some(t *testing.T, percent int, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	all := checks.String()
	n, err := strconv.Atoi(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(strconv.Itoa(max(1, n*percent/100))); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = checks.Set(all) }()
	rapid.Check(t, property)
}

// written gives a value as JSON, which holds all of it that is not derived.
func written(t *rapid.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// given writes down what the judge is given.
func given(t *rapid.T, c judge.Case) string {
	return written(t, []any{c.Unit, c.Observations, c.Zone, c.At, c.Incomplete}) + fmt.Sprint(c.Vantages)
}

// shuffled gives a list in another order.
func shuffled[T any](t *rapid.T, name string, list []T) []T {
	out := slices.Clone(list)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, name), 0))
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// sameAgain: the same case gives the same bytes, and is left as it was.
func sameAgain(t *rapid.T, p *judge.Policy, c judge.Case, was string, before judge.Report) {
	if again := written(t, p.Judge(c)); again != written(t, before) {
		t.Fatal("judged again, it says otherwise")
	}
	if given(t, c) != was {
		t.Fatal("judging changed what it was given")
	}
}

// orderIsNothing: neither the order of observations nor that of what the unit
// file lists changes a verdict.
func orderIsNothing(t *rapid.T, p *judge.Policy, c judge.Case, before judge.Report) {
	c.Observations = shuffled(t, "observations", c.Observations)
	if got := written(t, p.Judge(c)); got != written(t, before) {
		t.Fatal("the order of observations changes the report")
	}
	c.Unit.Endpoints = shuffled(t, "endpoints", c.Unit.Endpoints)
	c.Unit.Attestations = shuffled(t, "attestations", c.Unit.Attestations)
	c.Unit.Waivers = shuffled(t, "waivers", c.Unit.Waivers)
	c.Vantages = shuffled(t, "vantages", c.Vantages)
	after := p.Judge(c)
	if after.Verdict != before.Verdict {
		t.Fatalf("the order of the unit file turns %v into %v", before.Verdict, after.Verdict)
	}
	want, got := findings(before), findings(after)
	for key, v := range want {
		if got[key] != v {
			t.Fatalf("%s: by another order %s became %s", key, v, got[key])
		}
	}
}

// findings gives the verdicts of each requirement on each subject, in the order
// of its rules.
func findings(r judge.Report) map[string]string {
	out := map[string]string{}
	for _, res := range r.Requirements {
		for _, f := range res.Findings {
			key := strings.Join([]string{res.ID, string(f.Scope), f.System, f.Endpoint}, " ")
			out[key] += f.Verdict.String() + " "
		}
	}
	return out
}

// evidenceNeverHarms: a document that says "met" turns no pass into anything
// else, and nothing into a fail.
func evidenceNeverHarms(t *rapid.T, p *judge.Policy, c judge.Case, before judge.Report) {
	day := inventory.Date{Time: c.At.Truncate(24 * time.Hour)}
	c.Unit.Attestations, c.Observations = slices.Clone(c.Unit.Attestations), slices.Clone(c.Observations)
	for i, r := range p.Requirements {
		if i%3 == 0 {
			c.Unit.Attestations = append(c.Unit.Attestations, inventory.Attestation{Requirement: r.ID, Result: inventory.Met, Document: "more", SHA256: sha, Issued: day, Signer: "x"})
		}
	}
	c.Observations = append(c.Observations, document("more", c.At))
	changes(t, "more evidence", before, p.Judge(c), func(was, is judge.Verdict) bool {
		return was == is || was != judge.Pass && is != judge.Fail
	})
}

// waiversExcuseFails: a waiver for everything touches fails and nothing else.
func waiversExcuseFails(t *rapid.T, p *judge.Policy, c judge.Case, before judge.Report) {
	c.Unit.Waivers = slices.Clone(c.Unit.Waivers)
	for _, r := range p.Requirements {
		c.Unit.Waivers = append(c.Unit.Waivers, inventory.Waiver{Requirement: r.ID, Reason: "r", Approver: "a", Expires: inventory.Date{Time: c.At.AddDate(1, 0, 0)}})
	}
	changes(t, "waivers", before, p.Judge(c), func(was, is judge.Verdict) bool {
		return was == is && was != judge.Fail || was == judge.Fail && is == judge.Waived
	})
}

// expiryNeverHelps: days in which nothing happens but that documents and
// waivers end and facts grow old make nothing better.
func expiryNeverHelps(t *rapid.T, p *judge.Policy, c judge.Case) {
	soon := func(name string) inventory.Date {
		return inventory.Date{Time: c.At.AddDate(0, 0, rapid.IntRange(0, 4).Draw(t, name)-1).Truncate(24 * time.Hour)}
	}
	var as []inventory.Attestation
	for _, a := range c.Unit.Attestations {
		if strings.HasPrefix(a.Document, "old") {
			continue // that an older document steps in is no expiry alone
		}
		a.Until = soon("until of " + a.Document)
		as = append(as, a)
	}
	c.Unit.Attestations, c.Unit.Waivers = as, slices.Clone(c.Unit.Waivers)
	for i := range c.Unit.Waivers {
		c.Unit.Waivers[i].Expires = soon(fmt.Sprint("end of waiver ", i))
	}
	age := rapid.IntRange(0, 31).Draw(t, "age")
	c.Observations = slices.Clone(c.Observations)
	for i := range c.Observations {
		c.Observations[i].At = c.At.AddDate(0, 0, -age)
	}
	before := p.Judge(c)
	later := c
	later.At = c.At.AddDate(0, 0, rapid.IntRange(1, 4).Draw(t, "days"))
	if !p.InForce(later.At) {
		return
	}
	after := p.Judge(later)
	changes(t, "days", before, after, func(was, is judge.Verdict) bool {
		return was == is || is != judge.Pass && is != judge.Waived && (is != judge.Fail || was == judge.Waived)
	})
	if before.Verdict == judge.NotReady && after.Verdict == judge.Ready || before.Verdict == judge.Undetermined && after.Verdict == judge.Ready {
		t.Fatalf("by days alone %v became %v", before.Verdict, after.Verdict)
	}
}

func changes(t *rapid.T, by string, before, after judge.Report, may func(was, is judge.Verdict) bool) {
	for i, res := range before.Requirements {
		for j, f := range res.Findings {
			if got := after.Requirements[i].Findings[j].Verdict; !may(f.Verdict, got) {
				t.Fatalf("%s on %s%s: by %s %v became %v", res.ID, f.System, f.Endpoint, by, f.Verdict, got)
			}
		}
	}
}

// FuzzJudge judges what a record may hold that was not written by us: no fact,
// however strange, may stop the judge or keep a report from being written.
func FuzzJudge(f *testing.F) {
	ids := checks.Schema().IDs()
	f.Add(uint16(0), "internet", []byte(`{"open":true}`))
	f.Add(uint16(40), "", []byte(`{"accepted":[{"name":null}],"seen":{"unknown":{"cause":"timeout"}}}`))
	f.Add(uint16(50), "moon", []byte(`{"not_after":"9999-99-99T00:00:00Z","lifetime_days":1e400}`))
	f.Add(uint16(60), "wan", []byte(strings.Repeat(`[`, 2000)))
	p := load(f)
	f.Fuzz(func(t *testing.T, which uint16, zone string, value []byte) {
		at := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
		c := judge.Case{At: at, Zone: inventory.Zone(zone), Unit: inventory.Unit{
			Unit: inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Commune}, Systems: []inventory.System{{ID: "s", Name: "s", Level: 3}},
			Hosts: []inventory.HostRange{{CIDR: "203.0.113.5/32", System: "s"}}, Domains: []inventory.DomainName{{Name: "xa.gov.vn", System: "s"}},
			Endpoints: []inventory.Endpoint{{ID: "e", System: "s", Target: "203.0.113.5:443", Kind: inventory.HTTPS, Zone: inventory.Internet}},
		}}
		id := ids[int(which)%len(ids)]
		for _, e := range c.Unit.Places() {
			c.Observations = append(c.Observations, fact.Observation{Check: id, Endpoint: e.ID, At: at, Zone: zone, Value: value})
		}
		r := p.Judge(c)
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		if r.Verdict == judge.Ready {
			t.Fatal("one fact made a unit ready")
		}
	})
}
