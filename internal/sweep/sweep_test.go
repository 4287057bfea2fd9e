package sweep

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/fact"
)

// world is a host that is made up: its ports, and what stands before them.
type world struct {
	ports map[int]State // what is not in it is closed
	rtt   time.Duration
	// before may answer in place of the host; n counts questions from 1.
	before func(n, port int) (error, bool)

	mu    sync.Mutex
	asked int
	times map[int]int
}

var (
	errRefused = &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	errSilent  = &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
)

func (w *world) ask(ctx context.Context, port int, within time.Duration) (time.Duration, error) {
	w.mu.Lock()
	w.asked++
	if w.times == nil {
		w.times = map[int]int{}
	}
	w.times[port]++
	n := w.asked
	w.mu.Unlock()
	err, told := error(nil), false
	if w.before != nil {
		err, told = w.before(n, port)
	}
	if !told {
		err = nil
		switch w.ports[port] {
		case Filtered:
			err = errSilent
		case Closed, Undecided:
			err = errRefused
		}
	}
	wait := w.rtt
	if err == errSilent || wait > within {
		wait, err = within, errSilent
	}
	if !sleep(ctx, wait) {
		return wait, ctx.Err()
	}
	return wait, err
}

func ports(n int) (out []int) {
	for i := range n {
		out = append(out, 1000+i)
	}
	return out
}

// swept runs a sweep in time that does not pass.
func swept(t *testing.T, w *world, change func(*Sweep)) (r *Result, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := Sweep{Ports: ports(120), Ask: w.ask, Timeout: 8 * time.Second, AtOnce: 64, Pause: 2 * time.Second}
		if change != nil {
			change(&s)
		}
		begun := time.Now()
		r = Run(t.Context(), s)
		took = time.Since(begun)
	})
	if len(r.Ports) == 0 {
		t.Fatal("no ports")
	}
	for _, p := range r.Ports {
		if (p.Why != nil) != (p.State == Undecided) {
			t.Errorf("port %d: state %d because %v", p.Number, p.State, p.Why)
		}
	}
	return r, took
}

// truthful tells whether what was decided is so.
func truthful(t interface{ Errorf(string, ...any) }, w *world, r *Result) {
	for _, p := range r.Ports {
		is := w.ports[p.Number]
		if is == Undecided {
			is = Closed
		}
		if p.State != Undecided && p.State != is {
			t.Errorf("port %d is %v, and is said to be %v", p.Number, is, p.State)
		}
	}
}

func usual() map[int]State {
	m := map[int]State{1000: Open, 1003: Open, 1100: Open}
	for i := 20; i < 92; i++ {
		m[1000+i] = Filtered
	}
	return m
}

func TestUsualHost(t *testing.T) {
	w := &world{ports: usual(), rtt: 30 * time.Millisecond}
	r, took := swept(t, w, nil)
	truthful(t, w, r)
	if got := r.Of(Undecided); len(got) > 0 {
		t.Errorf("undecided: %v", got)
	}
	if r.Alive != Itself || r.Everything || !slices.Equal(r.Of(Open), []int{1000, 1003, 1100}) || len(r.Of(Filtered)) != 72 {
		t.Errorf("%+v", r)
	}
	for p, n := range w.times {
		if w.ports[p] == Filtered && n < 2 {
			t.Errorf("port %d is filtered after %d questions", p, n)
		}
	}
	if took > 6*time.Second {
		t.Errorf("took %v", took)
	}
	if w.asked > 120+72+32 {
		t.Errorf("%d questions", w.asked)
	}
}

// A host that gives no sign of life tells nothing, unless its neighbour lives.
func TestNoAnswerAtAll(t *testing.T) {
	dead := &world{before: func(int, int) (error, bool) { return errSilent, true }}
	r, _ := swept(t, dead, nil)
	if len(r.Of(Undecided)) != 120 || r.Alive != NoSign || r.Ports[0].Why.Cause != fact.Unreachable {
		t.Errorf("alone: %v %v", r.Alive, r.Ports[0])
	}
	r, _ = swept(t, dead, func(s *Sweep) { s.Other = func(context.Context) (bool, bool) { return true, true } })
	if len(r.Of(Filtered)) != 120 || r.Alive != Neighbour {
		t.Errorf("beside one that lives: %v, undecided %v", r.Alive, r.Of(Undecided))
	}
	n := 0
	r, _ = swept(t, dead, func(s *Sweep) {
		s.Other = func(context.Context) (bool, bool) { n++; return n < 2, true }
	})
	if len(r.Of(Undecided)) != 120 || r.Alive != NoSign {
		t.Errorf("beside one that stops to live: %v, filtered %v", r.Alive, r.Of(Filtered))
	}
	n = 0
	r, _ = swept(t, dead, func(s *Sweep) {
		s.Other = func(context.Context) (bool, bool) { n++; return n > 2, n > 2 }
	})
	if len(r.Of(Filtered)) != 120 || r.Alive != Neighbour {
		t.Errorf("beside one that is found late: %v, undecided %v", r.Alive, r.Of(Undecided))
	}
}

