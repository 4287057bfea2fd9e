package scan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// kept is what a scan under test handed over.
type kept struct {
	obs    []fact.Observation
	events []Event
}

func (k *kept) of(endpoint, check string) fact.Observation {
	for _, o := range k.obs {
		if o.Endpoint == endpoint && o.Check == check {
			return o
		}
	}
	return fact.Observation{}
}

func (k *kept) happenings() string {
	var whats []string
	for _, e := range k.events {
		if e.What != "looked-at" {
			whats = append(whats, e.What)
		}
	}
	return strings.Join(whats, " ")
}

func loopback(t *testing.T) *Guard {
	t.Helper()
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	return NewGuard(s, NewThrottle(Rates{}), 5*time.Second, time.Now)
}

// scanOf is a scan of endpoints on this machine with every check there is.
func scanOf(t *testing.T, dial checks.DialFunc, es ...inventory.Endpoint) (*Scan, *kept) {
	t.Helper()
	var all []string
	for _, c := range checks.All() {
		if !c.OfTemplates() {
			all = append(all, c.ID)
		}
	}
	k := &kept{}
	return &Scan{
		Tasks: Plan(inventory.Unit{Endpoints: es}, all), Dial: dial, Workers: 8, Parallel: 6,
		Timeout: time.Second, Endpoint: 20 * time.Second, Pause: 50 * time.Millisecond, Now: time.Now, Log: zerolog.Nop(),
		Observed: func(o fact.Observation) error { k.obs = append(k.obs, o); return o.Validate() },
		Happened: func(e Event) error { k.events = append(k.events, e); return nil },
	}, k
}

