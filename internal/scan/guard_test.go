package scan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"golang.org/x/sync/errgroup"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

func date(s string) inventory.Date { d, _ := inventory.ParseDate(s); return d }

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, inventory.Vietnam)

func authorised(names []string, cidrs ...string) inventory.Unit {
	a := &inventory.Authorisation{From: date("2026-11-01"), Until: date("2026-11-30"), Scope: inventory.Scope{Names: names}}
	for _, c := range cidrs {
		a.Scope.CIDRs = append(a.Scope.CIDRs, netip.MustParsePrefix(c))
	}
	return inventory.Unit{Authorisation: a, Endpoints: []inventory.Endpoint{{ID: "e", Target: "https://web.unit.example/", Kind: inventory.HTTPS}}}
}

// wired is a guard whose network is made up: it answers names from a script
// and remembers what it was asked to do.
type wired struct {
	*Guard
	connected []netip.AddrPort
	looked    []string
}

func wire(t interface{ Fatal(...any) }, u inventory.Unit, now time.Time, answers func(host string) []netip.Addr) *wired {
	s, err := NewScope(u)
	if err != nil {
		t.Fatal(err)
	}
	w := &wired{Guard: NewGuard(s, NewThrottle(Rates{}), 5*time.Second, func() time.Time { return now })}
	w.resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
		w.looked = append(w.looked, host)
		return answers(host), nil
	}
	w.connect = func(_ context.Context, _ string, to netip.AddrPort) (net.Conn, error) {
		w.connected = append(w.connected, to)
		a, b := net.Pipe()
		_ = b.Close()
		return a, nil
	}
	return w
}