// Whoever blocks us in the middle, and however, makes no port closed.
func TestBlockedInTheMiddle(t *testing.T) {
	for name, before := range map[string]func(n, port int) (error, bool){
		"drops everything":                  func(n, _ int) (error, bool) { return errSilent, n > 40 },
		"refuses everything":                func(n, _ int) (error, bool) { return errRefused, n > 40 },
		"drops what is not open to all":     func(n, port int) (error, bool) { return errSilent, n > 40 && port != 1000 },
		"refuses what is not open to all":   func(n, port int) (error, bool) { return errRefused, n > 40 && port != 1000 && port != 1003 },
		"drops everything after few":        func(n, _ int) (error, bool) { return errSilent, n > 5 },
		"refuses everything after few":      func(n, _ int) (error, bool) { return errRefused, n > 9 },
		"drops for a while":                 forAWhile(errSilent),
		"refuses for a while":               forAWhile(errRefused),
		"drops more than ten a second":      tenASecond(errSilent),
		"refuses more than ten a second":    tenASecond(errRefused),
		"drops everything in the last part": func(n, _ int) (error, bool) { return errSilent, n > 150 },
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{ports: usual(), rtt: time.Millisecond, before: before}
			r, _ := swept(t, w, nil)
			if name == "refuses what is not open to all" {
				// nobody can tell; what is open to us must not be missed
				if got := r.Of(Open); !slices.Contains(got, 1000) {
					t.Errorf("open: %v", got)
				}
				return
			}
			truthful(t, w, r)
			for _, p := range r.Ports {
				if p.State == Undecided && p.Why.Cause == fact.Broken {
					t.Errorf("port %d: %v", p.Number, p.Why)
				}
			}
			if strings.Contains(name, "while") || strings.Contains(name, "second") {
				if got := r.Of(Undecided); len(got) > 0 {
					t.Errorf("undecided after it was asked slowly: %v", got)
				}
			} else if len(r.Of(Undecided)) == 0 {
				t.Error("nothing is undecided")
			}
		})
	}
}

func forAWhile(err error) func(int, int) (error, bool) {
	var mu sync.Mutex
	var since time.Time
	return func(n, _ int) (error, bool) {
		mu.Lock()
		defer mu.Unlock()
		if n == 40 {
			since = time.Now()
		}
		return err, n > 40 && time.Since(since) < 3*time.Second
	}
}

func tenASecond(err error) func(int, int) (error, bool) {
	var mu sync.Mutex
	var last []time.Time
	return func(int, int) (error, bool) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		last = slices.DeleteFunc(last, func(t time.Time) bool { return now.Sub(t) > time.Second })
		if len(last) >= 10 {
			return err, true
		}
		last = append(last, now)
		return nil, false
	}
}

// Packets get lost: the first question to every port is not heard.
func TestLostPackets(t *testing.T) {
	w := &world{ports: usual(), rtt: 30 * time.Millisecond}
	w.before = func(_, port int) (error, bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return errSilent, w.times[port] == 1 && port > 1008
	}
	r, _ := swept(t, w, nil)
	truthful(t, w, r)
	if got := r.Of(Undecided); len(got) > 0 {
		t.Errorf("undecided: %v", got)
	}
}

func TestEveryPortAccepts(t *testing.T) {
	all := &world{before: func(_, port int) (error, bool) { return nil, true }}
	r, _ := swept(t, all, nil)
	if !r.Everything || len(r.Of(Undecided)) != 120 || r.Ports[0].Why.Cause != fact.Unanswered {
		t.Errorf("tarpit: %+v", r)
	}
	r, _ = swept(t, all, func(s *Sweep) {
		s.Ports = []int{22, 80, 443, 3306}
		s.Says = func(_ context.Context, port int) bool { return port == 22 || port == 3306 }
	})
	if !r.Everything || !slices.Equal(r.Of(Open), []int{22, 3306}) || !slices.Equal(r.Of(Undecided), []int{80, 443}) {
		t.Errorf("proxy: %+v", r)
	}
	r, _ = swept(t, all, func(s *Sweep) {
		s.Says = func(context.Context, int) bool { return true }
	})
	if !r.Everything || len(r.Of(Open)) > 0 {
		t.Errorf("a trap that talks: %+v", r)
	}
	honest := &world{ports: map[int]State{80: Open, 443: Open, 22: Open}}
	r, _ = swept(t, honest, func(s *Sweep) { s.Ports = []int{22, 80, 443} })
	if r.Everything || !slices.Equal(r.Of(Open), []int{22, 80, 443}) {
		t.Errorf("all of a short list open: %+v", r)
	}
}

