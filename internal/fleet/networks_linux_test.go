package fleet_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/store"
)

// hubMark is set in the process that has a network of its own.
const hubMark = "SANSANG_TEST_HUB"

// hub is where the database stands, in a network that is joined to those of the
// workers and to nothing else.
const hub = "10.66.0.1"

// lookedAt is a host in a network that all workers look at.
const lookedAt = "10.67.0.1"

// inHub runs f in a process with a network of its own, as the host to which
// workers in other networks come. It needs root and is skipped without.
func inHub(t testing.TB, workers int, f func()) {
	t.Helper()
	if os.Getenv(hubMark) == t.Name() {
		joinNetworks(t, workers)
		f()
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("networks of its own need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("networks of its own need ip of iproute2")
	}
	which := "-test.run=^" + t.Name() + "$"
	if strings.HasPrefix(t.Name(), "Benchmark") {
		which = "-test.run=^$ -test.bench=^" + t.Name() + "$ -test.benchtime=1x"
	}
	cmd := exec.Command("/proc/self/exe", append(strings.Fields(which), "-test.v", "-test.timeout=10m")...)
	cmd.Env = append(os.Environ(), hubMark+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	t.Logf("in networks of its own:\n%s", out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "--- SKIP") {
		t.SkipNow()
	}
}

// joinNetworks makes a network for each worker, w1, w2 …, in which it is
// 10.66.0.11, 10.66.0.12 …
func joinNetworks(t testing.TB, workers int) {
	t.Helper()
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"); err != nil { // where names of networks are kept; this process alone sees it
		t.Skip("no networks of its own are to be had here: ", err)
	}
	ip := func(words string) {
		t.Helper()
		if out, err := exec.Command("ip", strings.Fields(words)...).CombinedOutput(); err != nil {
			t.Skipf("no networks of its own are to be had here: ip %s: %v: %s", words, err, out)
		}
	}
	ip("link set lo up")
	ip("link add hub type bridge")
	ip("addr add " + hub + "/24 dev hub")
	ip("addr add " + lookedAt + "/24 dev hub")
	ip("link set hub up")
	for i := 1; i <= workers; i++ {
		ip(fmt.Sprintf("netns add w%d", i))
		ip(fmt.Sprintf("link add to%d type veth peer name eth0 netns w%d", i, i))
		ip(fmt.Sprintf("link set to%d master hub up", i))
		ip(fmt.Sprintf("-n w%d addr add 10.66.0.%d/24 dev eth0", i, 10+i))
		ip(fmt.Sprintf("-n w%d link set eth0 up", i))
		ip(fmt.Sprintf("-n w%d link set lo up", i))
		ip(fmt.Sprintf("-n w%d route add "+lookedAt[:strings.LastIndexByte(lookedAt, '.')]+".0/24 dev eth0", i))
	}
}

// in is how a program is started in the network of a worker.
func in(worker int) []string { return []string{"ip", "netns", "exec", fmt.Sprintf("w%d", worker)} }

// line cuts a worker off, or joins it again.
func line(t testing.TB, worker int, state string) {
	t.Helper()
	if out, err := exec.Command("ip", "link", "set", fmt.Sprintf("to%d", worker), state).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// landedBy counts what a process told of landings, after the first bytes of the log.
func landedBy(t testing.TB, log, who string, after int) (n, size int) {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(b[after:]), "\n") {
		if w := strings.Fields(l); len(w) == 3 && w[0] == "landed" && w[2] == who {
			n++
		}
	}
	return n, len(b)
}

// inNetworks starts a worker in each of three networks, on one PostgreSQL in a
// fourth.
func inNetworks(t testing.TB, pg *lab.Postgres, j job, zones ...inventory.Zone) (workers []*process) {
	t.Helper()
	for i, z := range zones {
		w := j
		w.DB, w.Zone, w.Who = pg.URLAt(hub), z, fmt.Sprintf("w%d", i+1)
		workers = append(workers, start(t, w, in(i+1)...))
	}
	return workers
}

// TestThreeNetworksSeeOneUnit has a worker in each of three networks look at
// the units from there. A unit is judged by all of them.
func TestThreeNetworksSeeOneUnit(t *testing.T) {
	t.Parallel()
	inHub(t, 3, func() {
		const units = 60
		zones := []inventory.Zone{inventory.Internet, inventory.WAN, inventory.Internal}
		pg := postgres(t, t.TempDir(), hub)
		db := open(t, pg.URL())
		run, err := planOnce(t.Context(), db, units, zones)
		must(t, err)
		j := job{Most: 8, Lease: 3 * time.Second, Look: 50 * time.Millisecond, Log: filepath.Join(t.TempDir(), "log")}
		workers := inNetworks(t, pg, j, zones...)
		ended(t, db, run.ID)
		for _, w := range workers {
			w.interrupt(t)
		}
		whole(t, db, run.ID, units*len(zones))
		same(t, "from three networks", told(t, db, run.ID), whatIsToBe(t, units, zones...))
		landedOnce(t, j.Log)
		for i, w := range workers {
			if n, _ := landedBy(t, j.Log, w.Who, 0); n != units {
				t.Errorf("the worker in %s landed %d of %d", zones[i], n, units)
			}
		}
	})
}

// TestACutOffWorkerIsReplacedAndComesBack cuts one of three workers off in the
// middle of a run, for longer than its lease. What it had is done by the
// others, what it still lands counts once, and it works again when it is back.
func TestACutOffWorkerIsReplacedAndComesBack(t *testing.T) {
	t.Parallel()
	inHub(t, 3, func() {
		const units, lease = 480, 12 * time.Second // longer than the server waits for one that is silent
		zone := inventory.Internet
		pg := postgres(t, t.TempDir(), hub)
		db := open(t, pg.URL())
		run, err := planOnce(t.Context(), db, units, []inventory.Zone{zone})
		must(t, err)
		j := job{Most: 4, Lease: lease, Look: 500 * time.Millisecond, Log: filepath.Join(t.TempDir(), "log")}
		workers := inNetworks(t, pg, j, zone, zone, zone)
		for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
			if n, _ := landedBy(t, j.Log, "w2", 0); n >= 4 {
				break
			}
		}
		line(t, 2, "down")
		with := func() (running int) {
			must(t, db.SQL().QueryRow("SELECT COUNT(*) FROM tasks t JOIN workers w ON w.id = t.worker WHERE t.state = 'running' AND w.pid = "+fmt.Sprint(workers[1].cmd.Process.Pid)).Scan(&running))
			return running
		}
		time.Sleep(lease)
		for until := time.Now().Add(90 * time.Second); with() > 0; time.Sleep(200 * time.Millisecond) {
			if time.Now().After(until) {
				t.Errorf("%d tasks are still with the worker that was cut off; the server says:\n%s", with(), sessions(t, db))
				break
			}
		}
		_, back := landedBy(t, j.Log, "w2", 0)
		line(t, 2, "up")
		ended(t, db, run.ID)
		for _, w := range workers {
			if !w.running() {
				t.Errorf("%s ended by itself", w.Who)
			}
			w.interrupt(t)
		}
		whole(t, db, run.ID, units)
		same(t, "after one was cut off", told(t, db, run.ID), whatIsToBe(t, units, zone))
		landedOnce(t, j.Log)
		if n, _ := landedBy(t, j.Log, "w2", back); n == 0 {
			t.Errorf("the worker that came back landed nothing more; it said:\n%s", tail(workers[1].said.Bytes()))
		}
	})
}

