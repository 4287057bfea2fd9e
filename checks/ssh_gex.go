package checks

import (
	"context"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
	"slices"
)

// GroupExchange is the fact of ssh.gex.
type GroupExchange struct {
	Offered   bool             `json:"offered" vi:"có trao đổi nhóm Diffie-Hellman" en:"Diffie-Hellman group exchange offered"`
	MinBits   fact.Maybe[int]  `json:"min_bits" vi:"nhóm Diffie-Hellman nhỏ nhất máy chủ chịu dùng (bit)" en:"smallest Diffie-Hellman group that the server gives (bits)"`
	UsualBits fact.Maybe[int]  `json:"usual_bits" vi:"nhóm đưa cho máy khách xin 3072 bit (bit)" en:"group given to a client that wants 3072 bits (bits)"`
	Prime     fact.Maybe[bool] `json:"prime" vi:"mọi mô-đun đã đưa đều là số nguyên tố" en:"every modulus given is a prime"`
	Safe      fact.Maybe[bool] `json:"safe" vi:"mọi mô-đun đã đưa đều là số nguyên tố an toàn (p và (p-1)/2)" en:"every modulus given is a safe prime (p and (p-1)/2)"`
	Fallback  fact.Maybe[bool] `json:"fallback" vi:"nhóm nhỏ nhất chỉ là nhóm có sẵn của chương trình, đưa ra khi không có nhóm nào vừa ý" en:"the smallest group is but the program's own, given where no other fits"`
	Keys      []HostKey        `json:"keys" vi:"khóa máy chủ đã chứng minh trong các kết nối ấy" en:"host keys proved on those connections"`
	Given     []GivenGroup     `json:"given" vi:"các nhóm đã đưa ra" en:"groups given"`
}

// GivenGroup is one group, and what was asked for, in bits.
type GivenGroup struct {
	Min  int    `json:"min" vi:"xin ít nhất (bit)" en:"at least, as asked (bits)"`
	Want int    `json:"want" vi:"muốn (bit)" en:"as wanted (bits)"`
	Max  int    `json:"max" vi:"nhiều nhất (bit)" en:"at most, as asked (bits)"`
	Bits int    `json:"bits" vi:"được đưa (bit)" en:"given (bits)"`
	Name string `json:"name" vi:"tên nhóm chuẩn (trống: không phải nhóm chuẩn)" en:"name of the standard group (empty: none)"`
}

// What is asked for: a small group as old clients would, the least that is
// fair, and what a client of today wants. OpenSSH without a fitting group in
// its file falls back on one that is built in, and which is the one of 2048
// bits only for who takes no more than 3071.
var (
	smallGroup = sshkex.Sizes{Min: 1024, Want: 1024, Max: 1536}
	fairGroup  = sshkex.Sizes{Min: 2048, Want: 2048, Max: 2048}
	usualGroup = sshkex.Sizes{Min: 2048, Want: 3072, Max: 8192}
)

// SSHGex asks for groups. Each exchange goes on to a host key that is not yet
// proved, so that none need be asked for on a connection of its own.
var SSHGex = define(Check{
	ID:       "ssh.gex",
	Refs:     []string{"RFC 4419 §3", "RFC 8270", "CVE-2015-4000"},
	Speaks:   inventory.OverSSH,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{SSHAlgorithms},
}, func(ctx context.Context, p *Probe) (GroupExchange, error) {
	seen := Read[Algorithms](p, SSHAlgorithms)
	f := GroupExchange{Offered: seen.GroupExchange, Keys: []HostKey{}, Given: []GivenGroup{}}
	if !f.Offered {
		f.unseen(fact.Because(fact.Prerequisite, "the server offers no group exchange"))
		return f, nil
	}
	a := &groupAsker{Probe: p, ctx: ctx, unproved: bestKeys(seen.HostKeys), first: firstKey(seen.HostKeys)}
	a.unproved = slices.DeleteFunc(a.unproved, func(algorithm string) bool { return algorithm == a.first })
	a.ask(&a.usual, usualGroup)
	a.ask(&a.small, smallGroup)
	if a.small.err != nil || a.small.group.Bits() > int(fairGroup.Max) {
		a.ask(&a.fair, fairGroup)
	}
	a.confirm()
	return a.conclude(f)
})
