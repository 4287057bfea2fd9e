package scan

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// door is a dialer to a server that lets in only so many at a time: on any
// connection more it hangs up at once.
type door struct {
	checks.DialFunc
	places int

	mu                     sync.Mutex
	open, most, turnedAway int
}

func (d *door) dial(ctx context.Context, address string) (net.Conn, error) {
	conn, err := d.DialFunc(ctx, address)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	d.most = max(d.most, d.open)
	if d.open > d.places {
		d.turnedAway++
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.(*net.TCPConn).CloseRead()
	}
	return &visitor{Conn: conn, leave: sync.OnceFunc(d.leave)}, nil
}

func (d *door) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open--
}

type visitor struct {
	net.Conn
	leave func()
}

func (v *visitor) Close() error { v.leave(); return v.Conn.Close() }

// What a server does not answer because we are too many is asked again when we
// are one, so that nothing stays unseen for our haste.
func TestCrowdedDoor(t *testing.T) {
	s := start(t, "https-good")
	d := &door{DialFunc: loopback(t).Dial, places: 2}
	sc, k := scanOf(t, d.dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	for _, o := range k.obs {
		if c, _ := checks.Find(o.Check); missed(c, o) {
			t.Errorf("%s: %s %v", o.Check, o.Value, o.Unknown)
		}
	}
	if d.turnedAway == 0 {
		t.Error("the door never was too narrow: this test shows nothing")
	}
}

// No more connections are open at the same time than were allowed.
func TestParallelIsKept(t *testing.T) {
	s := start(t, "https-good")
	for _, allowed := range []int{1, 3, 6} {
		d := &door{DialFunc: loopback(t).Dial, places: 1 << 30}
		sc, _ := scanOf(t, d.dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
		sc.Parallel = allowed
		if err := sc.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d.most > allowed || allowed > 1 && d.most < 2 {
			t.Errorf("%d connections at the same time, %d are allowed", d.most, allowed)
		}
	}
}

// Whenever an endpoint stops answering for good, no check that was not
// confirmed by a later connection is a fact.
func TestBlockedInTheCrowd(t *testing.T) {
	s := start(t, "https-good")
	for good := 2; good < 40; good += 7 {
		f := &flaky{DialFunc: loopback(t).Dial, good: good, bad: 1 << 30}
		sc, k := scanOf(t, f.dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
		if err := sc.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		answers(t, sc, k)
		for _, o := range k.obs {
			switch {
			case o.Unknown == nil && o.Made >= good:
				t.Errorf("after %d connections: %s is a fact of %d connections", good, o.Check, o.Made)
			case o.Unknown != nil && o.Unknown.Cause != fact.Blocked:
				t.Errorf("after %d connections: %s: %v, want blocked", good, o.Check, o.Unknown)
			}
		}
		if !strings.Contains(k.happenings(), "canary-failed") {
			t.Errorf("after %d connections: events: %s", good, k.happenings())
		}
	}
}

// When the authorisation ends in the middle of a scan, the endpoint has not
// blocked us, and nothing says so.
func TestAuthorisationEnds(t *testing.T) {
	s := start(t, "https-good")
	var left atomic.Int32
	left.Store(12)
	inner := loopback(t).Dial
	dial := func(ctx context.Context, address string) (net.Conn, error) {
		if left.Add(-1) < 0 {
			return nil, fact.Because(fact.OutOfScope, "the authorisation has ended")
		}
		return inner(ctx, address)
	}
	sc, k := scanOf(t, dial, inventory.Endpoint{ID: "e", Target: s.URL(), Kind: inventory.HTTPS})
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	unseen := 0
	for _, o := range k.obs {
		if o.Unknown != nil {
			unseen++
		}
		if o.Unknown != nil && o.Unknown.Cause != fact.OutOfScope {
			t.Errorf("%s: %v, want out of scope", o.Check, o.Unknown)
		}
	}
	if got := k.happenings(); unseen == 0 || got != "" {
		t.Errorf("%d unseen; events: %s", unseen, got)
	}
}
