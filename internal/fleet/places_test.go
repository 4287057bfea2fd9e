package fleet

import (
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
)

// A place that let us in and said nothing is dead, by the cause that tells most
// of it; what says nothing of the place itself does not count.
func TestPlacesThatAnswered(t *testing.T) {
	said := []fact.Evidence{{Label: "tcp", ReceivedTotal: 1}}
	known := func(e ...fact.Evidence) fact.Observation {
		return fact.Observation{Check: "a.b", Endpoint: "x", Value: []byte("1"), Evidence: e}
	}
	unknown := func(c fact.Cause, detail string) fact.Observation {
		return fact.Observation{Check: "a.b", Endpoint: "x", Unknown: fact.Because(c, detail)}
	}
	for name, c := range map[string]struct {
		kind   inventory.Kind
		seen   []fact.Observation
		cause  string
		detail string
	}{
		"answered":   {inventory.HTTPS, []fact.Observation{known(said...), unknown(fact.Timeout, ""), unknown(fact.Timeout, "")}, "", ""},
		"mute":       {inventory.HTTPS, []fact.Observation{known(), unknown(fact.Skipped, "s"), unknown(fact.Skipped, "s"), unknown(fact.Timeout, "t"), unknown(fact.Timeout, "a"), unknown(fact.Timeout, "t")}, "timeout", "t"},
		"refused":    {inventory.SSH, []fact.Observation{known(), unknown(fact.Unreachable, "r")}, "unreachable", "r"},
		"only ours":  {inventory.SSH, []fact.Observation{unknown(fact.Prerequisite, "p")}, "prerequisite", "p"},
		"a host":     {inventory.Host, []fact.Observation{known()}, "", ""},
		"never seen": {inventory.SSH, nil, "broken", "the scan ended before this was looked at"},
	} {
		rec := &record.Assessment{Observations: c.seen}
		rec.Header.Plan = []record.Pair{{Endpoint: "x", Check: "a.b"}}
		rec.Header.Unit.Endpoints = []inventory.Endpoint{{ID: "x", Kind: c.kind}, {ID: "not planned"}}
		got := Places(Task{}, rec)
		if len(got) != 1 || got[0].Cause != c.cause || got[0].Detail != c.detail {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
