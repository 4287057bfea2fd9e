package scan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Guard is the one dialer. Every connection of every check goes through Dial,
// which checks the time, the name, the address after resolution, the rate and
// again the time, in that order, and then connects to the very address it
// checked.
type Guard struct {
	scope    *Scope
	throttle *Throttle
	timeout  time.Duration
	now      func() time.Time
	resolve  func(ctx context.Context, host string) ([]netip.Addr, error)
	connect  func(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error)
	resolver netip.AddrPort // that names are looked up with; zero: whatever the system does

	made atomic.Int64

	mu     sync.Mutex
	pinned map[string]netip.Addr // name → the address that answered; one scan sees one server
}

// NewGuard makes the guard of one scan; its throttle may be that of others
// too. Names are resolved by the system's resolver and by nothing else.
// Resolving a name and making a connection may each take as long as timeout;
// waiting for its turn, by the rates, does not count.
func NewGuard(s *Scope, t *Throttle, timeout time.Duration, now func() time.Time) *Guard {
	g := &Guard{scope: s, throttle: t, timeout: timeout, now: now, pinned: map[string]netip.Addr{}}
	g.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
	g.connect = func(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
		if network == overWide {
			return openWide(ctx, to) // reach has checked the address, and it goes nowhere else
		}
		d := net.Dialer{Control: g.control, FallbackDelay: -1, KeepAlive: -1}
		return d.DialContext(ctx, network, to.String())
	}
	return g
}

// control looks once more at the address that the socket is about to connect
// to, below everything that could have changed it.
func (g *Guard) control(network, address string, raw syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fact.Because(fact.OutOfScope, "the socket was given "+address)
	}
	if u := g.scope.Address(ap.Addr()); u != nil {
		return u
	}
	if network == "udp4" {
		return noBroadcast(raw)
	}
	return nil
}

// Made is how many connections were attempted.
func (g *Guard) Made() int { return int(g.made.Load()) }

// Dial connects to "host:port" over TCP, or says why it may not or could not.
func (g *Guard) Dial(ctx context.Context, address string) (net.Conn, error) {
	return g.reach(ctx, "tcp", address)
}

// DialPacket gives a UDP socket that talks to "host:port" alone. It counts as
// one connection, and nothing is sent yet.
func (g *Guard) DialPacket(ctx context.Context, address string) (net.Conn, error) {
	return g.reach(ctx, "udp", address)
}

// reach connects to "host:port" over a network ("tcp" or "udp").
func (g *Guard) reach(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || strings.ContainsAny(host, "%@/\\?# \t\r\n\x00") {
		return nil, fact.Because(fact.OutOfScope, fmt.Sprintf("%q is no host and port", address))
	}
	if err := inventory.ValidPort(port); err != nil {
		return nil, fact.Because(fact.OutOfScope, err.Error())
	}
	if u := g.scope.Time(g.now()); u != nil {
		return nil, u
	}
	addrs, err := g.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, a := range addrs {
		of := connects
		if hasTurn(ctx) {
			of = asked
		}
		if err := g.throttle.take(ctx, a, of); err != nil {
			return nil, errors.Join(failed, err)
		}
		to, _ := netip.ParseAddrPort(net.JoinHostPort(a.String(), port))
		conn, err := g.attempt(ctx, network, to)
		if err == nil {
			if network == "tcp" { // a UDP socket has met nobody yet
				g.pin(host, a)
			}
			return conn, nil
		}
		failed = err
		if ctx.Err() != nil {
			break
		}
	}
	return nil, failed
}

// attempt connects within the time for connecting, which a check may make
// shorter. It begins once there is a socket for it, and if the authorisation
// still holds then: a turn may have been long in coming.
func (g *Guard) attempt(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	select {
	case g.throttle.begun <- struct{}{}:
		defer func() { <-g.throttle.begun }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if u := g.scope.Time(g.now()); u != nil {
		return nil, u
	}
	g.made.Add(1)
	within, pace := g.timeout, checks.PaceOf(ctx)
	if pace.Within > 0 {
		within = min(within, pace.Within)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if pace.Begun != nil {
		pace.Begun()
	}
	return g.connect(ctx, network, to)
}

// addresses gives the addresses of a host that may be contacted. Those outside
// the scope are left out; when none is left, the reason of the first is given.
func (g *Guard) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if u := g.scope.Address(a); u != nil {
			return nil, u
		}
		return []netip.Addr{a.Unmap()}, nil
	}
	if u := g.scope.Name(host); u != nil {
		return nil, u
	}
	g.mu.Lock()
	a, ok := g.pinned[canonical(host)]
	g.mu.Unlock()
	if ok {
		return []netip.Addr{a}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	found, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var allowed []netip.Addr
	var refused *fact.Unknown
	for _, a := range found {
		if u := g.scope.Address(a); u == nil {
			allowed = append(allowed, a.Unmap())
		} else if refused == nil {
			refused = fact.Because(fact.OutOfScope, host+": "+u.Detail)
		}
	}
	if len(allowed) == 0 {
		if refused == nil {
			refused = fact.Because(fact.Unreachable, "the name "+host+" has no address")
		}
		return nil, refused
	}
	return allowed, nil
}

// pin keeps a name at the address that answered, for the rest of the scan.
func (g *Guard) pin(host string, a netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.pinned[canonical(host)]; !ok {
		g.pinned[canonical(host)] = a
	}
}
