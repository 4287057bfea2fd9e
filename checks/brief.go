package checks

import (
	"bytes"
	"encoding/json"

	"github.com/sansang/sansang/internal/fact"
)

// How the value of a template that found nothing begins, and all that a set of
// templates reads of it.
var (
	notFound     = []byte(`{"found":false,`)
	nothingFound = &fact.Observation{Value: json.RawMessage(`{"found":false}`)}
)

// Brief is what other checks read of an observation of this one, to be kept
// while the endpoint is looked at: its exchanges only where they are read, and
// of a template that found nothing no more than that. It is not to be changed.
func (c *Check) Brief(o fact.Observation) *fact.Observation {
	if c.Template != nil && bytes.HasPrefix(o.Value, notFound) {
		return nothingFound
	}
	b := &fact.Observation{Value: o.Value, Unknown: o.Unknown}
	if c == TLSVersions { // tls.suites begins with what was chosen then
		b.Evidence = o.Evidence
	}
	return b
}
