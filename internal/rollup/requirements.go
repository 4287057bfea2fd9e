package rollup

import (
	"cmp"
	"slices"

	"github.com/sansang/sansang/internal/fact"
)

// requirements lists those that fail and those that are missing, the most
// frequent first.
func (c *Counter) requirements(r *Rollup) {
	for _, n := range c.needs {
		if n.failed.Units+n.failed.Beside > 0 {
			r.Failed = append(r.Failed, n.failed)
		}
		if n.missing > 0 {
			r.Missing = append(r.Missing, Missing{n.failed.Requirement, n.missing, n.failed.Applies, frequent(n.causes)})
		}
	}
	slices.SortFunc(r.Failed, func(a, b Failed) int {
		return cmp.Or(b.Units-a.Units, b.Beside-a.Beside, cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(r.Missing, func(a, b Missing) int { return cmp.Or(b.Units-a.Units, cmp.Compare(a.ID, b.ID)) })
}

// frequent lists causes, the most frequent first.
func frequent(causes map[fact.Cause]int) []Cause {
	out := make([]Cause, 0, len(causes))
	for cause, n := range causes {
		out = append(out, Cause{cause, n})
	}
	slices.SortFunc(out, func(a, b Cause) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Cause, b.Cause)) })
	return out
}
