package scan

import "github.com/sansang/sansang/internal/fact"

// held is an observation, and how many connections were begun before it was
// complete.
type held struct {
	fact.Observation
	begun int
}

// complete is an observation that is complete now.
func (v *visit) complete(o fact.Observation) held {
	v.mu.Lock()
	defer v.mu.Unlock()
	return held{o, v.begun}
}

// hold keeps an observation back until it is confirmed, which it may be already.
func (v *visit) hold(h held) {
	v.mu.Lock()
	v.seen[h.Check] = h.Observation
	confirmed := h.begun < v.lived
	if !confirmed {
		v.held = append(v.held, h)
	}
	v.mu.Unlock()
	if confirmed {
		v.keep(h.Observation)
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
	var good, waiting []held
	for _, h := range v.held {
		if h.begun < connection {
			good = append(good, h)
		} else {
			waiting = append(waiting, h)
		}
	}
	v.held = waiting
	v.mu.Unlock()
	for _, h := range good {
		v.keep(h.Observation)
	}
}
