package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// TestBatchOutlivesKills runs the real batch, and a worker beside it, over units
// whose servers run here. Killed at random moments, interrupted and started
// again it comes to what it comes to in peace, on both engines.
func TestBatchOutlivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	list, units := lostList(t, 54)
	peace := filepath.Join(t.TempDir(), "peace.db")
	began := time.Now()
	p := startSansang(t, "batch", list, "--db", peace, "--vantage", "internet", "--quiet")
	p.wait(t, 2*time.Minute, 1)
	took := time.Since(began)
	want := toldBy(t, peace, units)
	if len(want) < 20*units {
		t.Fatalf("a run in peace tells %d lines of %d units", len(want), units)
	}
	for name, engine := range map[string]func(*testing.T) (string, *lab.Postgres){
		"SQLite": func(t *testing.T) (string, *lab.Postgres) { return filepath.Join(t.TempDir(), "sansang.db"), nil },
		"PostgreSQL": func(t *testing.T) (string, *lab.Postgres) {
			pg, err := lab.StartPostgres(t.Context(), t.TempDir())
			if errors.Is(err, lab.ErrNoPostgres) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = pg.Kill() })
			return pg.URL(), pg
		},
	} {
		t.Run(name, func(t *testing.T) {
			where, pg := engine(t)
			// Two at once, so that it takes long enough to be disturbed.
			batch := []string{"batch", list, "--db", where, "--vantage", "internet", "--most", "2", "--quiet"}
			chance := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
			p := startSansang(t, batch...)
			var beside *sansang
			kills := 0
			for i := 0; i < 10 && p.running(); i++ {
				time.Sleep(time.Duration(chance.Int64N(int64(took / 5))))
				switch {
				case !p.running():
				case pg != nil && i == 2:
					beside = startSansang(t, "worker", "--db", where, "--vantage", "internet", "--most", "2", "--quiet")
					continue
				case pg != nil && i == 5: // which they wait for
					if err := pg.Restart(); err != nil {
						t.Fatal(err)
					}
					for _, q := range []**sansang{&p, &beside} {
						if (*q).metNothing() {
							*q = startSansang(t, (*q).args...)
						}
					}
					continue
				case beside != nil && i%2 == 1:
					beside.kill()
					beside = startSansang(t, beside.args...)
					kills++
					continue
				case i == 4:
					_ = p.cmd.Process.Signal(syscall.SIGINT)
					// It may just be done, or hardly have begun.
					p.wait(t, 30*time.Second, 3, 1, -1)
					if said := p.said.String(); p.cmd.ProcessState.ExitCode() == 3 && !strings.Contains(said, "runs resume ") && !strings.Contains(said, "đã dừng theo yêu cầu") { // before it began
						t.Errorf("an interrupted batch does not say how to go on:\n%s", p.said)
					}
				default:
					p.kill()
					kills++
				}
				next := batch // the same command again finds the run, while it is open
				if run := runOf(t, where); run.State == store.RunDone || run.State == store.RunOpen && pg != nil {
					next = []string{"runs", "resume", fmt.Sprint(run.ID), "--db", where, "--vantage", "internet", "--most", "2", "--quiet"}
				}
				p = startSansang(t, next...)
			}
			p.wait(t, 2*time.Minute, 1)
			if beside != nil {
				_ = beside.cmd.Process.Signal(syscall.SIGINT)
				beside.wait(t, 30*time.Second, 0)
			}
			t.Logf("%d kills", kills)
			if kills < 2 {
				t.Errorf("the run was done after %d kills", kills)
			}
			got := toldBy(t, where, units)
			if !slices.Equal(got, want) {
				lost := slices.DeleteFunc(slices.Clone(want), func(l string) bool { return slices.Contains(got, l) })
				more := slices.DeleteFunc(slices.Clone(got), func(l string) bool { return slices.Contains(want, l) })
				t.Errorf("the run does not tell what it tells in peace\nmissing: %q\ntoo much: %q", lost[:min(len(lost), 8)], more[:min(len(more), 8)])
			}
		})
	}
}

// lostList writes a folder of units, each with a server that is good, one that
// is not, or one that is not there.
func lostList(t *testing.T, n int) (dir string, units int) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "units")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("lab-ca.pem", lab.CAPEM())
	var targets []string
	for _, recipe := range []string{"https-good", "https-tls10", "ssh-good", "cert-expired", "ssh-weak-kex"} {
		s, err := lab.Start(recipe)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		target := "target: " + s.URL()
		if !strings.Contains(s.URL(), "://") {
			target += "\n    kind: " + s.Kind
		}
		targets = append(targets, target)
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	targets = append(targets, "target: https://"+nobody.Addr().String())
	_ = nobody.Close()
	for i := range n {
		id := fmt.Sprintf("H98.%02d", i+1)
		put(id+".yaml", fmt.Appendf(nil, `unit: {id: %s, name: Xã Thử %d, kind: commune}
systems:
  - {id: mot-cua, name: Một cửa, level: 2}
endpoints:
  - id: cong
    system: mot-cua
    zone: internet
    %s
domains: []
trusted_cas: [lab-ca.pem]
`, id, i+1, targets[i%len(targets)]))
	}
	return dir, n
}

