// Package change tells in which findings two judgements differ, and why. It
// asks the judge: what do the old facts come to under the new policy, the new
// facts under the old one, each with the old and the new unit file, at the old
// and the new moment? What has to be changed for the difference is its cause.
package change

import (
	"slices"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// Format names the shape of a Diff in JSON.
const Format = "sansang.diff/1"

// Side is one of the two judgements: a case, by what policy, and the programs
// that looked.
type Side struct {
	Name   string // of the assessment file
	Policy *judge.Policy
	Case   judge.Case
	Tools  []record.Tool
	Chosen map[string][]string // how each set of templates was chosen, for judge.Policy.Disown
}

// Diff is what changed from one judgement to the other.
type Diff struct {
	Format   string             `json:"format"`
	Unit     inventory.Identity `json:"unit"`
	Old      End                `json:"old"`
	New      End                `json:"new"`
	Why      []Set              `json:"why,omitempty"` // the verdict on the unit is another one
	Compared int                `json:"compared"`      // places of requirements, in either
	Findings []Finding          `json:"findings"`      // that changed
}

// End tells one of the two judgements.
type End struct {
	File    string            `json:"file"`
	Policy  judge.PolicyRef   `json:"policy"`
	At      time.Time         `json:"at"`
	Zones   []inventory.Zone  `json:"zones,omitempty"`
	Tools   []record.Tool     `json:"tools"`
	Verdict judge.UnitVerdict `json:"verdict"`
	Tally   judge.Tally       `json:"tally"`
}

// Finding is a requirement at a place that comes to something else.
type Finding struct {
	Requirement string         `json:"requirement"`
	Title       lang.Text      `json:"title"`
	Severity    judge.Severity `json:"severity"`
	Place
	Target string `json:"target,omitempty"`
	Old    State  `json:"old"`
	New    State  `json:"new"`
	Why    []Set  `json:"why"` // any of these is enough for it
}

// Place is what a requirement is asked of.
type Place struct {
	Scope    judge.Scope `json:"scope,omitempty"`
	System   string      `json:"system,omitempty"`
	Endpoint string      `json:"endpoint,omitempty"`
}

// State is what a requirement comes to at a place, by all of its rules.
type State struct {
	Verdict judge.Verdict `json:"verdict"`
	Decides bool          `json:"decides"`          // counts towards the unit's verdict
	Absent  bool          `json:"absent,omitempty"` // the requirement, or the place, is not there
}

// Set is causes that make the difference together, and none of them alone.
type Set []Cause

// Between compares two judgements of one unit.
func Between(old, now Side) Diff { return newTable(old, now).compare() }

func (t *table) compare() Diff {
	old, now := t.old, t.now
	a, b := t.corner(0), t.corner(t.differs)
	d := Diff{Format: Format, Unit: now.Case.Unit.Unit, Old: old.end(a), New: now.end(b), Findings: []Finding{}}
	if a.report.Verdict != b.report.Verdict {
		d.Why = t.unitSets()
	}
	keys := slices.Clone(b.order)
	for _, k := range a.order {
		if _, also := b.at[k]; !also {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		was, is := a.state(k), b.state(k)
		d.Compared++
		if was == is {
			continue
		}
		f := Finding{Requirement: k.id, Place: k.Place, Old: was, New: is, Why: t.sets(k, was, is)}
		for _, c := range []*judged{a, b} {
			if res := c.results[k.id]; res != nil {
				f.Title, f.Severity = res.Title, res.Severity
			}
			for _, x := range c.at[k] {
				f.Target = x.Target
			}
		}
		d.Findings = append(d.Findings, f)
	}
	return d
}

func (s Side) end(j *judged) End {
	return End{File: s.Name, Policy: j.report.Policy, At: j.report.At, Zones: s.zones(), Tools: s.Tools, Verdict: j.report.Verdict, Tally: j.report.Tally}
}

// zones lists where the unit was looked at from; a place that nobody named is
// "".
func (s Side) zones() []inventory.Zone {
	if len(s.Case.Vantages) == 0 {
		return []inventory.Zone{s.Case.Zone}
	}
	var out []inventory.Zone
	for _, v := range s.Case.Vantages {
		if !slices.Contains(out, v.Zone) {
			out = append(out, v.Zone)
		}
	}
	slices.Sort(out)
	return out
}
