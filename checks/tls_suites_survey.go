package checks

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// suiteSurvey is what was seen of a server's suites so far.
type suiteSurvey struct {
	p        *Probe
	versions map[hello.Version]fact.Maybe[bool]
	lists    map[hello.Version]suiteList
	gone     atomic.Pointer[fact.Unknown] // the server no longer lets us in
}

// suiteList is the list of one version, or why there is none.
type suiteList struct {
	suites  []hello.Suite
	order   fact.Maybe[bool]
	unknown *fact.Unknown
}

// look finds the lists of all versions, the longest first.
func (s *suiteSurvey) look(ctx context.Context) {
	order := []hello.Version{hello.TLS12, hello.TLS10, hello.TLS11, hello.SSL3, hello.TLS13, hello.SSL2}
	lists := make([]suiteList, len(order))
	s.p.beside(len(order), func(i int) { lists[i] = s.find(ctx, order[i]) })
	for i, v := range order {
		s.lists[v] = lists[i]
	}
}

// find gives the list of a version; one that is refused costs no hello.
func (s *suiteSurvey) find(ctx context.Context, v hello.Version) suiteList {
	accepted, unknown := s.versions[v].Get()
	switch gone := s.gone.Load(); {
	case unknown != nil:
		return suiteList{unknown: fact.Because(unknown.Cause, "tls.versions: "+unknown.Detail)}
	case !accepted:
		return suiteList{}
	case gone != nil:
		return suiteList{unknown: gone}
	}
	list, said := s.ask(ctx, v)
	if u := list.unknown; u != nil {
		said = u.Error()
		if isUnmade(u) || u.Cause == fact.Blocked {
			s.gone.Store(u)
		}
	}
	s.p.Note(v.String(), []byte(said))
	return list
}

func (s *suiteSurvey) ask(ctx context.Context, v hello.Version) (list suiteList, said string) {
	hellos := s.p.series(ctx)
	defer hellos.end()
	if v == hello.SSL2 {
		return askSSL2(hellos.ask)
	}
	o := hello.Offer{Version: v, Name: s.p.Endpoint.Name()}
	if v == hello.TLS13 {
		// Without a key a server answers by HelloRetryRequest, which names the
		// suite and costs neither side any cryptography.
		o.Shares = []uint16{}
	}
	l, err := hello.Suites(o, hellos.ask, s.before(v)...)
	if err != nil && v == hello.TLS13 {
		o.Shares = nil // some servers want one: RFC 8446 §4.2.8 only says that a client may go without
		l, err = hello.Suites(o, hellos.ask)
	}
	if err != nil {
		return suiteList{unknown: fact.FromError(blame(err))}, ""
	}
	for _, id := range l.Suites {
		list.suites = append(list.suites, hello.Find(uint32(id)))
	}
	list.order = fact.Known(l.ServerOrder)
	if l.OrderUnseen != nil {
		list.order = fact.Not[bool](fact.FromError(blame(l.OrderUnseen)))
	}
	said = fmt.Sprintf("%d suites with %d hellos, in the server's own order: %v; the rest: %s", len(l.Suites), l.Hellos, l.ServerOrder, l.Refusal)
	if l.Dislikes != "" {
		said += "; to a long hello: " + l.Dislikes
	}
	return list, said
}

// before gives what the server chose when tls.versions asked, from its evidence.
func (s *suiteSurvey) before(v hello.Version) (out []hello.Choice) {
	for _, e := range s.p.seen[TLSVersions.ID].Evidence {
		if of, c, ok := hello.Replay(e.Sent, e.Received); ok && of == v {
			out = append(out, c)
		}
	}
	return out
}

// askSSL2 reads the list off one answer: a server of SSL 2.0 names all kinds
// that it has in common with its client, who chooses.
func askSSL2(ask hello.Asker) (list suiteList, said string) {
	a, err := ask(hello.Offer{Version: hello.SSL2})
	switch {
	case err != nil:
		return suiteList{unknown: fact.FromError(blame(err))}, ""
	case !a.Accepted:
		return suiteList{unknown: unanswered("SSL 2.0 was accepted before, and then: " + a.Said)}, ""
	}
	for _, id := range a.Kinds {
		list.suites = append(list.suites, hello.Find(id))
	}
	list.order = fact.Known(true) // nobody looks for an order there
	return list, a.Said
}

// fact gives what was seen. Of a server whose accepted versions gave not one
// list there is nothing to say that tls.versions does not.
func (s *suiteSurvey) fact() (Suites, error) {
	var missing *fact.Unknown
	seen := false
	for _, v := range allVersions {
		l := s.lists[v]
		if l.unknown != nil && missing == nil {
			missing = l.unknown
		}
		seen = seen || l.unknown == nil && fact.Is(s.versions[v], true)
	}
	if missing != nil && !seen {
		return Suites{}, missing
	}
	return Suites{
		SSL2: s.names(hello.SSL2), SSL3: s.names(hello.SSL3), TLS10: s.names(hello.TLS10),
		TLS11: s.names(hello.TLS11), TLS12: s.names(hello.TLS12), TLS13: s.names(hello.TLS13),
		ServerOrder: s.order(), Accepted: s.accepted(),
	}, nil
}

func (s *suiteSurvey) names(v hello.Version) fact.Maybe[[]string] {
	l := s.lists[v]
	if l.unknown != nil {
		return fact.Not[[]string](l.unknown)
	}
	out := []string{}
	for _, suite := range l.suites {
		out = append(out, suite.Name)
	}
	return fact.Known(out)
}

// accepted is whole only if every version's list is.
func (s *suiteSurvey) accepted() fact.Maybe[[]Suite] {
	out := []Suite{}
	for _, v := range allVersions {
		l := s.lists[v]
		if l.unknown != nil {
			return fact.Not[[]Suite](fact.Because(l.unknown.Cause, v.String()+": "+l.unknown.Detail))
		}
		for _, x := range l.suites {
			out = append(out, Suite{Protocol: v.String(), Name: x.Name, KeyExchange: x.KeyExchange, Authentication: x.Authentication,
				Encryption: x.Encryption, Bits: x.Bits, MAC: x.MAC, AEAD: x.AEAD, ForwardSecrecy: x.ForwardSecrecy,
				Unencrypted: x.Null, Anonymous: x.Anonymous, Export: x.Export})
		}
	}
	return fact.Known(out)
}

// order is true if the server decides in every version, and false if its
// client does in one. SSL 2.0 has no say in it: there clients always choose.
func (s *suiteSurvey) order() fact.Maybe[bool] {
	whole := fact.Not[bool](fact.Because(fact.Prerequisite, "no version from SSL 3.0 on is accepted"))
	var missing *fact.Unknown
	for _, v := range allVersions {
		l := s.lists[v]
		if v == hello.SSL2 || l.unknown == nil && len(l.suites) == 0 {
			continue
		}
		own, unseen := l.order.Get()
		switch {
		case l.unknown != nil:
			missing = l.unknown
		case unseen != nil:
			missing = unseen
		case !own:
			return fact.Known(false)
		default:
			whole = fact.Known(true)
		}
	}
	if missing != nil {
		return fact.Not[bool](missing)
	}
	return whole
}
