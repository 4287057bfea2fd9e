package inventory

import (
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
)

// MaxHosts is how many addresses a range may have to be looked at one by one.
const MaxHosts = 1024

// Places lists all that can be looked at: the declared endpoints, every
// address of the declared ranges, and the declared domains. Where ranges
// overlap the narrowest tells of an address. A range of more than MaxHosts
// addresses is one place, of which nothing can be seen.
func (u Unit) Places() []Endpoint {
	out := slices.Clone(u.Endpoints)
	tells, declared := map[netip.Addr]HostRange{}, u.declared()
	u.addresses(func(h HostRange, p netip.Prefix, a netip.Addr) {
		if have, twice := tells[a]; a.IsValid() && (!twice || netip.MustParsePrefix(have.CIDR).Bits() < p.Bits()) {
			tells[a] = h
		}
	})
	u.addresses(func(h HostRange, p netip.Prefix, a netip.Addr) {
		if !a.IsValid() {
			out = append(out, h.host(p.Addr(), h.CIDR, declared.ports(h.Ports, a)))
		} else if h, first := tells[a]; first {
			out = append(out, h.host(a, a.String(), declared.ports(h.Ports, a)))
			delete(tells, a)
		}
	})
	for _, d := range u.Domains {
		e := Endpoint{ID: "domain:" + d.Name, Target: d.Name, Kind: Domain, Zone: d.Zone, System: d.System, Mail: d.Mail, DKIM: d.DKIM}
		if e.Zone == "" {
			e.Zone = Internet
		}
		out = append(out, e)
	}
	return out
}

// addresses visits every address of every range, and the zero address for one
// that is too wide.
func (u Unit) addresses(visit func(HostRange, netip.Prefix, netip.Addr)) {
	for _, h := range u.Hosts {
		p, err := netip.ParsePrefix(h.CIDR)
		switch {
		case err != nil: // refused on loading
		case Addresses(p) > MaxHosts:
			visit(h, p, netip.Addr{})
		default:
			for a := p.Masked().Addr(); a.IsValid() && p.Contains(a); a = a.Next() {
				visit(h, p, a)
			}
		}
	}
}

func (h HostRange) host(a netip.Addr, target string, ports []int) Endpoint {
	e := Endpoint{ID: "host:" + target, Target: target, Kind: Host, Zone: h.Zone, System: h.System, Range: h.CIDR, Ports: ports, UDP: h.UDP}
	if e.Zone == "" {
		e.Zone = Internal
		if Public(a) {
			e.Zone = Internet
		}
	}
	return e
}

// declared are the TCP ports that endpoints have, by the address that they are
// declared at.
type declared struct {
	at    map[netip.Addr][]int
	named bool // endpoints are declared by a name, which may be on any address
}

func (u Unit) declared() declared {
	d := declared{at: map[netip.Addr][]int{}}
	for _, e := range u.Endpoints {
		host, port := e.HostPort()
		a, err := netip.ParseAddr(host)
		if err != nil {
			d.named = true
			continue
		}
		a = a.Unmap()
		for _, p := range []string{port, e.plainPort(a)} {
			if n, err := strconv.Atoi(p); err == nil {
				d.at[a] = append(d.at[a], n)
			}
		}
	}
	return d
}

// ports lists the TCP ports that the unit declares on an address: those that
// its range lists, and those of endpoints there. It is nil where that cannot
// be told: the range lists none, and an endpoint that is declared by a name
// may be on it.
func (d declared) ports(listed []int, address netip.Addr) []int {
	if listed == nil && d.named {
		return nil
	}
	out := append(append([]int{}, listed...), d.at[address]...)
	slices.Sort(out)
	return slices.Compact(out)
}

// plainPort is the port of the plain-HTTP twin of a website, if it is on the
// address; 80 where none is declared.
func (e Endpoint) plainPort(address netip.Addr) string {
	if e.Kind != HTTPS {
		return ""
	}
	if e.Plain == "" {
		return "80"
	}
	u, err := ParseTarget(e.Plain)
	if err != nil {
		return ""
	}
	switch a, err := netip.ParseAddr(u.Hostname()); {
	case err != nil || a.Unmap() != address:
		return ""
	case u.Port() == "":
		return "80"
	default:
		return u.Port()
	}
}

// Addresses is how many addresses a range has; beyond 2^62 it is that.
func Addresses(p netip.Prefix) int {
	free := p.Addr().BitLen() - p.Bits()
	return 1 << min(free, bits.UintSize-2)
}

// Last is the highest address of a range.
func Last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// shared is the range of carrier-grade NAT (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Public tells whether an address can be reached from the Internet at all: it
// is not private (RFC 1918, RFC 4193), shared (RFC 6598), loopback or
// link-local.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}
