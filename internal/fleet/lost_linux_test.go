package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/store"
)

const (
	kills     = 20
	lostUnits = 300
)

// engines runs a test on both, the second in a database of its own.
func engines(t *testing.T, f func(t *testing.T, where string, pg *lab.Postgres)) {
	t.Run("SQLite", func(t *testing.T) { f(t, filepath.Join(t.TempDir(), "sansang.db"), nil) })
	t.Run("PostgreSQL", func(t *testing.T) {
		pg := postgres(t, t.TempDir())
		where, err := pg.NewURL(t.Context())
		must(t, err)
		f(t, where, pg)
	})
}

func postgres(t testing.TB, dir string, listen ...string) *lab.Postgres {
	t.Helper()
	pg, err := lab.StartPostgres(t.Context(), dir, listen...)
	if errors.Is(err, lab.ErrNoPostgres) {
		t.Skip(err)
	}
	must(t, err)
	t.Cleanup(func() { _ = pg.Kill() })
	return pg
}

func open(t testing.TB, where string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), where, store.Options{Migrate: fleet.Migrate})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// undisturbed is what a run tells in which nothing happened, by its units.
var undisturbed = struct {
	sync.Mutex
	of map[int][]string
}{of: map[int][]string{}}

// whatIsToBe works a run in peace, by one process on SQLite, and holds it
// against what the made-up nation is.
func whatIsToBe(t testing.TB, units int, zones ...inventory.Zone) []string {
	t.Helper()
	undisturbed.Lock()
	defer undisturbed.Unlock()
	key := units*10 + len(zones)
	if undisturbed.of[key] == nil {
		j := job{DB: filepath.Join(t.TempDir(), "peace.db"), Plan: true, Zones: zones, Units: units, Most: 32, Look: time.Millisecond, Log: filepath.Join(t.TempDir(), "log")}
		for _, j.Zone = range zones {
			start(t, j).wait(t, 3*time.Minute)
		}
		db := open(t, j.DB)
		whole(t, db, 1, units*len(zones))
		got := told(t, db, 1)
		var facts []string
		for _, l := range got {
			if len(l) > 5 && l[:5] == "fact " {
				facts = append(facts, l)
			}
		}
		same(t, "facts of an undisturbed run", facts, expected(units, zones...))
		undisturbed.of[key] = got
	}
	return undisturbed.of[key]
}

// landedLines counts the landings that processes told of.
func landedLines(log string) int {
	b, _ := os.ReadFile(log)
	return bytes.Count(b, []byte("landed "))
}

// TestNothingIsLostToKills kills processes at random moments and starts them
// again, twenty times a run. PostgreSQL is also stopped once and killed once. Then
// all is as if nothing had been.
func TestNothingIsLostToKills(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	engines(t, func(t *testing.T, where string, pg *lab.Postgres) {
		zones := []inventory.Zone{inventory.Internet}
		if pg != nil {
			zones = append(zones, inventory.Internal)
		}
		want := whatIsToBe(t, lostUnits, zones...)
		total := lostUnits * len(zones)
		log := filepath.Join(t.TempDir(), "log")
		batch := job{DB: where, Plan: true, Zone: zones[0], Zones: zones, Units: lostUnits, Most: 6, Lease: 2 * time.Second, Look: 100 * time.Millisecond, Log: log}
		jobs := []job{batch}
		helper := batch
		helper.Plan = false
		jobs = append(jobs, helper)
		if pg != nil {
			other := helper
			other.Zone = zones[1]
			jobs = append(jobs, other, other)
		}
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		chance := rand.New(rand.NewPCG(seed, 0))

		procs := make([]*process, len(jobs))
		for i, j := range jobs {
			procs[i] = start(t, j)
		}
		killed := 0
		again := func() { // what met no database
			for i, p := range procs {
				if p.metNothing() {
					procs[i] = start(t, jobs[i])
				}
			}
		}
		for killed < kills && procs[0].running() {
			// Wherever the run is by now, some landings later.
			until := landedLines(log) + chance.IntN(total*2/3/kills)
			deadline := time.Now().Add(time.Duration(200+chance.IntN(2000)) * time.Millisecond)
			for landedLines(log) < until && time.Now().Before(deadline) {
				time.Sleep(5 * time.Millisecond)
			}
			i := chance.IntN(len(procs))
			if chance.IntN(3) == 0 {
				i = 0
			}
			again()
			if !procs[i].running() {
				if i == 0 {
					break
				}
				t.Errorf("a worker ended by itself:\n%s", tail(procs[i].said.Bytes()))
			}
			if killed++; killed%5 == 0 { // and sometimes it is asked
				procs[i].interrupt(t)
				procs[i] = start(t, jobs[i])
				time.Sleep(time.Duration(chance.IntN(500)) * time.Millisecond)
			}
			procs[i].kill()
			if pg != nil && killed == kills/3 {
				must(t, pg.Stop())
				time.Sleep(500 * time.Millisecond)
				must(t, pg.Start())
				again()
			}
			if pg != nil && killed == 2*kills/3 {
				must(t, pg.Kill())
				must(t, pg.Start())
				again()
			}
			procs[i] = start(t, jobs[i])
		}
		if killed < kills {
			t.Errorf("the run was done after %d kills", killed)
		}
		for _, p := range procs {
			if p.Plan {
				p.wait(t, 2*time.Minute)
			}
		}
		db := open(t, where)
		run := only(t, db)
		ended(t, db, run)
		for _, p := range procs {
			if !p.Plan {
				p.interrupt(t)
			}
		}
		whole(t, db, run, total)
		same(t, "after the kills", told(t, db, run), want)
		looks := landedOnce(t, log)
		t.Logf("%d kills, %d looks for %d tasks", killed, looks, total)
		if looks < total {
			t.Errorf("%d looks cannot have been enough for %d tasks", looks, total)
		}
	})
}

// only gives the number of the one run that there is; planning that was killed
// may have used up others.
func only(t testing.TB, db *store.DB) int64 {
	t.Helper()
	runs, err := db.Runs(context.Background())
	must(t, err)
	if len(runs) != 1 {
		t.Fatalf("%d runs, not one", len(runs))
	}
	return runs[0].ID
}

// ended waits until workers have ended a run.
func ended(t testing.TB, db *store.DB, run int64) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		r, err := db.Run(context.Background(), run)
		must(t, err)
		if r.State == store.RunDone {
			return
		}
		if time.Now().After(until) {
			c, _ := db.Counts(context.Background(), run)
			t.Fatalf("the run is %s: %+v", r.State, c)
		}
	}
}
