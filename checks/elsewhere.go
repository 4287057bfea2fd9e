package checks

import (
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Elsewhere is another endpoint of the unit, with what was observed of it. A
// check that is Across may read it by p.Elsewhere.
type Elsewhere struct {
	Endpoint inventory.Endpoint
	Seen     map[string]fact.Observation
}

// Among tells the probe of a check that is Across what was seen elsewhere.
func (p *Probe) Among(others []Elsewhere) *Probe { p.elsewhere = others; return p }

// Elsewhere lists the other endpoints to which the check applies.
func (p *Probe) Elsewhere() []Elsewhere { return p.elsewhere }
