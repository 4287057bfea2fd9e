package rollup

import (
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Format names the shape of a Rollup in JSON.
const Format = "sansang.rollup/1"

// Rollup is what a run comes to.
type Rollup struct {
	Format    string     `json:"format"`
	Run       Run        `json:"run"`
	Before    *Run       `json:"before,omitempty"` // the earlier run that it is compared with
	Total     Count      `json:"total"`
	Kinds     []Kind     `json:"kinds"`
	Provinces []Province `json:"provinces"`
	Elsewhere int        `json:"outside_provinces"` // units that belong to no province
	Failed    []Failed   `json:"failed"`            // the most failed first
	Missing   []Missing  `json:"missing"`           // the most missing first
	Endpoints Endpoints  `json:"endpoints"`
	Dead      []Dead     `json:"dead"`              // in the order of the list
	Changes   *Changes   `json:"changes,omitempty"` // nil without an earlier run
	Units     []Line     `json:"units"`             // in the order of the list
}

// Count counts units. Listed is Checked, Partly and Unchecked together; Checked
// is Ready, NotReady and Undetermined together.
type Count struct {
	Listed       int `json:"listed"`
	Checked      int `json:"checked"`
	Ready        int `json:"ready"`
	NotReady     int `json:"not_ready"`
	Undetermined int `json:"undetermined"`
	Partly       int `json:"partly"`
	Unchecked    int `json:"unchecked"`
	Silent       int `json:"silent"` // of those checked: not one endpoint answered
}

// Of is how many units have an outcome.
func (c Count) Of(o Outcome) int {
	return map[Outcome]int{Ready: c.Ready, NotReady: c.NotReady, Undetermined: c.Undetermined, Partly: c.Partly, Unchecked: c.Unchecked}[o]
}

func (c *Count) add(o Outcome, answered int) {
	c.Listed++
	if o.Checked() {
		c.Checked++
		if answered == 0 {
			c.Silent++
		}
	}
	switch o {
	case Ready:
		c.Ready++
	case NotReady:
		c.NotReady++
	case Undetermined:
		c.Undetermined++
	case Partly:
		c.Partly++
	case Unchecked:
		c.Unchecked++
	}
}

// Kind counts the units of a kind.
type Kind struct {
	Kind inventory.UnitKind `json:"kind"`
	Count
}

// Province counts a province and all units below it.
type Province struct {
	ID      string  `json:"id"`
	GSO     string  `json:"gso,omitempty"`
	Name    string  `json:"name,omitempty"`    // empty: only units below it are listed
	Outcome Outcome `json:"outcome,omitempty"` // of the province itself; empty: it is not listed
	Count
}

// Failed counts the units in which a requirement fails. Applies is how many of
// the units checked it concerns.
type Failed struct {
	Requirement
	Units   int `json:"units"`  // in which it decides
	Beside  int `json:"beside"` // in which it is a recommendation
	Applies int `json:"applies"`
	Places  int `json:"places"`
}

// Missing counts the units in which a deciding requirement cannot be told. A
// unit that lacks it for two causes is counted under both.
type Missing struct {
	Requirement
	Units   int     `json:"units"`
	Applies int     `json:"applies"`
	Causes  []Cause `json:"causes"`
}

// Cause counts by a cause, the most frequent first.
type Cause struct {
	Cause fact.Cause `json:"cause"`
	N     int        `json:"n"`
}

// Endpoints counts what was looked at. An endpoint answered if it did so from
// any vantage; one that answered from none counts under the cause that its
// first vantage met.
type Endpoints struct {
	Looked   int     `json:"looked"`
	Answered int     `json:"answered"`
	Dead     int     `json:"dead"`
	Causes   []Cause `json:"causes"` // of the dead ones
}

// Dead is an endpoint that answered from nowhere.
type Dead struct {
	Unit     string         `json:"unit"`
	Name     string         `json:"name"`
	Endpoint string         `json:"endpoint"`
	Target   string         `json:"target"`
	Kind     inventory.Kind `json:"kind"`
	From     []From         `json:"from"`
}

// From is what a vantage met in the place of an answer.
type From struct {
	Vantage inventory.Zone `json:"vantage"`
	Cause   fact.Cause     `json:"cause"`
	Detail  string         `json:"detail,omitempty"`
}

// Line is one unit.
type Line struct {
	inventory.Identity
	Province  string      `json:"province,omitempty"` // ID of the province that it belongs to
	Outcome   Outcome     `json:"outcome"`
	Verdict   Outcome     `json:"verdict,omitempty"` // so far, of one that was looked at in part
	At        time.Time   `json:"at,omitzero"`
	Expires   time.Time   `json:"expires,omitzero"`
	Deciding  int         `json:"deciding"` // requirements that decide
	Failed    []string    `json:"failed,omitempty"`
	Missing   []string    `json:"missing,omitempty"` // deciding ones that cannot be told
	Endpoints int         `json:"endpoints"`
	Answered  int         `json:"answered"`
	Before    Outcome     `json:"before,omitempty"` // in the earlier run, of all that it was then
	Merged    []string    `json:"merged,omitempty"` // codes of units of the earlier run that are part of it now
	Because   []lang.Text `json:"because,omitempty"`
	Trouble   string      `json:"trouble,omitempty"`
	Report    string      `json:"report,omitempty"` // where its own report lies, beside this file
}

// Changes is what differs from the earlier run. Only units that were checked in
// both are compared.
type Changes struct {
	Compared     int                 `json:"compared"`
	New          int                 `json:"new"`    // listed now, not then
	Merged       int                 `json:"merged"` // units of then that are part of another now
	OtherPolicy  bool                `json:"other_policy"`
	Flows        []Flow              `json:"flows"`        // verdict then and now, all units compared
	Units        []UnitChange        `json:"units"`        // the worse first
	Gone         []Gone              `json:"gone"`         // listed then, neither listed nor merged now
	Requirements []RequirementChange `json:"requirements"` // the most newly failed first
}

// Flow counts the units that went from one verdict to another, or stayed.
type Flow struct {
	From  Outcome `json:"from"`
	To    Outcome `json:"to"`
	Units int     `json:"units"`
}

// UnitChange is a unit whose verdict is another now.
type UnitChange struct {
	ID     string             `json:"id"`
	Name   string             `json:"name"`
	Kind   inventory.UnitKind `json:"kind"`
	From   Outcome            `json:"from"`
	To     Outcome            `json:"to"`
	Merged []string           `json:"merged,omitempty"`
}

// Gone is a unit that is no longer listed.
type Gone struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"` // in the earlier run
}

// RequirementChange counts in how many units a deciding requirement changed.
type RequirementChange struct {
	Requirement
	Mended int `json:"mended"` // failed then, is met now
	Failed int `json:"failed"` // was met or waived then, fails now
	Found  int `json:"found"`  // could not be told then, fails now
	Lost   int `json:"lost"`   // failed or was met then, cannot be told now
}
