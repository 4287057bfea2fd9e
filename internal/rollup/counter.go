package rollup

import (
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
)

// Counter takes the units of a run, and of the one before, then what is told of
// each in any order. Of a unit it keeps a line and a few bytes a requirement.
type Counter struct {
	run       Run
	before    *Run
	mergers   map[string][]string
	wording   map[string]Requirement
	needs     []*need
	index     map[string]int // of needs, by requirement
	now, then side
	endpoints Endpoints
	causes    map[fact.Cause]int
	dead      []Dead
}

// side is the units of one run, in the order of its list.
type side struct {
	units []*kept
	byID  map[string]*kept
}

func (s *side) add(k *kept) {
	if s.byID == nil {
		s.byID = map[string]*kept{}
	}
	k.pos = len(s.units)
	s.units, s.byID[k.line.ID] = append(s.units, k), k
}

func (s *side) listed(id string) bool { return s.byID[id] != nil }

// kept is what is kept of a unit.
type kept struct {
	pos  int
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
	c.then.add(&kept{line: Line{Identity: u.Identity, Outcome: u.outcome()}})
	for _, f := range u.Findings {
		c.FoundBefore(u.ID, f)
	}
}

// FoundBefore takes a finding of the earlier run. Of a unit that was not added
// nothing is counted.
func (c *Counter) FoundBefore(unit string, f Finding) {
	if k := c.then.byID[unit]; k != nil {
		c.answer(k, f)
	}
}

// Add takes a unit of the run. They come in the order of the list.
func (c *Counter) Add(u Unit) {
	k := &kept{line: Line{Identity: u.Identity, Outcome: u.outcome(), At: u.At, Expires: u.Expires, Because: u.Because, Trouble: u.Trouble}}
	if k.line.Outcome == Partly {
		k.line.Verdict = outcomes[*u.Verdict]
	}
	c.now.add(k)
	for _, f := range u.Findings {
		c.Found(u.ID, f)
	}
	c.Looked(u.ID, u.Places)
}

// Found takes a finding of a unit that was added.
func (c *Counter) Found(unit string, f Finding) {
	if k := c.now.byID[unit]; k != nil {
		c.answer(k, f)
		c.finding(&k.line, f)
	}
}

// answer keeps a verdict.
func (c *Counter) answer(k *kept, f Finding) {
	i := c.need(f.Requirement, f.Severity)
	for len(k.of) <= i {
		k.of = append(k.of, answer{})
	}
	k.of[i] = answer{true, f.Decides, f.Verdict}
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
