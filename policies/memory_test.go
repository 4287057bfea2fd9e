package policies_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// A memory changes no byte of any report, whatever was judged with it before and
// by whatever policy.
func TestMemoryChangesNothing(t *testing.T) {
	m := judge.NewMemory()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		at := time.Date(2026, time.Month(rapid.IntRange(8, 12).Draw(t, "month")), 24, 9, 0, 0, 0, inventory.Vietnam)
		c := anyCase(t, p, at)
		alone, err := json.Marshal(p.Judge(c))
		if err != nil {
			t.Fatal(err)
		}
		c.Memory = m
		for range 2 { // what it remembers of the very same is no other either
			remembered, err := json.Marshal(p.Judge(c))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(alone, remembered) {
				t.Fatalf("%s: alone\n%s\nwith a memory\n%s", p.ID, alone, remembered)
			}
		}
	})
}

// anyPolicy draws one of the shipped policies.
func anyPolicy(t *rapid.T) *judge.Policy {
	return rapid.SampledFrom(shipped(t)).Draw(t, "policy")
}
