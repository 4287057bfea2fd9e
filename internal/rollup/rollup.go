// Package rollup counts what a run says of many units: who is ready, of how
// many that were checked, of how many that are listed; what fails and what is
// missing most; what answered nowhere; and what changed since an earlier run.
// It is pure: it is handed rows and knows no database, file or clock.
package rollup

import (
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Run says which run is told.
type Run struct {
	ID       int64            `json:"id"`
	List     string           `json:"list"` // name of the list of units
	Policy   Policy           `json:"policy"`
	Vantages []inventory.Zone `json:"vantages"`          // that every unit is looked at from; "" where not said
	State    string           `json:"state"`             // open, done or cancelled
	Began    time.Time        `json:"began"`             // when it was planned
	Ended    time.Time        `json:"ended,omitzero"`    // zero of an open one
	Problems int              `json:"problems,omitzero"` // rows of the list that could not be used
	LeftOut  int              `json:"left_out,omitzero"` // units of the list that the run was not to look at
}

// Policy is what units were judged by.
type Policy struct {
	ID      string    `json:"id"`
	Version string    `json:"version"`
	SHA256  string    `json:"sha256"`
	Title   lang.Text `json:"title,omitzero"`
}

// Requirement is how a requirement is called.
type Requirement struct {
	ID       string         `json:"id"`
	Title    lang.Text      `json:"title,omitzero"`
	Severity judge.Severity `json:"severity,omitempty"`
}

// Unit is what a run says of one unit.
type Unit struct {
	inventory.Identity
	Verdict  *judge.UnitVerdict // nil until it is judged
	Complete bool               // it was looked at from every vantage of the run
	At       time.Time          // when it was judged
	Expires  time.Time          // when the first thing that the verdict rests on runs out; zero: nothing does
	Because  []lang.Text        // why it is undetermined
	Trouble  string             // what kept it from being looked at, in English as the program said it
	Findings []Finding
	Places   []Place
}

// Finding is the verdict of one requirement on a unit.
type Finding struct {
	Requirement string
	Decides     bool // counts towards the unit's verdict
	Verdict     judge.Verdict
	Severity    judge.Severity
	Places      int          // at which it fails, or cannot be told
	Causes      []fact.Cause // why it cannot be told
}

// Place is one endpoint as one vantage found it.
type Place struct {
	Endpoint, Target string
	Kind             inventory.Kind
	Vantage          inventory.Zone
	Cause            fact.Cause // empty: it answered
	Detail           string
}

// Merger says that one unit has become part of another.
type Merger struct{ Old, New string }

// Outcome is how a run ended for a unit.
type Outcome string

// The outcomes. Only the first three count as checked.
const (
	Ready        Outcome = "ready"
	NotReady     Outcome = "not-ready"
	Undetermined Outcome = "undetermined"
	Partly       Outcome = "partly"    // judged, but not all vantages have looked
	Unchecked    Outcome = "unchecked" // no verdict yet
)

// Outcomes lists the outcomes in the order in which they are told.
var Outcomes = []Outcome{Ready, NotReady, Undetermined, Partly, Unchecked}

var outcomes = map[judge.UnitVerdict]Outcome{judge.Ready: Ready, judge.NotReady: NotReady, judge.Undetermined: Undetermined}

// Checked tells whether the unit was looked at in full and judged.
func (o Outcome) Checked() bool { return o == Ready || o == NotReady || o == Undetermined }

// Text says the outcome to a person.
func (o Outcome) Text() lang.Text {
	for v, own := range outcomes {
		if own == o {
			return v.Text()
		}
	}
	if o == Partly {
		return lang.T("MỚI XEM MỘT PHẦN", "LOOKED AT IN PART")
	}
	return lang.T("CHƯA KIỂM TRA", "NOT CHECKED")
}

// outcome of a unit: a verdict to which a vantage is still missing may change.
func (u Unit) outcome() Outcome {
	switch {
	case u.Verdict == nil:
		return Unchecked
	case !u.Complete:
		return Partly
	}
	return outcomes[*u.Verdict]
}
