package checks

import (
	"context"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/dnsask"
)

// Delegation is the fact of dns.delegation.
type Delegation struct {
	Zone       string               `json:"zone" vi:"vùng mang tên miền" en:"zone of the domain"`
	Servers    []NameServer         `json:"servers" vi:"máy chủ tên miền (NS)" en:"name servers (NS)"`
	Dangling   []string             `json:"dangling" vi:"máy chủ tên miền không có địa chỉ" en:"name servers without an address"`
	Networks   int                  `json:"networks" vi:"số mạng khác nhau (IPv4 /24, IPv6 /48) chứa máy chủ tên miền" en:"different networks (IPv4 /24, IPv6 /48) of the name servers"`
	AtParent   fact.Maybe[[]string] `json:"at_parent" vi:"máy chủ tên miền ghi ở vùng cha" en:"name servers that the parent lists"`
	Asked      []string             `json:"asked" vi:"địa chỉ đã hỏi trực tiếp" en:"addresses that were asked directly"`
	Unasked    []string             `json:"unasked" vi:"địa chỉ không hỏi (ngoài phạm vi)" en:"addresses that were not asked (out of scope)"`
	Lame       []string             `json:"lame" vi:"địa chỉ trả lời nhưng không mang vùng" en:"addresses that answer without having the zone"`
	AllAnswer  fact.Maybe[bool]     `json:"all_answer" vi:"mọi máy chủ tên miền đều mang vùng" en:"every name server has the zone"`
	SameSerial fact.Maybe[bool]     `json:"same_serial" vi:"mọi máy chủ cùng một bản của vùng (serial)" en:"every server has the same version of the zone (serial)"`
}

// NameServer is one NS of a zone.
type NameServer struct {
	Name      string   `json:"name" vi:"tên" en:"name"`
	Addresses []string `json:"addresses" vi:"địa chỉ" en:"addresses"`
}

// DNSDelegation asks who serves the zone, and each server that is in scope
// whether it does.
var DNSDelegation = define(Check{
	ID:     "dns.delegation",
	Refs:   []string{"RFC 1034 §4.2", "RFC 1912 §2.8", "RFC 2182 §3", "RFC 2182 §5", "RFC 9471"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Delegation, error) {
	f := Delegation{Servers: []NameServer{}, Dangling: []string{}, Lame: []string{}}
	zone, servers, err := p.servers(ctx)
	if err != nil {
		return f, err
	}
	f.Zone = zone
	var all []netip.Addr
	for _, s := range servers {
		n := NameServer{s.name, []string{}}
		for _, a := range s.addresses {
			n.Addresses = append(n.Addresses, a.String())
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
		if f.Servers = append(f.Servers, n); len(n.Addresses) == 0 {
			f.Dangling = append(f.Dangling, n.Name)
		}
	}
	f.Networks = networks(all)
	seen := p.askEach(all, func(a netip.Addr) (*dns.Msg, error) {
		return p.askServer(ctx, a, dnsask.Question{Name: zone, Type: dns.TypeSOA})
	})
	f.Asked, f.Unasked = seen.asked, seen.unasked
	f.AllAnswer, f.SameSerial = f.agree(zone, seen)
	f.AtParent = p.atParent(ctx, zone)
	return f, ctx.Err()
})

// agree reads the answers about the SOA.
func (f *Delegation) agree(zone string, seen answers) (all, same fact.Maybe[bool]) {
	var serials []uint32
	for i, m := range seen.said {
		soa := slices.IndexFunc(m.Answer, func(rr dns.RR) bool {
			return rr.Header().Rrtype == dns.TypeSOA && dns.CanonicalName(rr.Header().Name) == dns.Fqdn(zone)
		})
		switch {
		case m.Rcode == dns.RcodeSuccess && m.Authoritative && soa >= 0:
			serials = append(serials, m.Answer[soa].(*dns.SOA).Serial)
		case m.Rcode == dns.RcodeServerFailure: // which may pass
			seen.unknown = fact.Because(fact.Unanswered, seen.heard[i]+" says SERVFAIL")
		default:
			f.Lame = append(f.Lame, seen.heard[i])
		}
	}
	f.Lame = listed(f.Lame)
	slices.Sort(serials)
	differ := len(slices.Compact(serials)) > 1
	all, same = seen.judge(len(f.Lame) > 0), seen.judge(differ)
	return not(all), not(same)
}

// not turns what is wrong into what is right.
func not(m fact.Maybe[bool]) fact.Maybe[bool] {
	v, u := m.Get()
	if u != nil {
		return m
	}
	return fact.Known(!v)
}

// networks counts the networks that addresses lie in, as far apart as RFC 2182
// §3.1 means it at the least.
func networks(all []netip.Addr) int {
	var nets []netip.Prefix
	for _, a := range all {
		size := 24
		if a.Is6() {
			size = 48
		}
		if n, err := a.Prefix(size); err == nil && !slices.Contains(nets, n) {
			nets = append(nets, n)
		}
	}
	return len(nets)
}

// atParent asks a server of the parent whom it names for the zone. They are
// rarely the unit's own, and then nobody asks them.
func (p *Probe) atParent(ctx context.Context, zone string) fact.Maybe[[]string] {
	unseen := func(u *fact.Unknown) fact.Maybe[[]string] { return fact.Not[[]string](u) }
	_, parent := cutLabel(zone)
	_, above, err := p.serversOf(ctx, parent)
	if err != nil {
		return unseen(fact.FromError(err))
	}
	why := fact.Because(fact.Unanswered, "the parent "+parent+" has no server with an address")
	for _, s := range above {
		for _, a := range s.addresses {
			m, err := p.askServer(ctx, a, dnsask.Question{Name: zone, Type: dns.TypeNS})
			if err != nil {
				why = fact.FromError(err)
				continue
			}
			names := []string{}
			for _, rr := range slices.Concat(m.Ns, m.Answer) {
				if ns, is := rr.(*dns.NS); is && dns.CanonicalName(ns.Hdr.Name) == dns.Fqdn(zone) {
					names = append(names, plain(ns.Ns))
				}
			}
			if len(names) > 0 {
				return fact.Known(listed(names))
			}
			why = fact.Because(fact.Unanswered, "the parent's server "+a.String()+" names nobody for "+zone)
		}
	}
	return unseen(why)
}
