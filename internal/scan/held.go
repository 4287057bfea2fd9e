package scan

import (
	"slices"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// held is an observation of a check, and how many connections were begun before
// it was complete.
type held struct {
	fact.Observation
	of    *checks.Check
	begun int
}

// complete is an observation that is complete now.
func (v *visit) complete(c *checks.Check, o fact.Observation) *held {
	v.mu.Lock()
	defer v.mu.Unlock()
	return &held{o, c, v.begun}
}

// hold keeps an observation back until it is confirmed, which it may be already.
func (v *visit) hold(h *held) {
	v.mu.Lock()
	v.see(h.of, h.of.Brief(h.Observation))
	confirmed := h.begun < v.lived
	if !confirmed {
		v.held = append(v.held, h)
	}
	v.mu.Unlock()
	if confirmed {
		v.keep(h.Observation)
	}
}

// see remembers what other checks read of an observation; nil: it is no more.
// The visit is locked.
func (v *visit) see(c *checks.Check, o *fact.Observation) {
	if _, read := v.seen[c]; read {
		v.seen[c] = o
		delete(v.shared, c)
	}
}

// waiting is how many observations are held back.
func (v *visit) waiting() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.held)
}

// confirm keeps what was complete when a connection was begun.
func (v *visit) confirm(connection int) {
	v.mu.Lock()
	v.lived = max(v.lived, connection)
	var good []*held
	v.held = slices.DeleteFunc(v.held, func(h *held) bool {
		if h.begun < connection {
			good = append(good, h)
		}
		return h.begun < connection
	})
	v.mu.Unlock()
	for _, h := range good {
		v.keep(h.Observation)
	}
}