// sessions tells what PostgreSQL says of those who are connected to it.
func sessions(t testing.TB, db *store.DB) string {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), `SELECT concat_ws(' | ', pid, client_addr, state, wait_event_type, wait_event, round(extract(epoch FROM now() - xact_start), 1),
		round(extract(epoch FROM now() - state_change), 1), pg_blocking_pids(pid), left(regexp_replace(query, '\s+', ' ', 'g'), 120)) FROM pg_stat_activity WHERE client_addr IS NOT NULL`)
	must(t, err)
	defer func() { _ = rows.Close() }()
	var sb strings.Builder
	for rows.Next() {
		var l string
		must(t, rows.Scan(&l))
		sb.WriteString(l + "\n")
	}
	must(t, rows.Err())
	return sb.String()
}

// BenchmarkWorkers tells how many units a second one, two and three workers
// look at together, each in a network of its own, where a look takes 0.3 s on
// average and each worker makes 32 at once. The beginning, in which programs
// start, and the end, in which the slowest units are left, do not count.
func BenchmarkWorkers(b *testing.B) {
	inHub(b, 3, func() {
		for b.Loop() {
			for n := 1; n <= 3; n++ {
				benchWorkers(b, n)
			}
		}
	})
}

func benchWorkers(b *testing.B, n int) {
	b.Helper()
	const units, from, until = 2400, 400, 2000
	pg := postgres(b, b.TempDir(), hub)
	defer func() { _ = pg.Kill() }()
	db := open(b, pg.URL())
	run, err := planOnce(b.Context(), db, units, []inventory.Zone{inventory.Internet})
	must(b, err)
	j := job{Most: 32, Lease: 30 * time.Second, Look: 500 * time.Millisecond, Log: filepath.Join(b.TempDir(), "log")}
	workers := inNetworks(b, pg, j, slices.Repeat([]inventory.Zone{inventory.Internet}, n)...)
	ended(b, db, run.ID)
	var cpu time.Duration
	for _, w := range workers {
		w.interrupt(b)
		cpu += w.cmd.ProcessState.UserTime() + w.cmd.ProcessState.SystemTime()
	}
	whole(b, db, run.ID, units)
	tasks, err := db.Tasks(b.Context(), run.ID)
	must(b, err)
	slices.SortFunc(tasks, func(x, y store.Task) int { return x.Ended.Compare(y.Ended) })
	b.ReportMetric((until-from)/tasks[until].Ended.Sub(tasks[from].Ended).Seconds(), fmt.Sprintf("units/s-%d", n))
	b.ReportMetric(float64(cpu.Milliseconds())/units, fmt.Sprintf("cpu-ms/unit-%d", n))
}