// runOf is the first run of a database, if there is one.
func runOf(t *testing.T, where string) (first store.Run) {
	t.Helper()
	db, err := store.Open(context.Background(), where, store.Options{Migrate: fleet.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	runs, err := db.Runs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) > 0 {
		first = runs[len(runs)-1]
	}
	return first
}

// toldBy is what the one run of a database says of its units, without what
// depends on when they were looked at. It fails if that is not whole.
func toldBy(t *testing.T, where string, units int) (out []string) {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, where, store.Options{Migrate: fleet.Migrate})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	runs, err := db.Runs(ctx)
	check(err)
	if len(runs) != 1 || runs[0].State != store.RunDone || runs[0].Landed != int64(units) {
		t.Fatalf("not one whole run, but %d; the first is %s with %d of %d landed", len(runs), runs[len(runs)-1].State, runs[len(runs)-1].Landed, units)
	}
	check(db.EachUnit(ctx, runs[0].ID, func(u store.UnitRow) error {
		out = append(out, fmt.Sprintf("unit %s %v %v %+v %v", u.Identity.ID, u.Verdict, u.Complete, u.Tally, u.Because))
		return nil
	}))
	check(db.EachFinding(ctx, runs[0].ID, store.Which{}, func(f store.FindingRow) error {
		b, err := json.Marshal(f.Finding)
		out = append(out, fmt.Sprintf("finding %s %s", f.Unit, b))
		return err
	}))
	check(db.EachPlace(ctx, runs[0].ID, false, func(p store.Place) error {
		out = append(out, fmt.Sprintf("place %s %s %s %s", p.Unit, p.Vantage, p.Endpoint, p.Cause))
		return nil
	}))
	prev := ""
	check(db.EachAssessment(ctx, runs[0].ID, func(s store.Stored) error {
		if s.Seq > 1 && s.Prev != prev {
			t.Errorf("the chain is broken at %s", s.Unit)
		}
		prev = s.Chain
		r, err := s.Open()
		check(err)
		defer func() { _ = r.Close() }()
		a, err := record.Read(s.Unit, r)
		check(err)
		if a.End == nil || a.End.Stopped || len(a.Missing()) > 0 {
			t.Errorf("the record of %s is not whole", s.Unit)
		}
		for _, o := range a.Observations {
			cause := ""
			if o.Unknown != nil {
				cause = string(o.Unknown.Cause)
			}
			out = append(out, fmt.Sprintf("fact %s %s %s %s", s.Unit, o.Endpoint, o.Check, cause))
		}
		return nil
	}))
	if prev != runs[0].Chain {
		t.Error("the chain does not end where the run says")
	}
	slices.Sort(out)
	return out
}

// sansang is the program, as a process that can be killed.
type sansang struct {
	args []string
	cmd  *exec.Cmd
	said *bytes.Buffer
	done chan struct{}
}

func startSansang(t *testing.T, args ...string) *sansang {
	t.Helper()
	p := &sansang{args: args, cmd: exec.Command("/proc/self/exe"), said: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Args = append([]string{"sansang"}, args...) // by which TestMain knows
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1", "SANSANG_NUCLEI=/nonexistent")
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(p.kill)
	return p
}

func (p *sansang) kill() { _ = p.cmd.Process.Kill(); <-p.done }

func (p *sansang) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// metNothing tells, some time after a database was away, whether a process
// ended because it had just begun and found none. It says so.
func (p *sansang) metNothing() bool {
	select {
	case <-p.done:
		return strings.Contains(p.said.String(), "không kết nối được")
	case <-time.After(2 * time.Second):
		return false
	}
}

// wait waits for the end and wants one of the exit codes; -1 is a signal.
func (p *sansang) wait(t *testing.T, most time.Duration, want ...int) {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(most):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
		t.Fatalf("sansang %v did not end in %s:\n%s", p.args, most, p.said)
	}
	if got := p.cmd.ProcessState.ExitCode(); !slices.Contains(want, got) {
		t.Fatalf("sansang %v ended with %d, not %v:\n%s", p.args, got, want, p.said)
	}
}
