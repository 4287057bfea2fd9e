package scan

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/sansang/sansang/internal/fact"
)

// UseResolver makes the guard look names up with this resolver alone. It is
// the one place outside the authorised addresses that anything is sent to, and
// only questions of the DNS.
func (g *Guard) UseResolver(at netip.AddrPort) {
	g.resolver = at
	//nolint:forbidigo // this is the guard, and the one way to its one resolver
	r := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network[:3], at.String())
	}}
	g.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) { return r.LookupNetIP(ctx, "ip", host) }
}

// DialResolver connects to the resolver over "udp" or "tcp": the one of
// UseResolver, or the first that this system names.
func (g *Guard) DialResolver(ctx context.Context, network string) (net.Conn, error) {
	if u := g.scope.Time(g.now()); u != nil {
		return nil, u
	}
	at := g.resolver
	if !at.IsValid() {
		at = systemResolver("/etc/resolv.conf")
	}
	if !at.IsValid() {
		return nil, fact.Because(fact.Skipped, "this system names no resolver; give one with --resolver")
	}
	if err := g.throttle.question(ctx, at.Addr()); err != nil {
		return nil, err
	}
	if u := g.scope.Time(g.now()); u != nil { // the turn may have been long in coming
		return nil, u
	}
	g.made.Add(1)
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	var d net.Dialer
	return d.DialContext(ctx, network, at.String())
}

// systemResolver gives the first "nameserver" of a file in the form of
// resolv.conf(5), or the zero value.
func systemResolver(file string) (at netip.AddrPort) {
	f, err := os.Open(file)
	if err != nil {
		return at
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(fields[1]); err == nil {
			return netip.AddrPortFrom(a, 53)
		}
	}
	return at
}

// ParseResolver reads an address, with or without a port.
func ParseResolver(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	return netip.ParseAddrPort(s)
}