func TestDialRefuses(t *testing.T) {
	inside := netip.MustParseAddr("203.0.113.5")
	for _, c := range []struct {
		name, address string
		unit          inventory.Unit
		now           time.Time
		want          bool
	}{
		{"inside", "203.0.113.5:443", authorised(nil, "203.0.113.0/28"), noon, true},
		{"outside", "203.0.113.16:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"mapped inside", "[::ffff:203.0.113.5]:443", authorised(nil, "203.0.113.0/28"), noon, true},
		{"mapped outside", "[::ffff:198.51.100.1]:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"a range of mapped addresses authorises nothing else", "[::ffff:198.51.100.1]:443", authorised(nil, "::/1"), noon, false},
		{"NAT64 needs its own range", "[64:ff9b::cb00:7105]:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"zone", "[fe80::1%eth0]:443", authorised(nil, "fe80::/10"), noon, false},
		{"this machine is not the target", "127.0.0.1:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"unspecified", "0.0.0.0:443", authorised(nil, "0.0.0.0/1"), noon, false},
		{"multicast", "224.0.0.1:443", authorised(nil, "224.0.0.0/4"), noon, false},
		{"broadcast", "255.255.255.255:443", authorised(nil, "255.0.0.0/8"), noon, false},
		{"declared name", "web.unit.example:443", authorised(nil, "203.0.113.0/28"), noon, true},
		{"declared name, other case and dot", "WEB.unit.example.:443", authorised(nil, "203.0.113.0/28"), noon, true},
		{"undeclared name is not even looked up", "evil.example:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"authorised name", "a.unit.example:443", authorised([]string{"*.unit.example"}, "203.0.113.0/28"), noon, true},
		{"wildcard does not cover a look-alike", "aunit.example:443", authorised([]string{"*.unit.example"}, "203.0.113.0/28"), noon, false},
		{"declared but not among authorised names", "web.unit.example:443", authorised([]string{"b.unit.example"}, "203.0.113.0/28"), noon, false},
		{"before the first day", "203.0.113.5:443", authorised(nil, "203.0.113.0/28"), date("2026-10-31").Add(time.Hour), false},
		{"through the last day", "203.0.113.5:443", authorised(nil, "203.0.113.0/28"), date("2026-11-30").Add(23 * time.Hour), true},
		{"after the last day", "203.0.113.5:443", authorised(nil, "203.0.113.0/28"), date("2026-12-01").Time, false},
		{"userinfo", "x@203.0.113.5:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"octal", "0313.0.113.5:443", authorised(nil, "203.0.113.0/28"), noon, false},
		{"port 0", "203.0.113.5:0", authorised(nil, "203.0.113.0/28"), noon, false},
		{"without authorisation, loopback", "127.0.0.9:80", inventory.Unit{}, noon, true},
		{"without authorisation, another machine", "203.0.113.5:80", inventory.Unit{}, noon, false},
	} {
		w := wire(t, c.unit, c.now, func(string) []netip.Addr { return []netip.Addr{inside} })
		_, err := w.Dial(t.Context(), c.address)
		if (err == nil) != c.want {
			t.Errorf("%s: error %v, want allowed %v", c.name, err, c.want)
		}
		if c.want {
			continue
		}
		if u := fact.FromError(err); u.Cause != fact.OutOfScope {
			t.Errorf("%s: %v, want out-of-scope", c.name, u)
		}
		if len(w.connected)+len(w.looked) > 0 {
			t.Errorf("%s: refused, yet looked up %v and connected to %v", c.name, w.looked, w.connected)
		}
	}
}

func TestHours(t *testing.T) {
	u := authorised(nil, "203.0.113.0/28")
	u.Authorisation.Hours = "22:00-05:00"
	s, err := NewScope(u)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{"21:59": false, "22:00": true, "23:30": true, "00:00": true, "04:59": true, "05:00": false, "12:00": false} {
		clock, _ := time.Parse("15:04", at)
		now := time.Date(2026, 11, 10, clock.Hour(), clock.Minute(), 0, 0, inventory.Vietnam).UTC()
		if (s.Time(now) == nil) != want {
			t.Errorf("at %s in Vietnam: allowed %v, want %v", at, !want, want)
		}
	}
}

// A name whose answers change between looking and connecting leads nowhere
// else: what is connected to is what was checked.
func TestRebinding(t *testing.T) {
	inside, outside := netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("198.51.100.1")
	n := 0
	w := wire(t, authorised(nil, "203.0.113.0/28"), noon, func(string) []netip.Addr {
		n++
		return []netip.Addr{map[bool]netip.Addr{true: inside, false: outside}[n == 1]}
	})
	for range 3 {
		if _, err := w.Dial(t.Context(), "web.unit.example:443"); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range w.connected {
		if to.Addr() != inside {
			t.Errorf("connected to %s", to)
		}
	}
	w = wire(t, authorised(nil, "203.0.113.0/28"), noon, func(string) []netip.Addr { return []netip.Addr{outside} })
	if _, err := w.Dial(t.Context(), "web.unit.example:443"); fact.FromError(err).Cause != fact.OutOfScope || len(w.connected) > 0 {
		t.Errorf("a declared name that resolves outside: %v, connected %v", err, w.connected)
	}
}

// The socket's own last look refuses too, should everything above it fail.
func TestControl(t *testing.T) {
	s, err := NewScope(authorised(nil, "203.0.113.0/28"))
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(s, NewThrottle(Rates{}), 5*time.Second, func() time.Time { return noon })
	_, err = g.connect(t.Context(), "tcp", netip.MustParseAddrPort("127.0.0.1:9"))
	var u *fact.Unknown
	if !errors.As(err, &u) || u.Cause != fact.OutOfScope {
		t.Errorf("connect outside the scope: %v", err)
	}
}

func TestRateRefusesWhatWouldComeTooLate(t *testing.T) {
	s, _ := NewScope(inventory.Unit{})
	g := NewGuard(s, NewThrottle(Rates{Host: 1, Own: true}), 5*time.Second, time.Now)
	g.connect = func(context.Context, string, netip.AddrPort) (net.Conn, error) { a, _ := net.Pipe(); return a, nil }
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := g.Dial(ctx, "127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	_, err := g.Dial(ctx, "127.0.0.1:1")
	if u := fact.FromError(err); u == nil || u.Cause != fact.Skipped {
		t.Errorf("second connection within a second: %v, want skipped", err)
	}
	if _, err := g.Dial(ctx, "127.0.0.2:1"); err != nil {
		t.Errorf("another host waits for the first: %v", err)
	}
}

// Waiting for one's turn takes nothing from the time to connect.
func TestTurnsDoNotCount(t *testing.T) {
	s, _ := NewScope(inventory.Unit{})
	const timeout = 50 * time.Millisecond
	g := NewGuard(s, NewThrottle(Rates{Host: 10, Own: true}), timeout, time.Now)
	g.connect = func(ctx context.Context, _ string, _ netip.AddrPort) (net.Conn, error) {
		if until, ok := ctx.Deadline(); !ok || time.Until(until) < timeout/2 {
			t.Errorf("connects with a deadline %v away", time.Until(until))
		}
		a, _ := net.Pipe()
		return a, nil
	}
	var all errgroup.Group
	for range 5 { // the last waits for 300 ms
		all.Go(func() error { _, err := g.Dial(t.Context(), "127.0.0.1:1"); return err })
	}
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
}

// Whatever is dialled and whatever the name servers answer, every packet stays
// inside, and no name that nobody named is looked up.
func TestNothingReachesOutside(t *testing.T) {
	within := netip.MustParsePrefix("203.0.113.0/28")
	within6 := netip.MustParsePrefix("2001:db8:1::/64")
	anyAddr := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) netip.Addr {
			return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")))
		}),
		rapid.Custom(func(t *rapid.T) netip.Addr {
			return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v6")))
		}),
		rapid.Custom(func(t *rapid.T) netip.Addr {
			a := netip.AddrFrom4([4]byte{203, 0, 113, rapid.Byte().Draw(t, "host")})
			return netip.AddrFrom16(a.As16())
		}),
		rapid.SampledFrom([]netip.Addr{netip.MustParseAddr("203.0.113.3"), netip.MustParseAddr("2001:db8:1::7"), netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::"), netip.MustParseAddr("fe80::1%lo")}),
	)
	host := rapid.OneOf(
		rapid.Map(anyAddr, func(a netip.Addr) string { return a.String() }),
		rapid.SampledFrom([]string{"web.unit.example", "x.unit.example", "unit.example", "evil.example", "web.unit.example.evil.example", "0xcb007105", "203.0.113.3%25x", "a@web.unit.example", "localhost"}),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		w := wire(t, authorised([]string{"*.unit.example"}, within.String(), within6.String()), noon, func(string) []netip.Addr {
			return rapid.SliceOfN(anyAddr, 0, 4).Draw(t, "answer")
		})
		for range rapid.IntRange(1, 8).Draw(t, "dials") {
			_, _ = w.Dial(context.Background(), fmt.Sprintf("%s:%d", bracket(host.Draw(t, "host")), rapid.IntRange(0, 70000).Draw(t, "port")))
		}
		for _, to := range w.connected {
			if a := to.Addr(); !within.Contains(a) && !within6.Contains(a) {
				t.Fatalf("connected to %s", a)
			}
		}
		for _, name := range w.looked {
			if c := canonical(name); c != "web.unit.example" && c != "x.unit.example" {
				t.Fatalf("looked up %q", name)
			}
		}
	})
}

func bracket(h string) string {
	if a, err := netip.ParseAddr(h); err == nil && a.Is6() {
		return "[" + h + "]"
	}
	return h
}

// A UDP socket is bound to the authorisation as a connection is, and proves
// nothing about where a name leads.
func TestPacketsKeepToTheScope(t *testing.T) {
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(s, NewThrottle(Rates{}), time.Second, time.Now)
	echo, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = echo.Close() }()
	conn, err := g.DialPacket(t.Context(), echo.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 9)
	if n, _, err := echo.ReadFrom(b); err != nil || n != 1 {
		t.Errorf("got %d bytes (%v)", n, err)
	}
	if len(g.pinned) != 0 {
		t.Errorf("a socket that has met nobody pinned %v", g.pinned)
	}
	if _, err := g.DialPacket(t.Context(), "192.0.2.1:53"); fact.FromError(err).Cause != fact.OutOfScope {
		t.Errorf("outside: %v", err)
	}
}

// The resolver alone is outside the authorised ranges, and is the one given.
func TestResolver(t *testing.T) {
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = at.Close() }()
	g := NewGuard(s, NewThrottle(Rates{}), time.Second, time.Now)
	where, err := ParseResolver(at.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	g.UseResolver(where)
	conn, err := g.DialResolver(t.Context(), "udp")
	if err != nil || conn.RemoteAddr().String() != at.LocalAddr().String() {
		t.Fatalf("%v %v", conn, err)
	}
	_ = conn.Close()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("# x\nsearch a.b\nnameserver  192.0.2.53\nnameserver 192.0.2.54\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := systemResolver(file).String(); got != "192.0.2.53:53" {
		t.Errorf("resolver %s", got)
	}
	if systemResolver(file + "x").IsValid() {
		t.Error("a resolver without a file")
	}
	if _, err := ParseResolver("dns.example"); err == nil {
		t.Error("a name is taken for a resolver")
	}
}

// The authorisation holds when the connection is made, not only when it is
// asked for: the name or the turn may be long in coming.
func TestTheLastMomentCounts(t *testing.T) {
	moment := noon
	w := wire(t, authorised(nil, "203.0.113.0/28"), noon, func(string) []netip.Addr {
		moment = noon.AddDate(0, 1, 0)
		return []netip.Addr{netip.MustParseAddr("203.0.113.5")}
	})
	w.now = func() time.Time { return moment }
	_, err := w.Dial(t.Context(), "web.unit.example:443")
	if u := fact.FromError(err); u == nil || u.Cause != fact.OutOfScope || len(w.connected) > 0 || w.Made() != 0 {
		t.Errorf("after the authorisation ended: %v, connected %v, %d made", u, w.connected, w.Made())
	}
}
