package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkNation has `sansang batch` look at a nation of practice servers, 30
// ms away, with the default policy, and holds what it says against what was
// meant. SANSANG_NATION is how many of its 3,377 units; SANSANG_BATCH may hold
// further flags, and SANSANG_NATION_KEEP a folder that keeps the database and
// what db export makes of it. What it costs the lab is told apart from what it costs us, for
// they share the machine.
func BenchmarkNation(b *testing.B) {
	units, err := strconv.Atoi(os.Getenv("SANSANG_NATION"))
	if err != nil || units < 1 || units > nationUnits {
		b.Skipf("set SANSANG_NATION to a number of units up to %d (make bench-nation does)", nationUnits)
	}
	if os.Getenv("SANSANG_NUCLEI") == "" {
		b.Skip("set SANSANG_NUCLEI to a built sansang-nuclei (make bench-nation does)")
	}
	dir := b.TempDir()
	tool := os.Getenv("SANSANG_TOOL")
	if tool == "" {
		tool = filepath.Join(dir, "sansang")
		build := exec.Command("go", "build", "-o", tool, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	load, _ := os.ReadFile("/proc/loadavg")
	_, _ = fmt.Fprintf(os.Stderr, "%d units of %d endpoints; load of the machine before: %s", units, nationEndpoints, load)
	for b.Loop() {
		benchmarkNation(b, tool, b.TempDir(), newNation(units))
	}
}

func benchmarkNation(b *testing.B, tool, dir string, nation []nationUnit) {
	side := startNation(b, len(nation), 30*time.Millisecond, dir)
	ca, err := os.ReadFile(filepath.Join(dir, "lab-ca.pem"))
	if err != nil {
		b.Fatal(err)
	}
	list, db := filepath.Join(dir, "nation"), filepath.Join(dir, "nation.db")
	keep := os.Getenv("SANSANG_NATION_KEEP")
	if keep != "" {
		if err := os.MkdirAll(keep, 0o700); err != nil {
			b.Fatal(err)
		}
		if db = filepath.Join(keep, "nation.db"); !absent(db) {
			b.Fatalf("%s is there already", db)
		}
	}
	if err := writeNation(list, nation, ca); err != nil {
		b.Fatal(err)
	}
	args := append([]string{"batch", list, "--db", db, "--vantage", "admin"}, strings.Fields(os.Getenv("SANSANG_BATCH"))...)
	cmd := exec.Command(tool, args...)
	out, err := os.Create(filepath.Join(dir, "said.txt"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	begun, machine := time.Now(), readMachine()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	watch := watchNation(cmd.Process.Pid)
	var exit *exec.ExitError
	err = cmd.Wait()
	wall, spent := time.Since(begun), readMachine().since(machine)
	worker := watch.end()
	lab, labCPU := side.end(b)
	said, _ := os.ReadFile(out.Name())
	if err != nil && !errors.As(err, &exit) || exit != nil && exit.ExitCode() == 2 || exit != nil && exit.ExitCode() > 3 {
		b.Fatalf("%v\n%s", err, said)
	}
	ours := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() - worker
	seen := checkNation(b, db, nation)
	if keep != "" {
		if out, err := exec.Command(tool, "db", "export", db, "-o", filepath.Join(keep, "nation.jsonl")).CombinedOutput(); err != nil {
			b.Errorf("%v\n%s", err, out)
		}
	}
	kept, _ := os.Stat(db)
	// A benchmark's log is cut after ten lines.
	tell := func(format string, args ...any) { _, _ = fmt.Fprintf(os.Stderr, format+"\n", args...) }
	tell("%s\n%d units, %d endpoints, %d of them dead, verdicts %v; %d connections (the lab took %d), %.0f a second",
		firstOf(said), seen.units, seen.endpoints, seen.dead, seen.verdicts, seen.connections, lab.Accepted, float64(seen.connections)/wall.Seconds())
	tell("wall %v; processor: ours %v, worker %v, lab %v (of it %v the line); memory at most: ours %d MB, workers %d MB, both %d MB; database %d MB; line: %d packets, %d lost, at most %v late",
		wall.Round(time.Second), ours.Round(time.Millisecond), worker, labCPU.Round(time.Millisecond), lab.Line.Round(time.Millisecond), watch.Ours>>10, watch.Worker>>10, watch.Both>>10, kept.Size()>>20, lab.Packets, lab.Lost, lab.Late.Round(time.Millisecond))
	tell("processor of the machine: %v, of it at rest %v (%.0f %%), by others %v; the lab's start, which is in its share: %v",
		spent.all.Round(time.Second), spent.idle.Round(time.Second), 100*spent.idle.Seconds()/spent.all.Seconds(), (spent.all - spent.idle - ours - worker - labCPU + lab.Start).Round(time.Second), lab.Start.Round(time.Millisecond))
	tell("%v", seen.times)
	oursThen, workersThen := watch.course()
	tell("memory over the run, MB: ours %v, workers %v", oursThen, workersThen)
	for _, w := range seen.wrong[:min(len(seen.wrong), 100)] {
		tell("WRONG: %s", w)
	}
	if len(seen.wrong) > 0 {
		b.Errorf("%d things are not as they were meant", len(seen.wrong))
	}
	n := float64(seen.endpoints)
	b.ReportMetric(wall.Seconds(), "wall-s")
	b.ReportMetric(ours.Seconds()*1000/n, "ours-ms/endpoint")
	b.ReportMetric(worker.Seconds()*1000/n, "worker-ms/endpoint")
	b.ReportMetric(labCPU.Seconds()*1000/n, "lab-ms/endpoint")
	b.ReportMetric(float64(watch.Both>>10), "MB")
	b.ReportMetric(float64(seen.connections)/n, "connections/endpoint")
	b.ReportMetric(float64(len(seen.wrong)), "wrong")
}

// firstOf gives the roll-up's first words: what was checked, and how it came out.
func firstOf(said []byte) []byte {
	first, _, _ := bytes.Cut(said, []byte("── "))
	return bytes.TrimSpace(first)
}
