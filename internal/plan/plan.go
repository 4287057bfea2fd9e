// Package plan tells what to do first: what to fix, what to supply, and what
// will run out in the next ninety days. What runs out is found by judging the
// same facts as of the days to come.
package plan

import (
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Format names the shape of a Plan in JSON.
const Format = "sansang.plan/1"

// Horizons are how many days ahead it is told what runs out.
var Horizons = []int{30, 60, 90}

// Plan is what to do, the most urgent first.
type Plan struct {
	Format   string             `json:"format"`
	Unit     inventory.Identity `json:"unit"`
	Policy   judge.PolicyRef    `json:"policy"`
	At       time.Time          `json:"at"`
	Verdict  judge.UnitVerdict  `json:"verdict"`
	Tally    judge.Tally        `json:"tally"`
	Fix      []Step             `json:"fix"`
	Supply   []Gap              `json:"supply"`   // documents
	Look     []Gap              `json:"look"`     // what was not seen
	Expiring []Expiry           `json:"expiring"` // by date
}

// Step is work at one place, or at several alike, that answers requirements
// together.
type Step struct {
	Area     string         `json:"area"` // of the facts that they rest on: tls, ssh, http …; document; empty: none
	Places   []Place        `json:"places"`
	Severity judge.Severity `json:"severity"` // the gravest
	Effort   string         `json:"effort,omitempty"`
	Closes   []Closed       `json:"closes"`
}

// Closed is a requirement that a step answers.
type Closed struct {
	ID       string         `json:"id"`
	Title    lang.Text      `json:"title"`
	Severity judge.Severity `json:"severity"`
	Effort   string         `json:"effort,omitempty"`
	Fix      lang.Text      `json:"fix"`
	Whole    bool           `json:"whole"`          // it fails by nothing else
	Open     bool           `json:"open,omitempty"` // of another place or rule it cannot be told yet
}

// Place is where something is to be done.
type Place struct {
	Scope    judge.Scope `json:"scope"`
	System   string      `json:"system,omitempty"`
	Endpoint string      `json:"endpoint,omitempty"`
	Target   string      `json:"target,omitempty"`
}

// Gap is a mandatory requirement that cannot be told yet.
type Gap struct {
	ID       string         `json:"id"`
	Title    lang.Text      `json:"title"`
	Severity judge.Severity `json:"severity"`
	Document lang.Text      `json:"document,omitzero"`
	Causes   []lang.Text    `json:"causes"`
	Places   []Place        `json:"places"`
}

// Expiry is something that ends on a day, and what then becomes of which
// mandatory requirements.
type Expiry struct {
	On      time.Time      `json:"on"`            // the first moment without it
	Last    inventory.Date `json:"last,omitzero"` // the last day with it, of what ends with a day
	Days    int            `json:"days"`          // by the calendar of Vietnam, to Last or to the day of On
	Kind    Kind           `json:"kind"`
	What    lang.Text      `json:"what"`
	Affects []Consequent   `json:"affects"`

	gone time.Time // the moment from which on nothing of it is left; On where that is one moment
	of   []string  // the requirements that it can concern; nil: any
}

// Consequent is what becomes of a requirement. Binds tells that it begins to
// count towards the verdict, as on its due date.
type Consequent struct {
	ID    string        `json:"id"`
	Old   judge.Verdict `json:"old"`
	New   judge.Verdict `json:"new"`
	Binds bool          `json:"binds,omitempty"`
}

// Kind is what sort of thing ends.
type Kind string

// The kinds.
const (
	Document      Kind = "document"
	Waiver        Kind = "waiver"
	Certificate   Kind = "fact-date" // a date that was seen, such as the end of a certificate
	Authorisation Kind = "authorisation"
	Law           Kind = "law"    // a text comes into force or ends, a requirement falls due
	Policy        Kind = "policy" // it applies no longer, and no unit is ready by it
	Facts         Kind = "facts-too-old"
	Other         Kind = "other"
)

// Make draws up the plan for a case that a policy judges.
func Make(p *judge.Policy, c judge.Case) Plan {
	r := p.Judge(c)
	out := Plan{Format: Format, Unit: r.Unit, Policy: r.Policy, At: r.At, Verdict: r.Verdict, Tally: r.Tally,
		Fix: steps(p, r), Supply: gaps(r, judge.Manual), Look: gaps(r, judge.Inconclusive), Expiring: expiring(p, c, r)}
	return out
}

func placeOf(f judge.Finding) Place {
	return Place{f.Scope, f.System, f.Endpoint, f.Target}
}
