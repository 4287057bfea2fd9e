package scan

import (
	"context"
	"slices"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// remember keeps of an observation that is handed over what a check that is
// Across may read: neither its evidence nor any other.
func (r *run) remember(o fact.Observation) {
	read := func(c *checks.Check) bool {
		return c.Across && slices.ContainsFunc(c.Before(), func(b *checks.Check) bool { return b.ID == o.Check })
	}
	if !slices.ContainsFunc(r.Tasks, func(t Task) bool { return t.Endpoint.ID == o.Endpoint && slices.ContainsFunc(t.Checks, read) }) {
		return
	}
	if r.seen[o.Endpoint] == nil {
		r.seen[o.Endpoint] = map[string]fact.Observation{}
	}
	o.Evidence = nil
	r.seen[o.Endpoint][o.Check] = o
}

// across runs the checks that read facts of several endpoints. They send
// nothing.
func (r *run) across(ctx context.Context) error {
	for _, t := range r.Tasks {
		for _, c := range t.Checks {
			if !c.Across {
				continue
			}
			if err := r.keep(r.acrossOne(ctx, t, c)); err != nil {
				return err
			}
			r.progress(t.Endpoint.ID, c.ID, true)
		}
	}
	return nil
}

func (r *run) acrossOne(ctx context.Context, t Task, c *checks.Check) fact.Observation {
	if u := over(ctx); u != nil {
		return fact.Observation{Check: c.ID, Endpoint: t.Endpoint.ID, At: r.Now(), Known: c.Known, Unknown: u}
	}
	all := r.Whole
	if all == nil {
		all = r.Tasks
	}
	var others []checks.Elsewhere
	for _, o := range all {
		if o.Endpoint.ID != t.Endpoint.ID && slices.Contains(o.Checks, c) {
			others = append(others, checks.Elsewhere{Endpoint: o.Endpoint, Seen: r.seen[o.Endpoint.ID]})
		}
	}
	p := checks.NewProbe(checks.Settings{Now: r.Now, Timeout: r.Timeout, Log: r.Log}, t.Endpoint, r.seen[t.Endpoint.ID]).Among(others)
	return c.Observe(ctx, p)
}
