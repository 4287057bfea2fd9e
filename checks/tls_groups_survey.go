package checks

import (
	"context"
	"fmt"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// groupSurvey asks for groups with the suites that tls.suites found.
type groupSurvey struct {
	p      *Probe
	suites map[hello.Version]fact.Maybe[[]string]
}

func newGroupSurvey(p *Probe, f Suites) *groupSurvey {
	return &groupSurvey{p: p, suites: map[hello.Version]fact.Maybe[[]string]{
		hello.SSL3: f.SSL3, hello.TLS10: f.TLS10, hello.TLS11: f.TLS11, hello.TLS12: f.TLS12, hello.TLS13: f.TLS13,
	}}
}

// those gives the suites of a version that a condition picks.
func (s *groupSurvey) those(v hello.Version, pick func(hello.Suite) bool) ([]hello.Suite, *fact.Unknown) {
	names, unknown := s.suites[v].Get()
	if unknown != nil {
		return nil, fact.Because(unknown.Cause, "tls.suites: "+unknown.Detail)
	}
	var out []hello.Suite
	for _, name := range names {
		if suite, ok := hello.Named(name); ok && pick(suite) {
			out = append(out, suite)
		}
	}
	return out, nil
}

// older looks at the newest version before TLS 1.3 that has suites with
// elliptic curves. SSL 3.0 has no way to name a group.
func (s *groupSurvey) older(ctx context.Context) groupList {
	for _, v := range []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10} {
		suites, unknown := s.those(v, hello.Suite.HasCurve)
		if unknown != nil {
			return groupList{unknown: unknown}
		}
		if len(suites) > 0 {
			return s.ask(ctx, hello.Offer{Version: v, Suites: withoutECDSA(suites)})
		}
	}
	return groupList{}
}

// withoutECDSA leaves out suites whose key's curve would have to stay among
// the groups, if there are others.
func withoutECDSA(suites []hello.Suite) []uint16 {
	var all, rest []uint16
	for _, x := range suites {
		all = append(all, uint16(x.ID))
		if x.Authentication != "ECDSA" {
			rest = append(rest, uint16(x.ID))
		}
	}
	if len(rest) > 0 {
		return rest
	}
	return all
}

// tls13 asks without a key, so that the server names by HelloRetryRequest the
// group of which it wants one. Some servers want a key at once: RFC 8446
// §4.2.8 only says that a client may go without.
func (s *groupSurvey) tls13(ctx context.Context) groupList {
	suites, unknown := s.those(hello.TLS13, anySuite)
	if unknown != nil || len(suites) == 0 {
		return groupList{unknown: unknown}
	}
	o := hello.Offer{Version: hello.TLS13, Shares: []uint16{}}
	for _, x := range suites {
		o.Suites = append(o.Suites, uint16(x.ID))
	}
	l := s.ask(ctx, o)
	if l.unknown != nil && !isUnmade(l.unknown) && l.unknown.Cause != fact.Blocked {
		o.Shares = nil
		l = s.ask(ctx, o)
	}
	return l
}

func (s *groupSurvey) ask(ctx context.Context, o hello.Offer) groupList {
	o.Name = s.p.Endpoint.Name()
	hellos := s.p.series(ctx)
	defer hellos.end()
	l, err := hello.Groups(o, hellos.askGroup)
	if err != nil {
		u := fact.FromError(blame(err))
		s.p.Note(o.Version.String(), []byte(u.Error()))
		return groupList{unknown: u}
	}
	s.p.Note(o.Version.String(), fmt.Appendf(nil, "%d groups with %d hellos, in the server's own order: %v; the rest: %s", len(l.Groups), l.Hellos, l.ServerOrder, l.Refusal))
	order := fact.Known(l.ServerOrder)
	if l.OrderUnseen != nil {
		order = fact.Not[bool](fact.FromError(blame(l.OrderUnseen)))
	}
	return groupList{l.Groups, order, nil}
}
