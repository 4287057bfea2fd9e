package change

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// factor is something that a judgement rests on and that can be exchanged for
// that of another; several are a set.
type factor uint8

const (
	facts   factor = 1 << iota // what was seen
	vantage                    // where from
	policy                     // the policy
	unit                       // what the unit declares of itself
	papers                     // attestations with their documents and reviews, waivers, the authorisation
	moment                     // the moment that is judged at
)

const factors = 6

func (f factor) each() []factor {
	var out []factor
	for i := range factors {
		if one := factor(1) << i; f&one != 0 {
			out = append(out, one)
		}
	}
	return out
}

// mix gives the old side with some of its factors taken from the new.
func mix(old, now Side, of factor) Side {
	from := func(f factor) Side {
		if of&f != 0 {
			return now
		}
		return old
	}
	saw, said, shown := from(facts).Case, from(unit).Case.Unit, from(papers).Case
	c := judge.Case{At: from(moment).Case.At, Unit: said, Vantages: saw.Vantages, Incomplete: saw.Incomplete, Zone: saw.Zone}
	if zonesApart(old, now) {
		c.Zone = from(vantage).Case.Zone
	}
	c.Unit.Attestations, c.Unit.Reviews = shown.Unit.Attestations, shown.Unit.Reviews
	c.Unit.Waivers, c.Unit.Authorisation = shown.Unit.Waivers, shown.Unit.Authorisation
	for _, o := range saw.Observations {
		if o.Check != judge.DocumentCheck {
			c.Observations = append(c.Observations, o)
		}
	}
	for _, o := range shown.Observations {
		if o.Check == judge.DocumentCheck {
			c.Observations = append(c.Observations, o)
		}
	}
	return Side{Policy: from(policy).Policy, Case: c, Chosen: from(facts).Chosen}
}

// zonesApart tells whether the zone can be exchanged without the facts: it can
// where each side looked from one place.
func zonesApart(old, now Side) bool {
	return len(old.Case.Vantages) == 0 && len(now.Case.Vantages) == 0
}

// differing lists the factors in which two sides differ at all.
func differing(old, now Side) factor {
	var out factor
	mark := func(f factor, same bool) {
		if !same {
			out |= f
		}
	}
	a, b := old.Case, now.Case
	mark(facts, a.Incomplete == b.Incomplete && (zonesApart(old, now) || slices.Equal(old.zones(), now.zones())) &&
		slices.EqualFunc(seen(a, false), seen(b, false), same))
	mark(vantage, !zonesApart(old, now) || a.Zone == b.Zone)
	mark(policy, old.Policy.Ref().SHA256 == now.Policy.Ref().SHA256)
	mark(unit, sameText(declared(a.Unit), declared(b.Unit)))
	mark(papers, sameText(supplied(a.Unit), supplied(b.Unit)) && slices.EqualFunc(seen(a, true), seen(b, true), sameDocument))
	mark(moment, a.At.Equal(b.At))
	return out
}

func seen(c judge.Case, documents bool) []fact.Observation {
	var out []fact.Observation
	for _, o := range c.Observations {
		if (o.Check == judge.DocumentCheck) == documents {
			out = append(out, o)
		}
	}
	return out
}

func same(a, b fact.Observation) bool {
	return a.Check == b.Check && a.Endpoint == b.Endpoint && a.Vantage == b.Vantage && a.Zone == b.Zone && a.Known == b.Known && a.At.Equal(b.At) && a.Same(b)
}

func sameDocument(a, b fact.Observation) bool { return a.Endpoint == b.Endpoint && a.Same(b) }

// declared is what a unit file says of the unit; supplied what it brings in
// support.
func declared(u inventory.Unit) any {
	u.Attestations, u.Reviews, u.Waivers, u.Authorisation, u.TrustedCAs = nil, nil, nil, nil, nil
	return u
}

func supplied(u inventory.Unit) any {
	return []any{u.Attestations, u.Reviews, u.Waivers, u.Authorisation}
}

func sameText(a, b any) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(x, y)
}
