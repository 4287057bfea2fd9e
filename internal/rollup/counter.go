package rollup

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// Counter takes the units of a run, and of the one before, one by one. Of each
// it keeps a line and a byte or two a requirement.
type Counter struct {
	run       Run
	before    *Run
	mergers   map[string][]string
	wording   map[string]Requirement
	needs     []*need
	index     map[string]int // of needs, by requirement
	now, then []*kept
	endpoints Endpoints
	causes    map[fact.Cause]int
	dead      []Dead
}

// kept is what is kept of a unit.
type kept struct {
	line Line
	of   []answer // by index of needs
}

// answer is a verdict and whether it decides. The zero value: not judged.
type answer struct {
	judged  bool
	decides bool
	verdict judge.Verdict
}

// need counts what becomes of one requirement.
type need struct {
	failed  Failed
	missing int
	causes  map[fact.Cause]int
}

// New begins to count a run. What requirements are called is told by the
// policy; one that it does not know is told by its ID alone.
func New(run Run, wording []Requirement, mergers []Merger) *Counter {
	c := &Counter{run: run, wording: map[string]Requirement{}, index: map[string]int{}, mergers: map[string][]string{}, causes: map[fact.Cause]int{}}
	for _, r := range wording {
		c.wording[r.ID] = r
	}
	for _, m := range mergers {
		if !slices.Contains(c.mergers[m.Old], m.New) {
			c.mergers[m.Old] = append(c.mergers[m.Old], m.New)
		}
	}
	return c
}

// Since names the earlier run, whose units AddBefore takes.
func (c *Counter) Since(run Run) { c.before = &run }

// AddBefore takes a unit of the earlier run.
func (c *Counter) AddBefore(u Unit) {
	k := &kept{line: Line{Identity: u.Identity, Outcome: u.outcome()}}
	c.answers(k, u)
	c.then = append(c.then, k)
}

// Add takes a unit of the run. They come in the order of the list.
func (c *Counter) Add(u Unit) {
	k := &kept{line: Line{Identity: u.Identity, Outcome: u.outcome(), At: u.At, Expires: u.Expires, Because: u.Because, Trouble: u.Trouble}}
	if k.line.Outcome == Partly {
		k.line.Verdict = outcomes[*u.Verdict]
	}
	c.answers(k, u)
	for _, f := range u.Findings {
		c.finding(&k.line, f)
	}
	slices.Sort(k.line.Failed)
	slices.Sort(k.line.Missing)
	c.places(&k.line, u)
	c.now = append(c.now, k)
}

func (c *Counter) answers(k *kept, u Unit) {
	for _, f := range u.Findings {
		i := c.need(f.Requirement, f.Severity)
		for len(k.of) <= i {
			k.of = append(k.of, answer{})
		}
		k.of[i] = answer{true, f.Decides, f.Verdict}
	}
}

// need is the place of a requirement among those that are counted.
func (c *Counter) need(id string, severity judge.Severity) int {
	i, ok := c.index[id]
	if !ok {
		r, known := c.wording[id]
		if !known {
			r = Requirement{ID: id, Severity: severity}
		}
		i, c.index[id] = len(c.needs), len(c.needs)
		c.needs = append(c.needs, &need{failed: Failed{Requirement: r}, causes: map[fact.Cause]int{}})
	}
	return i
}

// finding counts a finding of a unit that was checked, and notes it in its line.
func (c *Counter) finding(l *Line, f Finding) {
	counts := l.Outcome.Checked()
	n := c.needs[c.need(f.Requirement, f.Severity)]
	if counts && f.Verdict != judge.NotApplicable {
		n.failed.Applies++
	}
	if f.Decides {
		l.Deciding++
	}
	switch f.Verdict {
	case judge.Fail:
		if f.Decides {
			l.Failed = append(l.Failed, f.Requirement)
		}
		if counts {
			n.fails(f)
		}
	case judge.Inconclusive, judge.Manual:
		if !f.Decides {
			return
		}
		l.Missing = append(l.Missing, f.Requirement)
		if counts {
			n.lacks(f.Causes)
		}
	case judge.Pass, judge.Waived, judge.NotApplicable:
	}
}

func (n *need) fails(f Finding) {
	n.failed.Places += f.Places
	if f.Decides {
		n.failed.Units++
	} else {
		n.failed.Beside++
	}
}

func (n *need) lacks(causes []fact.Cause) {
	n.missing++
	once := slices.Compact(slices.Sorted(slices.Values(causes)))
	for _, cause := range once {
		n.causes[cause]++
	}
}

// places counts the endpoints of a unit; several vantages may tell of one.
func (c *Counter) places(l *Line, u Unit) {
	type place struct {
		answered bool
		Dead
	}
	var all []*place
	index := map[string]*place{}
	for _, p := range u.Places {
		at := index[p.Endpoint]
		if at == nil {
			at = &place{Dead: Dead{Unit: u.ID, Name: u.Name, Endpoint: p.Endpoint, Target: p.Target, Kind: p.Kind}}
			index[p.Endpoint], all = at, append(all, at)
		}
		if p.Cause == "" {
			at.answered = true
		} else {
			at.From = append(at.From, From{p.Vantage, p.Cause, p.Detail})
		}
	}
	for _, at := range all {
		l.Endpoints++
		c.endpoints.Looked++
		if at.answered {
			l.Answered++
			c.endpoints.Answered++
			continue
		}
		c.endpoints.Dead++
		c.causes[at.From[0].Cause]++
		c.dead = append(c.dead, at.Dead)
	}
}

// Rollup gives what all the units come to.
func (c *Counter) Rollup() Rollup {
	r := Rollup{Format: Format, Run: c.run, Before: c.before, Kinds: []Kind{}, Provinces: []Province{}, Failed: []Failed{}, Missing: []Missing{}, Units: []Line{}, Dead: c.dead}
	if r.Dead == nil {
		r.Dead = []Dead{}
	}
	r.Endpoints = c.endpoints
	r.Endpoints.Causes = frequent(c.causes)
	c.provinces(&r)
	c.requirements(&r)
	if c.before != nil {
		c.changes(&r)
	}
	kinds := map[inventory.UnitKind]*Count{}
	for _, k := range c.now {
		l := k.line
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
