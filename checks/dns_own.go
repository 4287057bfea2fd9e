package checks

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
)

// nameServer is one NS of a zone, with what the resolver has of its name.
type nameServer struct {
	name      string
	addresses []netip.Addr
}

// servers gives the zone of the domain and its name servers.
func (p *Probe) servers(ctx context.Context) (string, []nameServer, error) {
	zone, err := p.zone(ctx)
	if err != nil {
		return "", nil, err
	}
	return p.serversOf(ctx, zone)
}

func (p *Probe) serversOf(ctx context.Context, zone string) (string, []nameServer, error) {
	f, err := p.lookUp(ctx, zone, dns.TypeNS)
	switch {
	case err != nil:
		return zone, nil, err
	case len(f.records) == 0:
		return zone, nil, fact.Because(fact.Unanswered, "the resolver names no server of "+zone)
	case len(f.records) > mostServers:
		return zone, nil, fact.Because(fact.Skipped, zone+" has more name servers than are looked at")
	}
	var out []nameServer
	for _, rr := range f.records {
		s := nameServer{name: plain(rr.(*dns.NS).Ns)}
		if s.addresses, _, err = p.addresses(ctx, s.name); err != nil {
			return zone, nil, err
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b nameServer) int { return strings.Compare(a.name, b.name) }) // resolvers shuffle them
	return zone, out, nil
}

// cutLabel takes the first label off a name; what is left of a name of one
// label is the root.
func cutLabel(name string) (label, rest string) {
	label, rest, _ = strings.Cut(name, ".")
	if rest == "" {
		rest = "."
	}
	return label, rest
}

// answers are what several servers said to one question. Those that were not
// asked, or said nothing, leave a gap: unknown tells why.
type answers struct {
	asked, unasked []string
	heard          []string // who said what is in said
	said           []*dns.Msg
	unknown        *fact.Unknown
}

// askEach asks each address.
func (p *Probe) askEach(all []netip.Addr, ask func(netip.Addr) (*dns.Msg, error)) answers {
	out := answers{asked: []string{}, unasked: []string{}}
	msgs, errs := make([]*dns.Msg, len(all)), make([]error, len(all))
	p.beside(len(all), func(i int) { msgs[i], errs[i] = ask(all[i]) })
	for i, a := range all {
		u := fact.FromError(errs[i])
		switch {
		case u == nil:
			out.asked = append(out.asked, a.String())
			out.heard, out.said = append(out.heard, a.String()), append(out.said, msgs[i])
			continue
		case u.Cause == fact.OutOfScope:
			out.unasked = append(out.unasked, a.String())
		default:
			out.asked = append(out.asked, a.String())
		}
		if out.unknown == nil || out.unknown.Cause == fact.OutOfScope {
			out.unknown = fact.Because(u.Cause, a.String()+": "+u.Detail)
		}
	}
	if len(all) == 0 {
		out.unknown = fact.Because(fact.Prerequisite, "no name server has an address")
	}
	return out
}

// judge says yes where it was seen of one, no where all were heard, and
// otherwise why nothing can be said of all.
func (a answers) judge(some bool) fact.Maybe[bool] {
	switch {
	case some:
		return fact.Known(true)
	case a.unknown != nil:
		return fact.Not[bool](a.unknown)
	}
	return fact.Known(false)
}
