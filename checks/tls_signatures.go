package checks

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Signatures is the fact of tls.signatures: by which schemes the server signs
// its handshake, by the names of the IANA registry. A version that is refused,
// or has no suite under which a server signs, has an empty list.
type Signatures struct {
	TLS12   fact.Maybe[[]string] `json:"tls12" vi:"thuật toán ký khi bắt tay ở TLS 1.2" en:"schemes that sign the handshake under TLS 1.2"`
	TLS13   fact.Maybe[[]string] `json:"tls13" vi:"thuật toán ký khi bắt tay ở TLS 1.3" en:"schemes that sign the handshake under TLS 1.3"`
	Ignores fact.Maybe[bool]     `json:"ignores_offer" vi:"ký bằng thuật toán mà máy khách không nêu" en:"signs by schemes that its client did not offer"`
}

// TLSSignatures finds the schemes by elimination: see hello.Signatures. Under
// TLS 1.2 it asks for each kind of key apart, since some servers settle on the
// key before they look at the schemes.
var TLSSignatures = define(Check{
	ID:       "tls.signatures",
	Refs:     []string{"RFC 5246 §7.4.1.4.1", "RFC 8446 §4.2.3", "RFC 8446 §4.4.3", "RFC 9155", "IANA TLS SignatureScheme"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSSuites},
}, func(ctx context.Context, p *Probe) (Signatures, error) {
	s := signatureSurvey{p: p, suites: newGroupSurvey(p, Read[Suites](p, TLSSuites))}
	tls12, tls13 := s.tls12(ctx), s.tls13(ctx)
	if tls12.unknown != nil && tls13.unknown != nil {
		return Signatures{}, tls12.unknown
	}
	return Signatures{TLS12: tls12.names(), TLS13: tls13.names(), Ignores: ignores(tls12, tls13)}, nil
})

// signatureSurvey asks for signatures with the suites that tls.suites found.
type signatureSurvey struct {
	p      *Probe
	suites *groupSurvey
}

// signatureList is what was found in one version, or why it was not.
type signatureList struct {
	schemes []uint16
	ignores bool
	unknown *fact.Unknown
}

func (l signatureList) names() fact.Maybe[[]string] {
	if l.unknown != nil {
		return fact.Not[[]string](l.unknown)
	}
	out := []string{}
	for _, id := range l.schemes {
		out = append(out, hello.SignatureName(id))
	}
	return fact.Known(out)
}

// ignores is true as soon as it was seen, and false if every list is whole.
func ignores(lists ...signatureList) fact.Maybe[bool] {
	said := fact.Known(false)
	for _, l := range lists {
		switch {
		case l.ignores:
			return fact.Known(true)
		case l.unknown != nil:
			said = fact.Not[bool](l.unknown)
		}
	}
	return said
}

func (s signatureSurvey) tls12(ctx context.Context) (all signatureList) {
	suites, unknown := s.suites.those(hello.TLS12, hello.Suite.Signs)
	if unknown != nil {
		return signatureList{unknown: unknown}
	}
	for _, key := range []string{"ECDSA", "RSA", "DSS"} {
		var ids []uint16
		for _, x := range suites {
			if x.Authentication == key {
				ids = append(ids, uint16(x.ID))
			}
		}
		if len(ids) == 0 {
			continue
		}
		l := s.ask(ctx, hello.TLS12, ids)
		all.ignores = all.ignores || l.ignores
		if l.unknown != nil {
			all.unknown = l.unknown
			return all
		}
		all.schemes = append(all.schemes, minus(l.schemes, all.schemes)...)
	}
	return all
}

var errUndecipherable = fact.Because(fact.Prerequisite, "none of the server's suites of TLS 1.3 can be decrypted here")

// tls13 asks with the suites that can be decrypted here.
func (s signatureSurvey) tls13(ctx context.Context) signatureList {
	suites, unknown := s.suites.those(hello.TLS13, anySuite)
	if unknown != nil || len(suites) == 0 {
		return signatureList{unknown: unknown}
	}
	var ids []uint16
	for _, x := range suites {
		if hello.Decrypts(uint16(x.ID)) {
			ids = append(ids, uint16(x.ID))
		}
	}
	if len(ids) == 0 {
		return signatureList{unknown: errUndecipherable}
	}
	return s.ask(ctx, hello.TLS13, ids)
}

func (s signatureSurvey) ask(ctx context.Context, v hello.Version, suites []uint16) signatureList {
	o := hello.Offer{Version: v, Suites: suites, Name: s.p.Endpoint.Name()}
	l, err := hello.Signatures(o, s.p.signatureAsker(ctx))
	if err != nil {
		u := fact.FromError(blame(err))
		s.p.Note(v.String(), []byte(u.Error()))
		return signatureList{unknown: u, ignores: l.Ignores}
	}
	found := signatureList{schemes: l.Schemes, ignores: l.Ignores}
	names, _ := found.names().Get()
	s.p.Note(v.String(), fmt.Appendf(nil, "signs by %s, seen with %d hellos; the rest: %s", strings.Join(names, ", "), l.Hellos, l.Refusal))
	return found
}

func (p *Probe) signatureAsker(ctx context.Context) hello.SignatureAsker {
	return func(o hello.Offer) (s hello.Signed, err error) {
		err = p.over(ctx, func(conn net.Conn) (err error) { s, err = hello.AskSignature(conn, o); return err })
		return s, err
	}
}

// minus gives the list without what is in the other.
func minus[E comparable](list, other []E) []E {
	return slices.DeleteFunc(slices.Clone(list), func(e E) bool { return slices.Contains(other, e) })
}
