package checks

import (
	"encoding/json"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// What is kept of an observation says all that other checks read of it, and
// holds nothing of what was exchanged, which is the most of it.
func TestBrief(t *testing.T) {
	exchanged := []fact.Evidence{{Label: "tcp", Received: []byte("much")}}
	gone := fact.Because(fact.Timeout, "nothing came")
	template := FromTemplate("x.y", Control)
	for name, c := range map[string]struct {
		of       *Check
		seen     any
		unknown  *fact.Unknown
		evidence int
	}{
		"a fact":                {TLSCertificate, map[string]string{"a": "b"}, nil, 0},
		"one that is replayed":  {TLSVersions, map[string]string{"a": "b"}, nil, 1},
		"unknown":               {TLSCertificate, nil, gone, 0},
		"a template that found": {template, Match{Found: true, At: "/x", Extracted: []string{"1.2"}, Request: "GET"}, nil, 0},
		"one that did not":      {template, Match{At: "/x", Extracted: []string{}, Request: "GET", Response: "HTTP/1.1 404"}, nil, 0},
		"one without an answer": {template, nil, gone, 0},
	} {
		o := fact.Observation{Check: c.of.ID, Unknown: c.unknown, Evidence: exchanged}
		if c.seen != nil {
			o.Value, _ = json.Marshal(c.seen)
		}
		b := c.of.Brief(o)
		if len(b.Evidence) != c.evidence {
			t.Errorf("%s: %d exchanges are kept, want %d", name, len(b.Evidence), c.evidence)
		}
		m, match := c.seen.(Match)
		if !match {
			if !b.Same(o) {
				t.Errorf("%s: %s %v, want %s %v", name, b.Value, b.Unknown, o.Value, o.Unknown)
			}
			continue
		}
		got, unseen := Glance[Match](NewProbe(Settings{}, inventory.Endpoint{}, map[string]fact.Observation{c.of.ID: *b}), c.of)
		if unseen != nil || got.Found != m.Found || m.Found && got.At != m.At {
			t.Errorf("%s: %+v %v, want %+v", name, got, unseen, m)
		}
		if !m.Found && len(b.Value) >= len(o.Value) {
			t.Errorf("%s: what was asked is kept: %s", name, b.Value)
		}
	}
}
