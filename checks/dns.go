package checks

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/dnsask"
)

// What the DNS says is asked of two: of the scan's resolver, as any program of
// the unit would ask it, and of name servers inside the authorisation. An error
// of a server (SERVFAIL, REFUSED) never says that a record is not there.

// domain is the domain that is looked at, without the dot at its end.
func (p *Probe) domain() string {
	return strings.ToLower(strings.TrimSuffix(p.Endpoint.Target, "."))
}

// askResolver puts a question to the resolver.
func (p *Probe) askResolver(ctx context.Context, name string, kind uint16, proof bool) (*dns.Msg, error) {
	m, err := dnsask.Ask(ctx, p.DialResolver, dnsask.Question{Name: name, Type: kind, Recurse: true, Proof: proof}, p.Timeout/3)
	if err != nil {
		u := fact.FromError(named(ctx, err))
		return nil, fact.Because(u.Cause, "the resolver: "+u.Detail)
	}
	return m, nil
}

// askServer puts a question to the name server at an address.
func (p *Probe) askServer(ctx context.Context, at netip.Addr, q dnsask.Question) (*dns.Msg, error) {
	address := net.JoinHostPort(at.String(), "53")
	m, err := dnsask.Ask(ctx, func(ctx context.Context, network string) (net.Conn, error) {
		if network == "udp" {
			return p.DialPacket(ctx, address)
		}
		return p.DialTo(ctx, address)
	}, q, p.Timeout/3)
	return m, named(ctx, err)
}

// named is blame, where the scan was not stopped meanwhile.
func named(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return blame(err)
}

// found is what the resolver has of one type at a name, at the end of aliases.
type found struct {
	records []dns.RR
	at      string // the name at the end of the aliases
	missing bool   // that name does not exist (NXDOMAIN)
}

// lookUp asks the resolver for the records of a name. An answer without
// records is one only where the server says so without an error.
func (p *Probe) lookUp(ctx context.Context, name string, kind uint16) (found, error) {
	return p.lookUpAs(ctx, name, kind, false)
}

// lookUpAs is lookUp, which with proof set also gets what a resolver that
// validates would hold back.
func (p *Probe) lookUpAs(ctx context.Context, name string, kind uint16, proof bool) (found, error) {
	m, err := p.askResolver(ctx, name, kind, proof)
	if err != nil {
		return found{}, err
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return found{}, fact.Because(fact.Unanswered, "the resolver says "+rcode(m)+" to "+name+" "+dns.TypeToString[kind])
	}
	f := found{at: dns.CanonicalName(name), missing: m.Rcode == dns.RcodeNameError}
	for hops := 0; ; hops++ {
		next := ""
		for _, rr := range m.Answer {
			if c, is := rr.(*dns.CNAME); is && dns.CanonicalName(c.Hdr.Name) == f.at && kind != dns.TypeCNAME {
				next = dns.CanonicalName(c.Target)
			}
		}
		if next == "" {
			break
		}
		if hops == mostAliases {
			return found{}, fact.Because(fact.Unanswered, "the aliases of "+name+" lead on and on")
		}
		f.at = next
	}
	for _, rr := range m.Answer {
		if h := rr.Header(); h.Rrtype == kind && h.Class == dns.ClassINET && dns.CanonicalName(h.Name) == f.at {
			f.records = append(f.records, rr)
		}
	}
	if len(f.records) == 0 && !resolved(m) {
		return found{}, fact.Because(fact.Unanswered, "the resolver only refers to other servers for "+name+": it does not resolve for us")
	}
	return f, nil
}

// resolved tells whether an empty answer is the end of a search: of a server
// that resolves for us, and no referral (RFC 2308 §2.2).
func resolved(m *dns.Msg) bool {
	ns, soa := false, false
	for _, rr := range m.Ns {
		ns = ns || rr.Header().Rrtype == dns.TypeNS
		soa = soa || rr.Header().Rrtype == dns.TypeSOA
	}
	return soa || m.RecursionAvailable && (!ns || m.Authoritative || m.Rcode != dns.RcodeSuccess)
}

func rcode(m *dns.Msg) string {
	if s := dns.RcodeToString[m.Rcode]; s != "" {
		return s
	}
	return "an unknown error"
}

// addresses gives the IPv4 and IPv6 addresses of a name.
func (p *Probe) addresses(ctx context.Context, name string) (out []netip.Addr, f found, err error) {
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if f, err = p.lookUp(ctx, name, kind); err != nil {
			return nil, f, err
		}
		if len(f.records) > mostAddresses { // of those left out nothing could be said
			return nil, f, fact.Because(fact.Skipped, plain(name)+" has more addresses than are looked at")
		}
		for _, rr := range f.records {
			var ip net.IP
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.A
			case *dns.AAAA:
				ip = rr.AAAA
			}
			if a, ok := netip.AddrFromSlice(ip); ok {
				out = append(out, a.Unmap())
			}
		}
	}
	return out, f, nil
}

const (
	mostAddresses = 16 // of a name and family
	mostServers   = 16
	mostAliases   = 16 // that are followed
)

// zone finds the zone that a domain lies in: the nearest name at or above it
// that has a SOA. It is also the sign of life without which an empty answer
// would say nothing: a resolver that has it does know the domain.
func (p *Probe) zone(ctx context.Context) (string, error) { return p.zoneAs(ctx, false) }

func (p *Probe) zoneAs(ctx context.Context, proof bool) (string, error) {
	for name := p.domain(); strings.Contains(name, "."); {
		f, err := p.lookUpAs(ctx, name, dns.TypeSOA, proof)
		switch {
		case err != nil:
			return "", err
		case f.missing && name == p.domain():
			return "", fact.Because(fact.Unreachable, "the name "+name+" does not exist in the DNS")
		case len(f.records) > 0 && f.at == dns.Fqdn(name):
			return name, nil
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return "", fact.Because(fact.Unanswered, "the resolver gives no SOA at or above "+p.domain())
}

// texts gives the TXT records of a name, each with its strings joined.
func (p *Probe) texts(ctx context.Context, name string) ([]string, error) {
	f, err := p.lookUp(ctx, name, dns.TypeTXT)
	var out []string
	for _, rr := range f.records {
		out = append(out, strings.Join(rr.(*dns.TXT).Txt, ""))
	}
	return out, err
}

// mailNames lets mailauth ask the resolver.
type mailNames struct{ p *Probe }

func (m mailNames) TXT(ctx context.Context, name string) ([]string, error) {
	return m.p.texts(ctx, name)
}

func (m mailNames) Count(ctx context.Context, name, kind string) (int, error) {
	f, err := m.p.lookUp(ctx, name, dns.StringToType[kind])
	return len(f.records), err
}

// plain is a name as people write it.
func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// listed is a list that is never null, in order and without doubles.
func listed(all []string) []string {
	out := append([]string{}, all...)
	slices.Sort(out)
	return slices.Compact(out)
}
