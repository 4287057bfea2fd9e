package rollup

import "github.com/sansang/sansang/internal/inventory"

// provinces counts each province with all below it, in the order of the list. A
// commune whose superior is not listed counts under the superior's code.
func (c *Counter) provinces(r *Rollup) {
	units := make(map[string]*kept, len(c.now))
	for _, k := range c.now {
		units[k.line.ID] = k
	}
	place := map[string]int{}
	for _, k := range c.now {
		id := c.province(units, k)
		if id == "" {
			r.Elsewhere++
			continue
		}
		k.line.Province = id
		i, ok := place[id]
		if !ok {
			i, place[id] = len(r.Provinces), len(r.Provinces)
			p := Province{ID: id}
			if own := units[id]; own != nil {
				p.GSO, p.Name, p.Outcome = own.line.GSO, own.line.Name, own.line.Outcome
			}
			r.Provinces = append(r.Provinces, p)
		}
		r.Provinces[i].add(k.line.Outcome, k.line.Answered)
	}
}

// province is the code of the province that a unit is, or belongs to; empty if
// it belongs to none. A superior that has become part of another is that one.
func (c *Counter) province(units map[string]*kept, k *kept) string {
	for range maxDepth {
		l := k.line
		if l.Kind == inventory.Province {
			return l.ID
		}
		if l.Parent == "" {
			return ""
		}
		parent := l.Parent
		if units[parent] == nil {
			if now := c.successors(parent, func(id string) bool { return units[id] != nil }); len(now) == 1 {
				parent = now[0]
			}
		}
		up := units[parent]
		switch {
		case up == nil && l.Kind == inventory.Commune:
			return parent
		case up == nil || up == k:
			return ""
		}
		k = up
	}
	return "" // superiors that go round in a circle lead nowhere
}

// maxDepth bounds how far up superiors are followed, and mergers on.
const maxDepth = 32

// successors lists the listed units that a code has become, if any.
func (c *Counter) successors(old string, listed func(string) bool) []string {
	var out []string
	seen := map[string]bool{}
	for at := []string{old}; len(at) > 0; at = at[1:] {
		id := at[0]
		switch {
		case seen[id]:
		case listed(id):
			out = append(out, id)
		default:
			at = append(at, c.mergers[id]...)
		}
		seen[id] = true
	}
	return out
}
