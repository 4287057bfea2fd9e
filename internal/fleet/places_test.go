package fleet

import (
	"bytes"
	"maps"
	"slices"
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
		by := map[string]bool{}
		for _, o := range c.seen {
			if heard(o) {
				by[o.Endpoint] = true
			}
		}
		got := places(Task{}, rec, by)
		if len(got) != 1 || got[0].Cause != c.cause || got[0].Detail != c.detail {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is found as lines go by is what is found in the whole record, however
// the lines are cut.
func TestWhoSaidSomething(t *testing.T) {
	var b bytes.Buffer
	w, err := record.NewWriter(&b, record.Header{Unit: inventory.Unit{}, Started: began})
	if err != nil {
		t.Fatal(err)
	}
	e := func(n int64) []fact.Evidence {
		return []fact.Evidence{{Label: "a", At: began}, {Label: "b", At: began, Received: bytes.Repeat([]byte("x"), int(n)), ReceivedTotal: n}}
	}
	for _, o := range []fact.Observation{
		{Check: "a.b", Endpoint: "mute", Value: []byte(`{"value":"\"endpoint\":\"x\" \"received_total\":1"}`), Evidence: e(0)},
		{Check: "a.b", Endpoint: "unknown", Unknown: fact.Because(fact.Unanswered, `"value":1`), Evidence: e(7)},
		{Check: "a.b", Endpoint: "both", Unknown: fact.Because(fact.Timeout, ""), Evidence: e(7)},
		{Check: "a.c", Endpoint: "both", Value: []byte("1"), Evidence: e(3)},
		{Check: "a.d", Endpoint: "both", Value: []byte("1"), Evidence: e(9000)},
		{Check: "a.b", Endpoint: `Đ "q"`, Value: []byte("1"), Evidence: e(1)},
	} {
		o.At, o.Known = began, fact.Observed
		if err := w.Observe(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(record.End{At: began}); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"both": true, `Đ "q"`: true}
	for _, size := range []int{1, 7, 4096, b.Len()} {
		s := &said{by: map[string]bool{}}
		for part := range slices.Chunk(b.Bytes(), size) {
			_, _ = s.Write(part)
		}
		if !maps.Equal(s.by, want) {
			t.Errorf("by parts of %d: %v", size, s.by)
		}
	}
}
