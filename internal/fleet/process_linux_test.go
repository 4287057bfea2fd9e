package fleet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// processMark is set in the processes that the tests start and kill.
const processMark = "SANSANG_TEST_PROCESS"

// A job says what such a process does: like batch it plans the run of the
// made-up list, or goes on with it, and works it to its end; like worker it
// works what there is until it is stopped.
type job struct {
	DB     string
	Plan   bool
	Zone   inventory.Zone
	Zones  []inventory.Zone // that the run is planned for
	Units  int
	Most   int // units at once
	Lease  time.Duration
	Look   time.Duration
	Who    string // it calls itself in the log
	Log    string // "began" and "landed", the task, and who; appended
	Jump   time.Duration
	JumpAt int // its clock jumps when that many looks have begun

	Dial string // connected to in each look, as scans do
	Rate float64
}

func policyOfTest() record.Policy {
	return record.Policy{ID: "made-up", Version: "1", SHA256: strings.Repeat("ab", 32)}
}

// TestProcess is no test: it is what the processes of the others do.
func TestProcess(t *testing.T) {
	var j job
	if os.Getenv(processMark) == "" {
		t.Skip("only in a process that another test starts")
	}
	must(t, json.Unmarshal([]byte(os.Getenv(processMark)), &j))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := j.do(ctx); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "process ended:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (j job) do(ctx context.Context) error {
	log, err := os.OpenFile(j.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	clock := &jumper{at: j.JumpAt, by: j.Jump}
	said := zerolog.New(zerolog.SyncWriter(os.Stderr)).Level(zerolog.WarnLevel)
	o := store.Options{Migrate: fleet.Migrate, Log: said}
	if j.Jump != 0 && store.EngineOf(j.DB) == store.SQLite { // which has the clock of the machine
		o.Now = clock.Now
	}
	db, err := store.Open(ctx, j.DB, o)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tell := func(word string, t fleet.Task) {
		_, _ = fmt.Fprintf(log, "%s %s/%s %s\n", word, t.Unit.ID(), t.Vantage.Zone, j.Who)
	}
	w := fleet.Options{
		DB: db, Vantage: record.Vantage{Name: "here", Zone: j.Zone}, Look: madeUpLook(j.Look), Judge: madeUpJudge, Version: "test",
		Least: j.Most, Most: j.Most, Lease: j.Lease, Log: said,
		Hooks: fleet.Hooks{
			Began:   func(t fleet.Task) { clock.began(); tell("began", t) },
			Landed:  func(t fleet.Task, _ store.Judgement, _ time.Duration) { tell("landed", t) },
			Failed:  func(t fleet.Task, err error) { fmt.Fprintln(os.Stderr, "failed:", t.Unit.ID(), err) },
			Trouble: func(err error) { fmt.Fprintln(os.Stderr, "trouble:", err) },
		},
	}
	if j.Jump != 0 {
		w.Now = clock.Now
	}
	run := int64(0)
	if j.Plan {
		r, err := planOnce(ctx, db, j.Units, j.Zones)
		if err != nil {
			return err
		}
		run = r.ID
	}
	throttle := scan.NewThrottle(scan.Rates{Network: j.Rate})
	if j.Dial != "" {
		w.Look = connecting(j.Dial, throttle, w.Look)
	}
	worker, err := fleet.New(w)
	if err != nil {
		return err
	}
	throttle.Share = worker.Share
	return worker.Work(ctx, run)
}

// planOnce plans the run of the made-up list, or finds the one that is open.
func planOnce(ctx context.Context, db *store.DB, units int, zones []inventory.Zone) (r store.Run, err error) {
	n := store.NewRun{Kind: store.Batch, Policy: policyOfTest(), PolicySource: "made-up", Vantages: zones}
	err = db.Tx(ctx, func(tx *store.Tx) error {
		n.List, err = tx.AddList(ctx, madeUpList(units))
		return err
	})
	if err != nil {
		return r, err
	}
	if r, open, err := db.OpenRun(ctx, n); open || err != nil {
		return r, err
	}
	if all, err := db.RunsOf(ctx, n.List); err != nil || len(all) > 0 { // it was done meanwhile
		return all[0], err
	}
	return fleet.Plan(ctx, db, n)
}

// jumper is a clock that jumps once.
type jumper struct {
	mu sync.Mutex
	n  int
	at int
	by time.Duration
}

func (c *jumper) began() { c.mu.Lock(); c.n++; c.mu.Unlock() }

func (c *jumper) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n >= c.at {
		return time.Now().Add(c.by)
	}
	return time.Now()
}

// process is a process that was started.
type process struct {
	job
	cmd  *exec.Cmd
	said *bytes.Buffer // not to be read before it ended
	done chan struct{}
}

// start starts a process; prefix is how, such as ip netns exec.
func start(t testing.TB, j job, prefix ...string) *process {
	t.Helper()
	what, err := json.Marshal(j)
	must(t, err)
	args := append(prefix, "/proc/self/exe", "-test.run=^TestProcess$", "-test.timeout=10m")
	if len(prefix) > 0 {
		args[len(prefix)], err = os.Executable()
		must(t, err)
	}
	p := &process{job: j, cmd: exec.Command(args[0], args[1:]...), said: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), processMark+"="+string(what), "GOMAXPROCS=2")
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	must(t, p.cmd.Start())
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() { _ = p.cmd.Process.Kill(); <-p.done }

func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// interrupt asks a process to stop, as Ctrl-C does, and waits until it has. One
// that has hardly begun may end by the signal itself.
func (p *process) interrupt(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	if s, ok := p.waited(t, 3*time.Minute).Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGINT {
		p.wait(t, 0)
	}
}

// wait waits for the end of a process, which is to be in good order.
func (p *process) wait(t testing.TB, most time.Duration) {
	t.Helper()
	if code := p.waited(t, most).ExitCode(); code != 0 {
		t.Errorf("a process ended with %d:\n%s", code, tail(p.said.Bytes()))
	}
}

func (p *process) waited(t testing.TB, most time.Duration) *os.ProcessState {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(max(most, time.Second)):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
		t.Fatalf("a process did not end in %s:\n%s", most, tail(p.said.Bytes()))
	}
	return p.cmd.ProcessState
}

// metNothing tells whether a process ended because there was no database when
// it began, which it says to whoever started it.
func (p *process) metNothing() bool {
	return !p.running() && bytes.Contains(p.said.Bytes(), []byte("cannot be reached")) && !bytes.Contains(p.said.Bytes(), []byte("trouble"))
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }
