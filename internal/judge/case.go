package judge

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Case is what there is to judge: a unit, what was seen of it, from where, and
// the moment to judge at.
type Case struct {
	Unit         inventory.Unit
	Observations []fact.Observation
	Zone         inventory.Zone // that the scan looked from; empty: not said
	Vantages     []Vantage      // of records joined into one; empty: the one in Zone
	Incomplete   bool           // something planned was not looked at
	At           time.Time
	Memory       *Memory // of judging others like it; nil: none

	deaf      bool // nobody's word is heard: tells whether a verdict rests on one
	asked     map[Scope][]subject
	reads     map[seenAt]*factRead
	vantages  []Vantage
	facts     map[seenAt]*fact.Observation
	documents map[string][]document // by path, once for each vantage that read it
	derived   map[inventory.Kind][]subject
}

// seenAt is where an observation belongs: what, of which endpoint, and from
// which of the vantages.
type seenAt struct {
	vantage         int
	endpoint, check string
}

type document struct {
	Document
	unknown *fact.Unknown
}

// sort puts the observations where the rules find them. Two observations of
// the same thing from the same place that differ are no observation: which to
// believe is not for a program to choose.
func (c *Case) sort() {
	if c.vantages = c.Vantages; len(c.vantages) == 0 {
		c.vantages = []Vantage{{Zone: c.Zone}}
	}
	c.asked, c.reads = map[Scope][]subject{}, map[seenAt]*factRead{}
	c.facts, c.documents = make(map[seenAt]*fact.Observation, len(c.Observations)), map[string][]document{}
	papers := map[seenAt]*fact.Observation{}
	for i := range c.Observations {
		o := &c.Observations[i]
		if o.Validate() != nil {
			o = instead(o, "the record holds neither fact nor Unknown")
		}
		at, of := seenAt{c.place(*o), o.Endpoint, o.Check}, c.facts
		if o.Check == DocumentCheck { // who read a file stood nowhere
			of = papers
		}
		if have, twice := of[at]; twice && !have.Same(*o) {
			o = instead(o, "two observations of the same thing differ")
		}
		of[at] = o
	}
	for at, o := range papers {
		c.documents[at.endpoint] = append(c.documents[at.endpoint], readDocument(*o))
	}
	c.derive()
}

// instead is an observation that says nothing, in the place of one.
func instead(o *fact.Observation, why string) *fact.Observation {
	none := *o
	none.Value, none.Unknown = nil, fact.Because(fact.Broken, why)
	return &none
}

// place finds the vantage that an observation was made from; none of them if
// nobody says that it was looked from there.
func (c *Case) place(o fact.Observation) int {
	if len(c.Vantages) == 0 {
		return 0
	}
	return slices.IndexFunc(c.vantages, func(v Vantage) bool { return v.Name == o.Vantage && string(v.Zone) == o.Zone })
}

func readDocument(o fact.Observation) document {
	d := document{unknown: o.Unknown}
	if d.unknown == nil {
		if err := json.Unmarshal(o.Value, &d.Document); err != nil || d.SHA256 == "" {
			d.unknown = fact.Because(fact.Broken, "the record of the document is damaged")
		}
	}
	return d
}
