package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// soon is how many days before its end a document is warned of.
const soon = 30

// attests tells whether the answer to a rule may rest on a person's word.
func (r *rule) attests() bool {
	return slices.ContainsFunc(r.expect.reads, func(path string) bool { return path == varAttest || strings.HasPrefix(path, varAttest+".") })
}

// papers lists what is attested about a subject, the newest first.
func (c *Case) papers(p *Policy, r *Requirement, s subject) []Paper {
	var out []Paper
	for _, a := range c.attestations(r, s) {
		out = append(out, c.paper(p, r, a, s.level))
	}
	return out
}

// restsOnWord tells whether a finding would be another if nobody's word were
// heard, or waits for one: what was seen may decide alone.
func (p *Policy) restsOnWord(c *Case, r *Requirement, ru *rule, s subject, f Finding) bool {
	lacks := func(m Missing) bool { return m.Path == varAttest || strings.HasPrefix(m.Path, varAttest+".") }
	if len(ru.checks) == 0 || slices.ContainsFunc(f.Missing, lacks) || len(c.attestations(r, s)) == 0 {
		return true
	}
	deaf := Finding{}
	c.deaf = true
	p.expect(c, r, ru, s, &deaf)
	c.deaf = false
	return deaf.Verdict != f.Verdict
}

// warnOfEnd warns where what a pass may rest on will soon no longer count.
func (f *Finding) warnOfEnd() {
	i := slices.IndexFunc(f.Papers, Paper.Counts)
	if f.Verdict != Pass || i < 0 || f.Papers[i].DaysLeft == nil || *f.Papers[i].DaysLeft > soon {
		return
	}
	last, left := f.Papers[i].CountsUntil, *f.Papers[i].DaysLeft
	f.Warnings = append(f.Warnings, lang.T(
		fmt.Sprintf("tài liệu chứng minh có giá trị đến hết ngày %s (còn %d ngày); chuẩn bị tài liệu thay thế", last.Format("02/01/2006"), left),
		fmt.Sprintf("the document counts through %s (days left: %d); prepare the one that follows", last.Format(time.DateOnly), left)))
}

func runByOthers(u inventory.Unit) []inventory.System {
	var out []inventory.System
	for _, s := range u.Systems {
		if s.Operator != nil {
			out = append(out, s)
		}
	}
	return out
}

// Asked is a document that a requirement asks for, or takes in place of what
// cannot be seen, about one subject.
type Asked struct {
	ID       string        `json:"id"`
	Title    lang.Text     `json:"title"`
	Evidence *EvidenceRule `json:"evidence,omitempty"`
	Scope    Scope         `json:"scope"`
	System   string        `json:"system,omitempty"`
	Endpoint string        `json:"endpoint,omitempty"`
	Level    int           `json:"level"`
	Force    Force         `json:"force"`
	Alone    bool          `json:"alone"` // nothing but a document can show it
	Papers   []Paper       `json:"papers,omitempty"`
	Met      *bool         `json:"met,omitempty"` // what counts; nil: nothing does, for the reason in Why
	Why      *fact.Unknown `json:"why,omitempty"`
}

// Evidence lists every document that the policy asks for or takes about the
// subjects of a case, in the order of the policy.
func (p *Policy) Evidence(c Case) []Asked {
	c.sort()
	var out []Asked
	for _, req := range p.Requirements {
		if len(req.InForce(c.At)) == 0 {
			continue
		}
		for _, ru := range req.rules {
			if !ru.attests() {
				continue
			}
			for _, s := range c.subjects(ru.scope) {
				if a, ok := p.asked(&c, req, ru, s); ok {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

func (p *Policy) asked(c *Case, req *Requirement, ru *rule, s subject) (Asked, bool) {
	force, applies := req.Levels[levelKey(s.level)]
	if s.level == 0 || !applies || s.none {
		return Asked{}, false
	}
	if ru.where != nil {
		if yes, lacks := p.where(c, ru, s); !yes && lacks == nil {
			return Asked{}, false
		}
	}
	a := Asked{ID: req.ID, Title: req.Title, Evidence: req.Evidence, Scope: s.scope, System: s.system.ID, Endpoint: s.endpoint.ID,
		Level: s.level, Force: force, Alone: len(ru.checks) == 0, Papers: c.papers(p, req, s)}
	met, u := c.attested(p, req, s)
	if a.Why = u; u == nil {
		a.Met = &met
	}
	return a, true
}
