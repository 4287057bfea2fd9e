package rollup

import "github.com/sansang/sansang/internal/inventory"

// provinces counts each province with all below it, in the order of the list. A
// commune whose superior is not listed counts under the superior's code.
func (c *Counter) provinces(r *Rollup) {
	place := map[string]int{}
	for _, k := range c.now.units {
		id := c.province(k)
		if id == "" {
			r.Elsewhere++
			continue
		}
		k.line.Province = id
		i, ok := place[id]
		if !ok {
			i, place[id] = len(r.Provinces), len(r.Provinces)
			p := Province{ID: id}
			if own := c.now.byID[id]; own != nil {
				p.GSO, p.Name, p.Outcome = own.line.GSO, own.line.Name, own.line.Outcome
			}
			r.Provinces = append(r.Provinces, p)
		}
		r.Provinces[i].add(k.line.Outcome, k.line.Answered)
	}
}

// province is the code of the province that a unit is, or belongs to; empty if
// it belongs to none. A superior that has become part of another is that one.
func (c *Counter) province(k *kept) string {
	for range maxDepth {
		l := k.line
		if l.Kind == inventory.Province {
			return l.ID
		}
		if l.Parent == "" {
			return ""
		}
		parent := l.Parent
		if now := c.successors(parent); len(now) == 1 {
			parent = now[0]
		}
		up := c.now.byID[parent]
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

// maxDepth bounds how far up superiors are followed, maxMerged how many codes
// mergers are.
const (
	maxDepth  = 32
	maxMerged = 256
)

// successors lists the listed units that a code has become, if any.
func (c *Counter) successors(old string) []string {
	var out []string
	seen := map[string]bool{}
	for at := []string{old}; len(at) > 0 && len(seen) < maxMerged; at = at[1:] {
		id := at[0]
		switch {
		case seen[id]:
		case c.now.listed(id):
			out = append(out, id)
		default:
			at = append(at, c.mergers[id]...)
		}
		seen[id] = true
	}
	return out
}
