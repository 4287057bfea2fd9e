package checks

import (
	"context"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// HostKeys is the fact of ssh.hostkeys. A key is in it only if the server
// signed a key exchange with it, save for kinds that are marked.
type HostKeys struct {
	Keys    fact.Maybe[[]HostKey] `json:"keys" vi:"các khóa máy chủ" en:"host keys"`
	RSABits fact.Maybe[int]       `json:"rsa_bits" vi:"độ dài khóa máy chủ RSA (bit; 0 là không có)" en:"size of the RSA host key (bits; 0: there is none)"`
	Unread  []string              `json:"unread" vi:"thuật toán khóa máy chủ mà công cụ chưa biết đọc" en:"host key algorithms that the tool cannot read"`
}

// SSHHostKeys has the server prove each of its host keys. Some were proved when
// the algorithms were read and groups asked for.
var SSHHostKeys = define(Check{
	ID:       "ssh.hostkeys",
	Refs:     []string{"RFC 4253 §8", "RFC 8332 §3", "RFC 8709 §4", "OpenSSH PROTOCOL.certkeys", "CVE-2017-15361"},
	Speaks:   inventory.OverSSH,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{SSHAlgorithms},
	MayRead:  []*Check{SSHGex},
}, func(ctx context.Context, p *Probe) (HostKeys, error) {
	seen := Read[Algorithms](p, SSHAlgorithms)
	have, _ := seen.FirstKey.Get()
	if gex, unseen := Glance[GroupExchange](p, SSHGex); unseen == nil {
		have = slices.Concat(have, gex.Keys)
	}
	offered := seen.HostKeys
	f := HostKeys{RSABits: fact.Known(0), Unread: slices.Clone(offered)}
	keys, missed := []HostKey{}, (*fact.Unknown)(nil)
	for _, k := range sshKinds {
		f.Unread = slices.DeleteFunc(f.Unread, func(a string) bool { return slices.Contains(k.algorithms, a) })
		algorithm := k.of(offered)
		if algorithm == "" {
			continue
		}
		var key HostKey
		var err error
		if i := slices.IndexFunc(have, func(h HostKey) bool { return h.Algorithm == algorithm }); i >= 0 {
			key = have[i]
		} else {
			key, err = p.overSSH(ctx, algorithm, nil)
		}
		plainRSA := k.name == "RSA" && !strings.Contains(algorithm, "-cert-")
		switch {
		case err != nil:
			missed = fact.FromError(err)
			if plainRSA {
				f.RSABits = fact.Not[int](missed)
			}
			continue
		case plainRSA:
			f.RSABits = fact.Known(key.Bits)
		}
		keys = append(keys, key)
	}
	f.unreadRSA()
	if len(keys) == 0 && missed != nil {
		return f, missed
	}
	f.Keys = fact.Known(keys)
	if missed != nil {
		f.Keys = fact.Not[[]HostKey](missed)
	}
	return f, nil
})

// unreadRSA takes back that there is no RSA key where one is of a kind that the
// tool cannot read. x509v3-rsa2048-sha256 says its least size: RFC 6187 §3.3.
func (f *HostKeys) unreadRSA() {
	if !fact.Is(f.RSABits, 0) {
		return
	}
	i := slices.IndexFunc(f.Unread, func(a string) bool { return strings.Contains(a, "rsa") && a != "x509v3-rsa2048-sha256" })
	if i >= 0 {
		f.RSABits = fact.Not[int](fact.Because(fact.Prerequisite, "the tool cannot read keys by "+f.Unread[i]))
	}
}
