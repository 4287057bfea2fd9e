package worker

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/jobs"
)

// Where a wall cannot be had the next one is tried, and at last none.
func TestWalls(t *testing.T) {
	good := walls
	bad := good[0]
	bad.name, bad.flags = "a wall that cannot be", bad.flags|1<<9 // CLONE_FS does not go with a user namespace
	for _, c := range []struct {
		name, worker, why string
		walls             []wall
		walled            bool
	}{
		{"the next", "fake", "", []wall{bad, good[0]}, true},
		{"none is left", "fake", "a wall that cannot be", []wall{bad}, false},
		{"raised and useless", "fake-nowall", "lo is not ours", good[:1], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			unwall(t)
			walls = c.walls
			p := pool(t, c.worker)
			for range 2 { // the second worker finds the same
				s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
				if _, err := s.Run(t.Context(), word("ok")); err != nil {
					t.Fatal(err)
				}
				if name, why := p.Wall(); (name != "") != c.walled || !strings.Contains(why, c.why) || (why == "") != c.walled {
					t.Errorf("%q, %q", name, why)
				}
				_, _ = s.Run(t.Context(), word("dies"))
			}
		})
	}
}