func start(t *testing.T, recipe string) *lab.Server {
	t.Helper()
	s, err := lab.Start(recipe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// answers wants exactly one observation for each planned pair.
func answers(t *testing.T, s *Scan, k *kept) {
	t.Helper()
	if len(k.obs) != s.Pairs() {
		t.Errorf("%d observations for %d planned", len(k.obs), s.Pairs())
	}
	seen := map[string]bool{}
	for _, o := range k.obs {
		pair := o.Endpoint + " " + o.Check
		if seen[pair] {
			t.Errorf("two observations of %s", pair)
		}
		seen[pair] = true
	}
}

func TestPlanOrdersAndCompletes(t *testing.T) {
	tasks := Plan(inventory.Unit{Endpoints: []inventory.Endpoint{{ID: "w", Kind: inventory.HTTPS}, {ID: "s", Kind: inventory.SSH}}}, []string{"http.headers", "tcp.open", "no.such"})
	ids := func(t Task) string {
		var out []string
		for _, c := range t.Checks {
			out = append(out, c.ID)
		}
		return strings.Join(out, " ")
	}
	if got := ids(tasks[0]); got != "tcp.open http.answer http.page http.headers" {
		t.Errorf("web: %s", got)
	}
	if got := ids(tasks[1]); got != "tcp.open" {
		t.Errorf("ssh: %s", got)
	}
}

func TestAllCanariesLive(t *testing.T) {
	s := start(t, "https-good")
	sc, k := scanOf(t, loopback(t).Dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	for _, o := range k.obs {
		if o.Unknown != nil {
			t.Errorf("%s: %v", o.Check, o.Unknown)
		}
	}
	if got := k.happenings(); got != "" {
		t.Errorf("events on a good server: %s", got)
	}
}

// flaky is a dialer that stops connecting after some connections, for a time.
type flaky struct {
	checks.DialFunc
	mu        sync.Mutex
	good, bad int
}

func (f *flaky) dial(ctx context.Context, address string) (net.Conn, error) {
	f.mu.Lock()
	if f.good--; f.good < 0 {
		if f.bad--; f.bad >= 0 {
			f.mu.Unlock()
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
	}
	f.mu.Unlock()
	return f.DialFunc(ctx, address)
}

// An endpoint that stops answering in the middle: what was seen before the
// last good canary stands, everything since is blocked, nothing is a fact.
func TestBlockedInTheMiddle(t *testing.T) {
	s := start(t, "https-good")
	f := &flaky{DialFunc: loopback(t).Dial, good: 5, bad: 1 << 30}
	sc, k := scanOf(t, f.dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
	sc.Parallel = 1
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	if o := k.of("e", "tcp.open"); o.Unknown != nil {
		t.Errorf("tcp.open, seen before the block: %v", o.Unknown)
	}
	blocked := 0
	for _, o := range k.obs {
		if o.Unknown != nil && o.Unknown.Cause == fact.Blocked {
			blocked++
		} else if o.Unknown != nil {
			t.Errorf("%s: %v, want blocked", o.Check, o.Unknown)
		}
	}
	if blocked < sc.Pairs()-3 || !strings.Contains(k.happenings(), "canary-failed") {
		t.Errorf("%d of %d blocked; events: %s", blocked, sc.Pairs(), k.happenings())
	}
}

// One that recovers is tried again, once, and then seen whole.
func TestRecovers(t *testing.T) {
	s := start(t, "ssh-good")
	// canary, tcp.open, and then ssh.banner and the canary after it are refused
	f := &flaky{DialFunc: loopback(t).Dial, good: 2, bad: 2}
	e := inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.SSH}
	sc, k := scanOf(t, f.dial, e)
	sc.Parallel = 1
	sc.Tasks = Plan(inventory.Unit{Endpoints: []inventory.Endpoint{e}}, []string{"tcp.open", "ssh.banner"})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	if got := k.happenings(); got != "canary-failed canary-recovered" {
		t.Errorf("events: %s", got)
	}
	for _, o := range k.obs {
		if o.Unknown != nil {
			t.Errorf("%s: %v", o.Check, o.Unknown)
		}
	}
}

func TestClosedPortIsAFact(t *testing.T) {
	s := start(t, "https-good")
	_ = s.Close()
	sc, k := scanOf(t, loopback(t).Dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	for _, o := range k.obs {
		if o.Check == "tcp.open" {
			if !strings.Contains(string(o.Value), `"open":false`) {
				t.Errorf("tcp.open: %s %v", o.Value, o.Unknown)
			}
		} else if o.Unknown == nil || o.Unknown.Cause != fact.Unreachable {
			t.Errorf("%s: %s %v, want unreachable", o.Check, o.Value, o.Unknown)
		}
	}
}

func TestBudgetIsSpent(t *testing.T) {
	s := start(t, "never-answers")
	sc, k := scanOf(t, loopback(t).Dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.SSH})
	sc.Timeout, sc.Endpoint = 10*time.Second, 300*time.Millisecond
	begin := time.Now()
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a budget of 300 ms took %v", took)
	}
	if o := k.of("e", "ssh.algorithms"); o.Unknown == nil || o.Unknown.Cause != fact.Timeout {
		t.Errorf("ssh.algorithms: %v, want timeout", o.Unknown)
	}
}

// Stopping answers everything that is left, and quickly.
func TestStopped(t *testing.T) {
	s := start(t, "never-answers")
	var es []inventory.Endpoint
	for i := range 30 {
		es = append(es, inventory.Endpoint{ID: fmt.Sprint(i), Target: s.URL(), Kind: inventory.HTTPS})
	}
	sc, k := scanOf(t, loopback(t).Dial, es...)
	sc.Timeout, sc.Endpoint = time.Minute, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := sc.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	answers(t, sc, k)
}

// Results that cannot be kept stop the scan: a record with a hole is worse
// than none.
func TestFullDisk(t *testing.T) {
	s := start(t, "https-good")
	var es []inventory.Endpoint
	for i := range 10 {
		es = append(es, inventory.Endpoint{ID: fmt.Sprint(i), Target: s.URL(), Kind: inventory.HTTPS})
	}
	sc, _ := scanOf(t, loopback(t).Dial, es...)
	n := 0
	sc.Observed = func(fact.Observation) error {
		if n++; n > 5 {
			return syscall.ENOSPC
		}
		return nil
	}
	if err := sc.Run(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Run = %v, want no space left", err)
	}
	if n != 6 {
		t.Errorf("tried to keep %d more observations after the disk was full", n-6)
	}
}

// Against all hostile servers at once the scan ends within its stated budget,
// in bounded memory, leaving no goroutine; nothing is our defect, and what a
// server that speaks no protocol shows is Unknown.
func TestHostileServers(t *testing.T) {
	var es []inventory.Endpoint
	var servers []*lab.Server
	for _, r := range lab.Recipes() {
		if r.Nature != lab.Hostile {
			continue
		}
		s, err := lab.Start(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, s)
		for _, kind := range []inventory.Kind{inventory.HTTPS, inventory.SSH} {
			es = append(es, inventory.Endpoint{ID: r.Name + " as " + string(kind), Target: s.AddrPort.String(), Kind: kind, Plain: "http://" + s.AddrPort.String() + "/"})
		}
	}
	before := goleak.IgnoreCurrent()
	sc, k := scanOf(t, loopback(t).Dial, es...)
	sc.Workers = len(es)
	stop, peak := make(chan struct{}), make(chan uint64)
	go watchMemory(stop, peak)
	begin := time.Now()
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	close(stop)
	if most := <-peak; most > 150<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	}
	if took > sc.Budget()+time.Second { // what ends with the budget has still to be written down
		t.Errorf("took %v, the stated budget is %v", took, sc.Budget())
	}
	answers(t, sc, k)
	speaksNothing := []string{"closes", "resets", "never-answers", "one-byte-a-second", "garbage", "tls-garbage"}
	for _, o := range k.obs {
		if o.Unknown != nil && o.Unknown.Cause == fact.Broken {
			t.Errorf("%s, %s: %v", o.Endpoint, o.Check, o.Unknown)
		}
		name, _, _ := strings.Cut(o.Endpoint, " ")
		if slices.Contains(speaksNothing, name) && o.Check != "tcp.open" && o.Unknown == nil {
			t.Errorf("%s, %s is a fact: %s", o.Endpoint, o.Check, o.Value)
		}
	}
	for _, s := range servers {
		_ = s.Close()
	}
	goleak.VerifyNone(t, before)
}

func watchMemory(stop <-chan struct{}, peak chan<- uint64) {
	var most uint64
	for {
		select {
		case <-stop:
			peak <- most
			return
		case <-time.After(20 * time.Millisecond):
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
		}
	}
}
