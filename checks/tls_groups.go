package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Groups is the fact of tls.groups: with which groups the server exchanges
// keys, by the names of the IANA registry, in its own order of preference if it
// has one.
type Groups struct {
	TLS12       fact.Maybe[[]string] `json:"tls12" vi:"đường cong dùng trao đổi khóa ở TLS 1.2 trở xuống" en:"curves for key exchange under TLS 1.2 and older"`
	TLS13       fact.Maybe[[]string] `json:"tls13" vi:"nhóm dùng trao đổi khóa ở TLS 1.3" en:"groups for key exchange under TLS 1.3"`
	Order12     fact.Maybe[bool]     `json:"server_order12" vi:"ở TLS 1.2 trở xuống máy chủ tự quyết định nhóm, không theo thứ tự của máy khách" en:"under TLS 1.2 and older the server decides on the group, not the order of its client"`
	Order13     fact.Maybe[bool]     `json:"server_order13" vi:"ở TLS 1.3 máy chủ tự quyết định nhóm, không theo thứ tự của máy khách" en:"under TLS 1.3 the server decides on the group, not the order of its client"`
	PostQuantum fact.Maybe[bool]     `json:"post_quantum" vi:"có trao đổi khóa chống máy tính lượng tử" en:"offers post-quantum key exchange"`
	DHBits      fact.Maybe[int]      `json:"dh_bits" vi:"độ dài số nguyên tố Diffie-Hellman ngắn nhất (bit); 0: không dùng" en:"shortest Diffie-Hellman prime in bits; 0: none"`
	DHPrime     fact.Maybe[string]   `json:"dh_prime" vi:"tên của số nguyên tố đó, nếu nhiều máy chủ dùng chung" en:"name of that prime, if many servers share it"`
}

// TLSGroups finds the groups by elimination: see hello.Groups. Of
// Diffie-Hellman over the integers it looks at the primes that the server
// gives to each class of suites that tls.suites found.
var TLSGroups = define(Check{
	ID:       "tls.groups",
	Refs:     []string{"RFC 8446 §4.2.7", "RFC 8422 §5.1.1", "RFC 7919", "RFC 9325 §4.4", "CVE-2015-4000", "draft-ietf-tls-ecdhe-mlkem"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSSuites},
}, func(ctx context.Context, p *Probe) (Groups, error) {
	s := newGroupSurvey(p, Read[Suites](p, TLSSuites))
	var tls12, tls13 groupList
	var bits fact.Maybe[int]
	var prime fact.Maybe[string]
	parts := []func(){
		func() { tls12 = s.older(ctx) },
		func() { tls13 = s.tls13(ctx) },
		func() { bits, prime = s.primes(ctx) },
	}
	p.beside(len(parts), func(i int) { parts[i]() })
	if _, unseen := bits.Get(); tls12.unknown != nil && tls13.unknown != nil && unseen != nil {
		return Groups{}, tls12.unknown
	}
	return Groups{TLS12: tls12.names(), TLS13: tls13.names(), Order12: tls12.serverOrder(), Order13: tls13.serverOrder(),
		PostQuantum: tls13.postQuantum(), DHBits: bits, DHPrime: prime}, nil
})

// groupList is what was found in one version, or why it was not.
type groupList struct {
	groups  []uint16
	order   fact.Maybe[bool] // of the server's own, if there are groups
	unknown *fact.Unknown
}

// serverOrder tells whether the list is in an order of the server's own.
func (l groupList) serverOrder() fact.Maybe[bool] {
	switch {
	case l.unknown != nil:
		return fact.Not[bool](l.unknown)
	case len(l.groups) == 0:
		return fact.Not[bool](fact.Because(fact.Prerequisite, "no key is exchanged by groups"))
	}
	return l.order
}

func (l groupList) names() fact.Maybe[[]string] {
	if l.unknown != nil {
		return fact.Not[[]string](l.unknown)
	}
	out := []string{}
	for _, g := range l.groups {
		out = append(out, hello.GroupName(g))
	}
	return fact.Known(out)
}

func (l groupList) postQuantum() fact.Maybe[bool] {
	if l.unknown != nil {
		return fact.Not[bool](l.unknown)
	}
	for _, g := range l.groups {
		if hello.IsPostQuantum(g) {
			return fact.Known(true)
		}
	}
	return fact.Known(false)
}
