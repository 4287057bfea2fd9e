package judge

import (
	"fmt"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Paper is an attestation as it stands at the moment of judging.
type Paper struct {
	inventory.Attestation
	CountsUntil inventory.Date    `json:"counts_until,omitzero"` // the last day; zero: no end
	DaysLeft    *int              `json:"days_left,omitempty"`   // whole days to that day's end; negative: passed
	State       PaperState        `json:"state"`
	Why         string            `json:"why,omitempty"` // one technical phrase in English
	Review      *inventory.Review `json:"review,omitempty"`
	Signature   *Signature        `json:"signature,omitempty"`

	outside *fact.Unknown // it is not in force
	flaw    *fact.Unknown // it could not count were it in force
}

// PaperState is how an attestation stands.
type PaperState string

// The states. Only the first three count.
const (
	PaperInForce    PaperState = "in-force"
	PaperAccepted   PaperState = "accepted" // in force, and an auditor accepts it
	PaperStated     PaperState = "stated"   // "not met" by a person, without a document
	PaperUnreviewed PaperState = "unreviewed"
	PaperRefused    PaperState = "refused"
	PaperChanged    PaperState = "changed"
	PaperMissing    PaperState = "missing"
	PaperExpired    PaperState = "expired"
	PaperFuture     PaperState = "not-yet"
)

// Counts tells whether the attestation is one to go by.
func (p Paper) Counts() bool {
	return p.State == PaperInForce || p.State == PaperAccepted || p.State == PaperStated
}

// paper tells how an attestation stands.
func (c *Case) paper(p *Policy, r *Requirement, a inventory.Attestation, level int) Paper {
	out := Paper{Attestation: a, State: PaperInForce, Review: c.review(a), Signature: c.signature(a)}
	if a.Document == "" {
		out.State = PaperStated
	}
	if end := ends(a, r, level); !end.IsZero() {
		days := wholeDays(c.At, end)
		out.CountsUntil, out.DaysLeft = inventory.Date{Time: end.AddDate(0, 0, -1)}, &days
	}
	var state PaperState
	if state, out.flaw = c.flaw(p, a, out.Review); out.flaw != nil {
		out.State, out.Why = state, out.flaw.Detail
	} else if out.Review != nil && out.Review.Result == inventory.Accepted {
		out.State = PaperAccepted
	}
	if state, out.outside = outside(a, out.CountsUntil, c.At); out.outside != nil {
		out.State, out.Why = state, out.outside.Detail
	}
	return out
}

// wholeDays counts the days from a moment to the end of a last day: 0 on that
// day, -1 on the day after.
func wholeDays(at, end time.Time) int {
	left := end.Sub(at)
	days := int(left / (24 * time.Hour))
	if left <= 0 {
		days--
	} else if left%(24*time.Hour) == 0 {
		days--
	}
	return days
}

// ends is the first moment at which an attestation no longer counts, zero if
// it always will.
func ends(a inventory.Attestation, r *Requirement, level int) (end time.Time) {
	if !a.Until.IsZero() {
		end = a.Until.End()
	}
	if m := r.Evidence.months(level); m > 0 {
		if own := a.Issued.AfterMonths(m); end.IsZero() || own.Before(end) {
			end = own
		}
	}
	return end
}

// outside tells why an attestation is not in force at a moment, nil if it is.
func outside(a inventory.Attestation, last inventory.Date, at time.Time) (PaperState, *fact.Unknown) {
	name := a.Document
	if name == "" {
		name = "what " + a.Attester() + " said"
	}
	switch {
	case at.Before(a.Issued.Time):
		return PaperFuture, fact.Because(fact.Expired, name+" is valid from "+a.Issued.Format(time.DateOnly))
	case !last.IsZero() && !at.Before(last.End()):
		return PaperExpired, fact.Because(fact.Expired, name+" was valid before "+last.End().Format(time.DateOnly))
	}
	return "", nil
}

// flaw tells why an attestation cannot count whatever its dates. That a
// requirement is not met is taken from whoever says it: an auditor need not
// accept it, but may refuse its document.
//
// A record may come from another version of this program, or from nobody's: what
// its words do not plainly say counts for nothing.
func (c *Case) flaw(p *Policy, a inventory.Attestation, v *inventory.Review) (PaperState, *fact.Unknown) {
	if a.Result != "" && a.Result != inventory.Met && a.Result != inventory.NotMet {
		return PaperMissing, fact.Because(fact.NoEvidence, fmt.Sprintf("an attestation of %s says neither met nor not-met: %q", a.Requirement, a.Result))
	}
	if a.Document == "" && a.Result == inventory.NotMet {
		return "", nil
	}
	if a.Document == "" {
		return PaperMissing, fact.Because(fact.NoEvidence, "an attestation of "+a.Requirement+" names no document")
	}
	if v != nil && v.Result == inventory.Refused {
		return PaperRefused, fact.Because(fact.Rejected, fmt.Sprintf("%s was refused by %s on %s: %s", a.Document, v.By, v.On.Format(time.DateOnly), v.Reason))
	}
	if u := c.read(a); u != nil {
		if u.Cause == fact.Changed {
			return PaperChanged, u
		}
		return PaperMissing, u
	}
	if p.Accepted && (v == nil || v.Result != inventory.Accepted) && a.Result != inventory.NotMet {
		return PaperUnreviewed, fact.Because(fact.Unreviewed, "nobody has accepted "+a.Document+" yet")
	}
	return "", nil
}

// review finds what an auditor last said of a document, nil if nobody did. Of
// one day a refusal is heard first.
func (c *Case) review(a inventory.Attestation) *inventory.Review {
	var last *inventory.Review
	for i := range c.Unit.Reviews {
		v := &c.Unit.Reviews[i]
		switch {
		case !v.Of(a) || c.At.Before(v.On.Time):
		case last == nil, v.On.After(last.On.Time), v.On.Equal(last.On.Time) && v.Result == inventory.Refused:
			last = v
		}
	}
	return last
}

// spoilt tells whether a document was refused, or is not there as it was
// attested.
func (c *Case) spoilt(a inventory.Attestation) bool {
	v := c.review(a)
	return v != nil && v.Result == inventory.Refused || a.Document != "" && c.read(a) != nil
}
