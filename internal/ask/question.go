// Package ask is the dialogue in which a person supplies what no machine can
// see: plain lines in, plain lines out, so that it works in any terminal, over
// a pipe and with a screen reader. It touches no file; what is answered goes to
// a Host at once.
package ask

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// Question is one thing that a person must supply: a requirement, about the
// whole unit, one system or one endpoint.
type Question struct {
	judge.Result
	Force    judge.Force
	System   *inventory.System // nil: all that the requirement concerns
	Endpoint string            // empty: all
	Months   int               // that the document counts after it was issued; 0: until its own end
	Why      judge.Missing     // how it stands now
	Paper    *judge.Paper      // that was supplied and does not count; nil: none
	Scan     bool              // a scan could tell as well
}

// Questions lists what a case lacks for want of a person's word, the gravest
// first. What a document would not settle is not asked: the whole is judged
// again as if each had been supplied.
func Questions(p *judge.Policy, c judge.Case) []Question {
	now := p.Judge(c)
	ids := []string{}
	for _, res := range now.Requirements {
		if slices.ContainsFunc(res.Findings, func(f judge.Finding) bool { return lacksWord(f) != nil }) {
			ids = append(ids, res.ID)
		}
	}
	settled := map[string]judge.Result{}
	for _, res := range p.Judge(supposing(c, ids)).Requirements {
		settled[res.ID] = res
	}
	var out []Question
	for _, res := range ordered(now) {
		var open []judge.Finding
		for i, f := range res.Findings {
			why := lacksWord(f)
			if why == nil || why.Cause == fact.Unreviewed { // that is for an auditor
				continue
			}
			if then := settled[res.ID].Findings; f.Verdict == judge.Manual || i < len(then) && then[i].Verdict == judge.Pass {
				open = append(open, f)
			}
		}
		out = append(out, questions(res, open, c.Unit)...)
	}
	return out
}

// ordered lists what to supply first, then what else has an open place, such
// as a requirement that fails elsewhere.
func ordered(r judge.Report) []judge.Result {
	out := r.SupplyFirst()
	for _, res := range r.Requirements {
		if !slices.ContainsFunc(out, func(o judge.Result) bool { return o.ID == res.ID }) {
			out = append(out, res)
		}
	}
	return out
}

// lacksWord gives what a finding lacks of a person's word, nil if nothing.
func lacksWord(f judge.Finding) *judge.Missing {
	if f.Verdict != judge.Manual && f.Verdict != judge.Inconclusive {
		return nil
	}
	for i, m := range f.Missing {
		if m.Path == "attest" || strings.HasPrefix(m.Path, "attest.") {
			return &f.Missing[i]
		}
	}
	return nil
}

// supposing is the case as it would be had everything been attested.
func supposing(c judge.Case, ids []string) judge.Case {
	const sum = "0000000000000000000000000000000000000000000000000000000000000000"
	c.Unit.Attestations, c.Unit.Reviews = slices.Clone(c.Unit.Attestations), slices.Clone(c.Unit.Reviews)
	c.Observations = slices.Clone(c.Observations)
	for _, id := range ids {
		name, today := "\x00"+id, inventory.Date{Time: c.At}
		c.Unit.Attestations = append(c.Unit.Attestations, inventory.Attestation{Requirement: id, Document: name, SHA256: sum, Issued: today, Signer: "-"})
		c.Unit.Reviews = append(c.Unit.Reviews, inventory.Review{Requirement: id, Document: name, SHA256: sum, Result: inventory.Accepted, By: "-", On: today})
		value, _ := json.Marshal(judge.Document{SHA256: sum})
		c.Observations = append(c.Observations, fact.Observation{Check: judge.DocumentCheck, Endpoint: name, At: c.At, Value: value})
	}
	return c
}

// questions makes one question of the open findings of a requirement about each
// system; a single one where any of them is about the whole unit, since what
// answers that answers all.
func questions(res judge.Result, open []judge.Finding, u inventory.Unit) []Question {
	var out []Question
	whole := slices.ContainsFunc(open, func(f judge.Finding) bool { return f.System == "" })
	for _, f := range open {
		if whole {
			f.System, f.Endpoint = "", ""
		}
		i := slices.IndexFunc(out, func(q Question) bool {
			return q.System == nil && f.System == "" || q.System != nil && q.System.ID == f.System
		})
		if i < 0 {
			why := *lacksWord(f)
			q := Question{Result: res, Force: f.Force, Endpoint: f.Endpoint, Months: months(res.Evidence, f.Level), Why: why, Scan: len(f.Missing) > 1}
			if j := slices.IndexFunc(f.Papers, func(p judge.Paper) bool { return !p.Counts() && p.Document != "" }); j >= 0 && why.Cause != fact.NoEvidence {
				q.Paper = &f.Papers[j]
			}
			if j := slices.IndexFunc(u.Systems, func(s inventory.System) bool { return s.ID == f.System }); j >= 0 {
				q.System = &u.Systems[j]
			}
			out = append(out, q)
			continue
		}
		if out[i].Scan = out[i].Scan || len(f.Missing) > 1; out[i].Endpoint != f.Endpoint { // several places: one document for all of the system
			out[i].Endpoint = ""
		}
	}
	return out
}

// months gives how long a document counts at a level; 1 is judged as 2 and 5
// as 4, as requirements tell them apart.
func months(e *judge.EvidenceRule, level int) int {
	if e == nil {
		return 0
	}
	if m, ok := e.ValidMonthsByLevel[strconv.Itoa(min(max(level, 2), 4))]; ok {
		return m
	}
	return e.ValidMonths
}

// Answer is what a person says to a question.
type Answer struct {
	Result   inventory.Result
	Document string // the path of the file as it was found
	Issued   inventory.Date
	Until    inventory.Date
	Issuer   string // the body whose document it is
	Signer   string // who signed it
	By       string // who attests
	Note     string // of what is not met
}
