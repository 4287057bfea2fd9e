package fleet_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// TestAClockThatJumpsDelaysNothing sets the clock of a worker an hour forward
// or a day back in the middle of a run. No task waits for a time that is far,
// and none is looked at as if it had been forgotten.
func TestAClockThatJumpsDelaysNothing(t *testing.T) {
	t.Parallel()
	const units = 60
	zones := []inventory.Zone{inventory.Internet}
	for name, by := range map[string]time.Duration{"forward": time.Hour, "back": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engines(t, func(t *testing.T, where string, _ *lab.Postgres) {
				want := whatIsToBe(t, units, zones...)
				j := job{DB: where, Plan: true, Zone: zones[0], Zones: zones, Units: units, Most: 4, Lease: 5 * time.Second, Look: 100 * time.Millisecond,
					Log: filepath.Join(t.TempDir(), "log"), Jump: by, JumpAt: units / 3}
				start(t, j).wait(t, 3*time.Minute)
				db := open(t, where)
				whole(t, db, 1, units)
				same(t, "after the jump", told(t, db, 1), want)
				if looks := landedOnce(t, j.Log); looks > units+j.Most {
					t.Errorf("%d looks for %d tasks: work was thrown away", looks, units)
				}
			})
		})
	}
}
