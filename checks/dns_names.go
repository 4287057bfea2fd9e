package checks

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Names is the fact of dns.names.
type Names struct {
	Names    []WebName        `json:"names" vi:"tên đã xem (tên miền và www)" en:"names that were looked at (the domain and www)"`
	Dangling []string         `json:"dangling" vi:"bí danh (CNAME) trỏ tới tên không tồn tại" en:"aliases (CNAME) that lead to names which do not exist"`
	GovVN    bool             `json:"gov_vn" vi:"nằm dưới .gov.vn" en:"is below .gov.vn"`
	IPv6     bool             `json:"ipv6" vi:"trang web có địa chỉ IPv6 (AAAA)" en:"the web site has an IPv6 address (AAAA)"`
	Answers6 fact.Maybe[bool] `json:"https_over_ipv6" vi:"HTTPS trả lời qua IPv6" en:"HTTPS answers over IPv6"`
	SameCert fact.Maybe[bool] `json:"same_certificate" vi:"cùng chứng thư số qua IPv4 và IPv6" en:"the same certificate over IPv4 and IPv6"`
}

// WebName is one name with its addresses.
type WebName struct {
	Name   string   `json:"name" vi:"tên" en:"name"`
	Target string   `json:"target" vi:"bí danh của" en:"alias of"`
	IPv4   []string `json:"ipv4" vi:"địa chỉ IPv4" en:"IPv4 addresses"`
	IPv6   []string `json:"ipv6" vi:"địa chỉ IPv6" en:"IPv6 addresses"`
	TLSA   bool     `json:"tlsa" vi:"có bản ghi TLSA cho cổng 443" en:"has a TLSA record for port 443"`
}

// DNSNames looks at the names under which a domain has its web site.
var DNSNames = define(Check{
	ID:     "dns.names",
	Refs:   []string{"RFC 1034 §3.6.2", "RFC 3596", "RFC 6052 §2.1", "RFC 6698", "CWE-350"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Names, error) {
	f := Names{Names: []WebName{}, Dangling: []string{}, GovVN: strings.HasSuffix(p.domain(), ".gov.vn")}
	if _, err := p.zone(ctx); err != nil {
		return f, err
	}
	var site *WebName
	for _, name := range []string{p.domain(), "www." + p.domain()} {
		n, dangling, err := p.webName(ctx, name)
		switch {
		case err != nil:
			return f, err
		case dangling:
			f.Dangling = append(f.Dangling, name)
		case len(n.IPv4)+len(n.IPv6) == 0:
			continue
		}
		f.Names = append(f.Names, n)
		if site == nil && len(n.IPv6) > 0 {
			site = &n
		}
	}
	if f.IPv6 = site != nil; !f.IPv6 {
		none := fact.Because(fact.Prerequisite, "neither the domain nor www has an AAAA record")
		f.Answers6, f.SameCert = fact.Not[bool](none), fact.Not[bool](none)
		return f, nil
	}
	f.Answers6, f.SameCert = p.bothWays(ctx, *site)
	return f, ctx.Err()
})

// synthesised holds the IPv6 addresses that a resolver with DNS64 makes of IPv4
// ones (RFC 6052 §2.1); the domain did not publish them.
var synthesised = netip.MustParsePrefix("64:ff9b::/96")

// webName looks up one name. Dangling tells of an alias that leads nowhere.
func (p *Probe) webName(ctx context.Context, name string) (n WebName, dangling bool, err error) {
	n = WebName{Name: name, IPv4: []string{}, IPv6: []string{}}
	alias, err := p.lookUp(ctx, name, dns.TypeCNAME)
	if err != nil {
		return n, false, err
	}
	if len(alias.records) > 0 {
		n.Target = plain(alias.records[0].(*dns.CNAME).Target)
	}
	all, at, err := p.addresses(ctx, name)
	if err != nil {
		return n, false, err
	}
	for _, a := range all {
		switch {
		case a.Is4():
			n.IPv4 = append(n.IPv4, a.String())
		case !synthesised.Contains(a):
			n.IPv6 = append(n.IPv6, a.String())
		}
	}
	if n.Target != "" && len(all) == 0 && at.missing {
		return n, true, nil
	}
	tlsa, err := p.lookUp(ctx, "_443._tcp."+name, dns.TypeTLSA)
	n.TLSA = len(tlsa.records) > 0
	return n, false, err
}

// bothWays asks for the certificate over IPv6 and over IPv4.
func (p *Probe) bothWays(ctx context.Context, n WebName) (answers, same fact.Maybe[bool]) {
	six, err := p.certificateAt(ctx, n.Name, n.IPv6[0])
	if err != nil {
		u := fact.FromError(err)
		if fact.Refused(err) {
			return fact.Known(false), fact.Not[bool](u)
		}
		return fact.Not[bool](u), fact.Not[bool](u)
	}
	answers = fact.Known(true)
	if len(n.IPv4) == 0 {
		return answers, fact.Not[bool](fact.Because(fact.Prerequisite, n.Name+" has no IPv4 address"))
	}
	four, err := p.certificateAt(ctx, n.Name, n.IPv4[0])
	if err != nil {
		return answers, fact.Not[bool](fact.FromError(err))
	}
	return answers, fact.Known(slices.Equal(six, four))
}

// certificateAt gives the certificate that a name has at one of its addresses.
func (p *Probe) certificateAt(ctx context.Context, name, address string) (raw []byte, err error) {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return nil, err
	}
	err = p.converse(ctx, net.JoinHostPort(a.String(), "443"), func(ctx context.Context, conn net.Conn) error {
		t, err := secure(ctx, conn, tlsClient(name))
		if err != nil {
			return err
		}
		raw = certificateOf(t)
		return nil
	})
	return raw, err
}

func certificateOf(t *tls.Conn) []byte {
	if peers := t.ConnectionState().PeerCertificates; len(peers) > 0 {
		return peers[0].Raw
	}
	return nil
}
