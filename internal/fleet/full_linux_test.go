package fleet_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// smallDisk is a disk of its own of some megabytes.
func smallDisk(t testing.TB, megabytes int) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a disk of its own needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0755", megabytes)); err != nil {
		t.Skip("no disk of its own is to be had here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill takes all that is left on a disk, and gives it back when called again.
func fill(t testing.TB, dir string) (empty func()) {
	t.Helper()
	ballast := filepath.Join(dir, "ballast")
	f, err := os.OpenFile(ballast, os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	for size := 1 << 20; size >= 4096; size /= 2 {
		for b := make([]byte, size); ; {
			if _, err := f.Write(b); err != nil {
				break
			}
		}
	}
	must(t, f.Close())
	return func() { must(t, os.Remove(ballast)) }
}

// TestAFullDiskStopsAndLosesNothing fills the disk of the database in the
// middle of a run. The worker ends and says why; with room again the run goes
// on to what it would have been.
func TestAFullDiskStopsAndLosesNothing(t *testing.T) {
	t.Parallel()
	const units = 120
	zones := []inventory.Zone{inventory.Internet}
	try := func(t *testing.T, where, disk string) {
		want := whatIsToBe(t, units, zones...)
		j := job{DB: where, Plan: true, Zone: zones[0], Zones: zones, Units: units, Most: 4, Lease: 2 * time.Second, Look: 50 * time.Millisecond, Log: filepath.Join(t.TempDir(), "log")}
		p := start(t, j)
		for until := time.Now().Add(30 * time.Second); landedLines(j.Log) < units/4 && p.running() && time.Now().Before(until); {
			time.Sleep(5 * time.Millisecond)
		}
		empty := fill(t, disk)
		select {
		case <-p.done:
		case <-time.After(30 * time.Second):
			t.Fatal("the process goes on with a full disk")
		}
		before := landedLines(j.Log)
		if code := p.cmd.ProcessState.ExitCode(); code != 1 || !bytes.Contains(p.said.Bytes(), []byte("full")) {
			t.Errorf("a process with a full disk ended with %d, and said:\n%s", code, tail(p.said.Bytes()))
		}
		if before >= units {
			t.Error("the run was done before the disk was full")
		}
		empty()
		start(t, j).wait(t, 3*time.Minute)
		db := open(t, where)
		whole(t, db, 1, units)
		same(t, "after the full disk", told(t, db, 1), want)
		landedOnce(t, j.Log)
	}
	t.Run("SQLite", func(t *testing.T) {
		disk := smallDisk(t, 16)
		try(t, filepath.Join(disk, "sansang.db"), disk)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		disk := smallDisk(t, 160)
		pg := postgres(t, disk)
		t.Cleanup(func() { // before the disk goes
			if t.Failed() {
				t.Logf("PostgreSQL: %s", tail([]byte(pg.Log())))
			}
		})
		where, err := pg.NewURL(t.Context())
		must(t, err)
		try(t, where, disk)
	})
}
