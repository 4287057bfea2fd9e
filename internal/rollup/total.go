package rollup

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
)

// Rollup gives what all the units come to.
func (c *Counter) Rollup() Rollup {
	r := Rollup{Format: Format, Run: c.run, Before: c.before, Kinds: []Kind{}, Provinces: []Province{}, Failed: []Failed{}, Missing: []Missing{}, Units: []Line{}, Dead: []Dead{}}
	r.Dead = append(r.Dead, c.dead...)
	slices.SortStableFunc(r.Dead, func(a, b Dead) int { return c.now.byID[a.Unit].pos - c.now.byID[b.Unit].pos })
	r.Endpoints = c.endpoints
	r.Endpoints.Causes = frequent(c.causes)
	c.provinces(&r)
	c.requirements(&r)
	if c.before != nil {
		c.changes(&r)
	}
	kinds := map[inventory.UnitKind]*Count{}
	for _, k := range c.now.units {
		l := k.line
		slices.Sort(l.Failed)
		slices.Sort(l.Missing)
		r.Total.add(l.Outcome, l.Answered)
		if kinds[l.Kind] == nil {
			kinds[l.Kind] = &Count{}
		}
		kinds[l.Kind].add(l.Outcome, l.Answered)
		r.Units = append(r.Units, l)
	}
	for _, kind := range kindOrder(kinds) {
		r.Kinds = append(r.Kinds, Kind{kind, *kinds[kind]})
	}
	return r
}

// kindOrder lists the kinds that there are, from the State's bodies down; one
// that this program does not know comes last.
func kindOrder(kinds map[inventory.UnitKind]*Count) []inventory.UnitKind {
	known := []inventory.UnitKind{inventory.Ministry, inventory.Province, inventory.Commune, inventory.Enterprise, inventory.Other}
	var out []inventory.UnitKind
	for k := range kinds {
		out = append(out, k)
	}
	rank := func(k inventory.UnitKind) int {
		if i := slices.Index(known, k); i >= 0 {
			return i
		}
		return len(known)
	}
	slices.SortFunc(out, func(a, b inventory.UnitKind) int {
		if ra, rb := rank(a), rank(b); ra != rb {
			return ra - rb
		}
		return strings.Compare(string(a), string(b))
	})
	return out
}
