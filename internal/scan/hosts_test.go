package scan

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
)

var errRefused = &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}

func TestNeighbours(t *testing.T) {
	var l life
	host := func(a, r string) inventory.Endpoint {
		return inventory.Endpoint{Target: a, Kind: inventory.Host, Range: r}
	}
	l.note("10.0.0.5:443", nil)
	l.note("10.0.0.9:22", errRefused)
	l.note("10.0.0.7:80", os.ErrDeadlineExceeded)
	l.note("[2001:db8::1]:80", nil)
	l.note("name.example:80", nil)
	l.note("198.51.100.1:80", nil)
	for _, c := range []struct{ host, within, want string }{
		{"10.0.0.6", "10.0.0.0/28", "10.0.0.9:22"},  // the next one that answered
		{"10.0.0.12", "10.0.0.0/28", "10.0.0.9:22"}, // or the one before
		{"10.0.0.5", "10.0.0.0/29", ""},             // not itself, nor outside of the range
		{"10.0.0.1", "10.0.0.0/30", ""},             //
		{"10.0.0.1", "", ""},                        //
		{"2001:db8::2", "2001:db8::/126", "[2001:db8::1]:80"},
	} {
		got, ok := l.beside(host(c.host, c.within))
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("beside %s in %s: %q, want %q", c.host, c.within, got, c.want)
		}
	}
}

// A check may give a connection less time than the scan does, but not more,
// and waiting for one's turn does not count.
func TestPace(t *testing.T) {
	w := wire(t, authorised(nil, "203.0.113.0/24"), noon, nil)
	w.throttle = NewThrottle(Rates{Host: 10, Own: true})
	var left time.Duration
	w.connect = func(ctx context.Context, _ string, _ netip.AddrPort) (net.Conn, error) {
		until, _ := ctx.Deadline()
		left = time.Until(until)
		return nil, errRefused
	}
	for range 4 { // the burst is spent, and then each waits
		_, _ = w.Dial(t.Context(), "203.0.113.1:1")
	}
	if left < 4*time.Second {
		t.Errorf("without a pace %v are left to connect", left)
	}
	asked := time.Now()
	var begun time.Time
	ctx := checks.WithPace(t.Context(), checks.Pace{Within: time.Second / 2, Begun: func() { begun = time.Now() }})
	if _, err := w.Dial(ctx, "203.0.113.1:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatal(err)
	}
	if left > time.Second/2 || left < time.Second/4 || !begun.After(asked) {
		t.Errorf("%v are left of half a second; begun %v after it was asked", left, begun.Sub(asked))
	}
	ctx = checks.WithPace(t.Context(), checks.Pace{Within: time.Hour})
	if _, _ = w.Dial(ctx, "203.0.113.1:1"); left > 5*time.Second {
		t.Errorf("a check gave itself %v", left)
	}
}

func TestHostBudget(t *testing.T) {
	if got := HostBudget(time.Minute, 126, 8, Rates{}); got != time.Minute+126*time.Second {
		t.Errorf("no rates: %v", got)
	}
	// 478 questions at 3.75 a second, an eighth of 30
	if got := HostBudget(3*time.Minute, 126, 8, DefaultRates); got < 7*time.Minute || got > 8*time.Minute {
		t.Errorf("default rates: %v", got)
	}
	s := &Scan{Workers: 2, Hosts: 3, Endpoint: time.Minute, Host: time.Hour}
	for _, k := range []inventory.Kind{inventory.Host, inventory.SSH, inventory.Host, inventory.Host, inventory.SSH, inventory.Host, inventory.Domain} {
		s.Tasks = append(s.Tasks, Task{Endpoint: inventory.Endpoint{Kind: k}})
	}
	if got := s.Budget(); got != 2*time.Minute+2*time.Hour {
		t.Errorf("the whole scan: %v", got)
	}
}

// someOff is a dialer for hosts of this machine, of which some are off.
func someOff(t *testing.T, off ...string) checks.DialFunc {
	guard := loopback(t)
	return func(ctx context.Context, address string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(address)
		if slices.Contains(off, host) {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return guard.Dial(ctx, address)
	}
}

func isOff(t *testing.T, k *kept, host string) {
	t.Helper()
	o := k.of("host:"+host, "host.ports")
	if o.Unknown != nil || !strings.Contains(string(o.Value), `"alive":"neighbour"`) || !strings.Contains(string(o.Value), `"filtered":5`) {
		t.Errorf("%s, which is off: %s %v", host, o.Value, o.Unknown)
	}
}

// Hosts come after all endpoints, and a dead one is held against those that
// answered, whichever is asked first.
func TestHostsComeLast(t *testing.T) {
	const own = "127.83.201."
	l, err := net.Listen("tcp", own+"1:0")
	if err != nil {
		t.Skip("this system has one address of loopback: ", err)
	}
	defer func() { _ = l.Close() }()
	u := inventory.Unit{Hosts: []inventory.HostRange{{CIDR: own + "0/30", Zone: inventory.Internal}},
		Endpoints: []inventory.Endpoint{{ID: "e", Target: l.Addr().String(), Kind: inventory.TCP}}}
	s, k := scanOf(t, someOff(t, own+"0", own+"2"))
	s.Tasks = Plan(u, []string{"tcp.open", "host.ports"})
	s.Ports, _ = checks.ParsePorts("22,80,443,3306,3389")
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, s, k)
	if k.obs[0].Endpoint != "e" {
		t.Errorf("first came %s", k.obs[0].Endpoint)
	}
	isOff(t, k, own+"0")
	isOff(t, k, own+"2")
}

// Where nothing answered before, a scout finds who does.
func TestScouts(t *testing.T) {
	const own = "127.83.202."
	s, k := scanOf(t, someOff(t, own+"0", own+"1", own+"2"))
	s.Tasks = Plan(inventory.Unit{Hosts: []inventory.HostRange{{CIDR: own + "0/30", Zone: inventory.Internal}}}, []string{"host.ports"})
	s.Ports, _ = checks.ParsePorts("22,80,443,3306,3389")
	s.Workers = 1
	if err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, s, k)
	for _, last := range []string{"0", "1", "2"} {
		isOff(t, k, own+last)
	}
	if o := k.of("host:"+own+"3", "host.ports"); !strings.Contains(string(o.Value), `"alive":"itself"`) {
		t.Errorf("the one that lives: %s %v", o.Value, o.Unknown)
	}
}
