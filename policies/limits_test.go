package policies_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// huge makes a fact as large as checks give: lists of 300 elements (suites are
// fewer, what a page lists is cut at 200 of each kind), of 12 inside those (a
// chain of certificates is shorter), and texts of 100 bytes.
func huge(t *fact.Type, n int, no bool) any {
	switch t.Kind {
	case fact.Bool:
		return !no
	case fact.Int:
		return 4096
	case fact.Double:
		return 0.5
	case fact.String:
		return strings.Repeat("x", 100)
	case fact.Time:
		return "2026-12-10T00:00:00Z"
	case fact.List:
		out := make([]any, n)
		for i := range out {
			out[i] = huge(t.Elem, min(n, 12), no)
		}
		return out
	case fact.Map, fact.Struct:
	}
	out := map[string]any{}
	for _, f := range t.Fields {
		out[f.Name] = huge(f.Type, n, no)
	}
	return out
}

// No expression of a shipped policy reaches the bound of its cost on the
// largest facts, with every yes and no as they let it run longest.
func TestLargestFactsAreJudged(t *testing.T) {
	for _, no := range []bool{false, true} {
		c := largest(t, no)
		for _, p := range shipped(t) {
			if c.At = time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam); !p.InForce(c.At) {
				c.At = p.Until.Time
			}
			for _, res := range p.Judge(c).Requirements {
				for _, f := range res.Findings {
					for _, m := range f.Missing {
						if m.Cause == fact.Broken {
							t.Errorf("%s: %s on %s (%s): %s", p.ID, res.ID, f.Endpoint, m.Path, m.Detail)
						}
					}
				}
			}
		}
	}
}

// largest is a unit of one place of each kind that checks tell apart.
func largest(t *testing.T, no bool) judge.Case {
	t.Helper()
	c := judge.Case{Zone: inventory.Internet, Unit: inventory.Unit{
		Unit: inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Province}, Systems: []inventory.System{{ID: "s", Name: "s", Level: 3}},
		Hosts:   []inventory.HostRange{{CIDR: "203.0.113.5/32", System: "s", Ports: []int{443}, UDP: []int{500}}},
		Domains: []inventory.DomainName{{Name: "xa.gov.vn", System: "s"}},
	}}
	for _, k := range []inventory.Kind{inventory.HTTPS, inventory.SSH, inventory.SMTP} {
		c.Unit.Endpoints = append(c.Unit.Endpoints, inventory.Endpoint{ID: string(k), System: "s", Target: "203.0.113.5:443", Kind: k, Zone: inventory.Internet})
	}
	at := time.Date(2026, 6, 20, 0, 0, 0, 0, inventory.Vietnam)
	needed := map[string]bool{}
	for _, p := range shipped(t) {
		for _, id := range p.Needs() {
			needed[id] = true
		}
	}
	for id, ty := range checks.Schema() {
		if !needed[id] {
			continue
		}
		b, err := json.Marshal(huge(ty, 300, no))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Unit.Places() {
			if ch, _ := checks.Find(id); ch.AppliesTo(e) {
				c.Observations = append(c.Observations, fact.Observation{Check: id, Endpoint: e.ID, At: at, Value: b, Zone: "internet"})
			}
		}
	}
	return c
}
