package judge

import (
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Requirement is one row of the catalogue: what the law asks, and the
// expressions that tell whether it is so.
type Requirement struct {
	ID       string           `json:"id"`
	Title    lang.Text        `json:"title"`
	Need     lang.Text        `json:"need"` // what must hold, in plain words
	Basis    []Basis          `json:"basis"`
	Legacy   string           `json:"legacy,omitempty"` // clause of TCVN 11930:2017, level 3
	Strength Strength         `json:"strength"`
	Severity Severity         `json:"severity"`
	Levels   map[string]Force `json:"levels"` // by approved level "2", "3", "4"
	Rule                      // the first rule
	Also     []Rule           `json:"also,omitempty"`
	Known    []fact.Way       `json:"known,omitempty"`   // the ways of knowing that count, of those that the policy takes; empty: all
	MaxAge   int              `json:"max_age,omitempty"` // days that a fact may be old; 0: any age
	Evidence *EvidenceRule    `json:"evidence,omitempty"`
	Due      inventory.Date   `json:"due,omitzero"` // until this day has passed it only warns
	Effort   Effort           `json:"effort,omitempty"`
	Fix      lang.Text        `json:"fix"`

	rules  []*rule
	line   int
	file   string
	before *Basis // the legacy clause as a basis; nil: there is none
}

// Rule is one question of a requirement, asked once for the unit, for each
// system or for each endpoint.
type Rule struct {
	Scope  Scope            `json:"scope"`
	From   []inventory.Zone `json:"from,omitempty"` // the zones from which its facts are to be seen; empty: those that the endpoint is meant for
	For    string           `json:"for,omitempty"`  // over the inventory only; false: not applicable
	Expect string           `json:"expect"`         // true: pass, false: fail
	Warn   []Warn           `json:"warn,omitempty"`
	Show   []Show           `json:"show,omitempty"` // what a finding tells beside what it rests on
}

// Warn is a remark that does not change the verdict.
type Warn struct {
	When string    `json:"when"`
	Say  lang.Text `json:"say"`
}

// Show is something to tell with the answer, such as the very ports that are
// not declared. It does not change the verdict, and is left out where it is not
// known or empty.
type Show struct {
	Say   lang.Text `json:"say"`
	Value string    `json:"value"`
}

// Scope is what a rule is asked of.
type Scope string

// The scopes.
const (
	PerUnit     Scope = "unit"
	PerSystem   Scope = "system"
	PerEndpoint Scope = "endpoint"
	PerHost     Scope = "host"   // every address of the declared ranges
	PerDomain   Scope = "domain" // every declared domain
)

// Basis is a legal text that the requirement rests on, and how sure we are of
// its wording. It is in force from From until the end of Until, where given.
type Basis struct {
	Law     string         `json:"law"`
	Article string         `json:"article,omitempty"`
	Status  Status         `json:"status"`
	From    inventory.Date `json:"from,omitzero"`
	Until   inventory.Date `json:"until,omitzero"`
}

// InForce tells whether the text is in force at a moment.
func (b Basis) InForce(at time.Time) bool {
	return !at.Before(b.From.Time) && (b.Until.IsZero() || at.Before(b.Until.End()))
}

// Status tells how the wording of a basis was found.
type Status string

// The statuses.
const (
	Verified   Status = "verified"   // read in an official text or a copy of one
	Paraphrase Status = "paraphrase" // read in a retelling or an uncertain copy
	Unverified Status = "unverified" // from memory; to be checked
)

// Strength tells how firmly the law asks for the requirement.
type Strength string

// The strengths. Only A and B decide; C warns.
const (
	StrengthA Strength = "A" // explicit in a binding text
	StrengthB Strength = "B" // general text, threshold from international practice
	StrengthC Strength = "C" // good practice
)

// Severity orders what to fix first.
type Severity string

// The severities, the gravest first.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
)

// Severities lists the severities, the gravest first.
var Severities = []Severity{Critical, High, Medium, Low}

// Effort tells how much work the fix of a requirement usually is.
type Effort string

// The efforts.
const (
	LowEffort    Effort = "low"    // hours: a setting
	MediumEffort Effort = "medium" // days: several systems, or a paper to be signed
	HighEffort   Effort = "high"   // weeks: buying, building, another body's decision
)

// Force tells what the requirement means at a level.
type Force string

// The forces.
const (
	Mandatory   Force = "mandatory"
	Recommended Force = "recommended"
)

// EvidenceRule says what document a person must supply and how long it counts
// after it was issued. From "authorisation" takes it from the unit file's
// authorisation instead of an attestation.
type EvidenceRule struct {
	What               lang.Text      `json:"what"`
	From               string         `json:"from,omitempty"`
	ValidMonths        int            `json:"valid_months,omitempty"` // 0: until the date it states itself
	ValidMonthsByLevel map[string]int `json:"valid_months_by_level,omitempty"`
}

// months gives the validity at a level, 0 for no limit.
func (e *EvidenceRule) months(level int) int {
	if e == nil {
		return 0
	}
	if m, ok := e.ValidMonthsByLevel[levelKey(level)]; ok {
		return m
	}
	return e.ValidMonths
}

// levelKey clamps to the levels that requirements tell apart: level 1 is
// judged as 2, and 5 as 4.
func levelKey(level int) string { return strconv.Itoa(min(max(level, 2), 4)) }

// InForce gives the bases in force at a moment; none means that the
// requirement does not exist then.
func (r *Requirement) InForce(at time.Time) []Basis {
	var out []Basis
	for _, b := range r.Basis {
		if b.InForce(at) {
			out = append(out, b)
		}
	}
	if r.before != nil && r.before.InForce(at) {
		out = append(out, *r.before)
	}
	return out
}

// Reads lists the checks whose facts the requirement reads.
func (r *Requirement) Reads() []string {
	var out []string
	for _, rule := range r.rules {
		out = append(out, rule.checks...)
	}
	return out
}
