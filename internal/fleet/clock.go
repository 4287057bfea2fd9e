package fleet

import (
	"sync"
	"time"
)

// mostDrift is how far the wall clock may move against the monotonic one before
// it counts as having been moved.
const mostDrift = 5 * time.Second

// jumps sees when the wall clock is moved.
type jumps struct {
	now func() time.Time

	mu    sync.Mutex
	wall  time.Time
	since time.Time // by the monotonic clock
}

func newJumps(now func() time.Time) *jumps {
	if now == nil {
		now = time.Now
	}
	j := &jumps{now: now}
	j.jumped()
	return j
}

// jumped gives how far the wall clock was moved since the last time; 0 where it
// was not.
func (j *jumps) jumped() time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	wall, since := j.now().Round(0), time.Now() // Round(0) leaves the wall clock alone
	by := wall.Sub(j.wall) - since.Sub(j.since)
	first := j.since.IsZero()
	j.wall, j.since = wall, since
	if first || by.Abs() <= mostDrift {
		return 0
	}
	return by
}