// What this machine cannot do is nobody else's state.
func TestOurOwnFailures(t *testing.T) {
	short := &world{ports: usual(), before: func(n, _ int) (error, bool) { return &net.OpError{Err: syscall.EMFILE}, n > 20 && n < 60 }}
	r, _ := swept(t, short, nil)
	truthful(t, short, r)
	if got := r.Of(Undecided); len(got) > 0 {
		t.Errorf("a while without sockets: undecided %v", got)
	}
	firewall := &world{ports: usual(), before: func(_, port int) (error, bool) { return &net.OpError{Err: syscall.EPERM}, port == 1050 }}
	r, _ = swept(t, firewall, nil)
	if got := r.Of(Undecided); !slices.Equal(got, []int{1050}) || firewall.times[1050] != 1 {
		t.Errorf("a firewall of this machine: undecided %v, asked %d times", got, firewall.times[1050])
	}
	outside := fact.Because(fact.OutOfScope, "not authorised")
	barred := &world{before: func(int, int) (error, bool) { return fmt.Errorf("dial: %w", outside), true }}
	r, _ = swept(t, barred, nil)
	if len(r.Of(Undecided)) != 120 || r.Ports[119].Why.Cause != fact.OutOfScope || barred.asked > first {
		t.Errorf("out of scope: %v, %d questions", r.Ports[119].Why, barred.asked)
	}
}

func TestTimeIsSpent(t *testing.T) {
	w := &world{ports: usual(), rtt: 30 * time.Millisecond}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		r := Run(ctx, Sweep{Ports: ports(120), Ask: w.ask, Timeout: 8 * time.Second, AtOnce: 10})
		truthful(t, w, r)
		if p := r.Ports[50]; p.State != Undecided || p.Why.Cause != fact.Timeout {
			t.Errorf("%+v", p)
		}
	})
}

// Whatever a host does to us, no open port is ever called closed or filtered
// while the block comes once and spares nothing.
func TestNeverUntrue(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{ports: map[int]State{}, rtt: time.Duration(rapid.IntRange(0, 900).Draw(rt, "rtt")) * time.Millisecond}
		for _, p := range ports(120) {
			w.ports[p] = rapid.SampledFrom([]State{Closed, Closed, Filtered, Filtered, Open}).Draw(rt, "state")
		}
		w.ports[1000] = Open
		how := rapid.SampledFrom([]error{errSilent, errRefused}).Draw(rt, "how")
		earliest := 1
		if how == errRefused {
			earliest = first + 4 // before an open port was seen nobody can tell
		}
		from, length := rapid.IntRange(earliest, 300).Draw(rt, "from"), rapid.IntRange(100, 300).Draw(rt, "length")
		w.before = func(n, _ int) (error, bool) { return how, n >= from && n < from+length }
		r, _ := swept(t, w, nil)
		truthful(rt, w, r)
	})
}

func TestRanges(t *testing.T) {
	if got := Ranges([]int{8001, 22, 8000, 80, 8002}); got != "22,80,8000-8002" {
		t.Error(got)
	}
}

// TestNeighbourFallsSilent is a sweep of a silent host whose neighbour lives
// through some of the batches only.
func TestNeighbourFallsSilent(t *testing.T) {
	silent := &world{ports: map[int]State{}, rtt: time.Millisecond}
	for _, p := range ports(300) {
		silent.ports[p] = Filtered
	}
	asked := 0
	r, _ := swept(t, silent, func(s *Sweep) {
		s.Ports = ports(300)
		s.Other = func(context.Context) (bool, bool) { asked++; return asked < 10, true }
	})
	filtered := len(r.Of(Filtered))
	if filtered == 0 || filtered == 300 {
		t.Fatalf("%d ports filtered: the neighbour was to fall silent in between", filtered)
	}
	if r.Alive != Neighbour {
		t.Errorf("alive: %s, and %d ports were decided by a neighbour", r.Alive, filtered)
	}
}

// TestHostAnswersLate is a host that was taken for dead, so that ports counted
// as filtered, and answers after all.
func TestHostAnswersLate(t *testing.T) {
	w := &world{ports: map[int]State{}, rtt: time.Millisecond}
	for _, p := range ports(300) {
		w.ports[p] = Open
	}
	asked := 0
	w.before = func(int, int) (error, bool) { return errSilent, asked < 12 }
	r, _ := swept(t, w, func(s *Sweep) {
		s.Ports = ports(300)
		s.Other = func(context.Context) (bool, bool) { asked++; return asked != 10, true }
	})
	if f := r.Of(Filtered); len(f) > 0 {
		t.Errorf("%d open ports are called filtered (alive: %s)", len(f), r.Alive)
	}
}

// TestDoubtNeedsTime is a proxy that accepts on all ports, of a host whose time
// is spent before anything else can be asked.
func TestDoubtNeedsTime(t *testing.T) {
	w := &world{ports: map[int]State{}, rtt: time.Millisecond}
	for _, p := range ports(300) {
		w.ports[p] = Open
	}
	w.before = func(n, _ int) (error, bool) {
		return fact.Because(fact.Denied, "no more"), n > 290
	}
	r, _ := swept(t, w, func(s *Sweep) { s.Ports = ports(300) })
	if open := r.Of(Open); len(open) > 0 {
		t.Errorf("%d ports are called open on a host that accepts on all that were asked", len(open))
	}
}
