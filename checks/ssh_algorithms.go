package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/sshkex"
)

// Algorithms is the fact of ssh.algorithms. Where the lists of the two
// directions differ, a name is here that stands in either. The names that are
// no algorithm but a mark (strict key exchange, extension info) are in fields
// of their own.
type Algorithms struct {
	Kex           []string        `json:"kex" vi:"các thuật toán trao đổi khóa" en:"key exchange algorithms"`
	HostKeys      []string        `json:"host_keys" vi:"các thuật toán khóa máy chủ" en:"host key algorithms"`
	Ciphers       []string        `json:"ciphers" vi:"các thuật toán mã hóa" en:"ciphers"`
	MACs          []string        `json:"macs" vi:"các thuật toán xác thực thông điệp (MAC)" en:"message authentication codes"`
	Compression   []string        `json:"compression" vi:"các kiểu nén" en:"compression methods"`
	StrictKex     bool            `json:"strict_kex" vi:"có trao đổi khóa nghiêm ngặt (chống Terrapin)" en:"strict key exchange (against Terrapin)"`
	Terrapin      bool            `json:"terrapin" vi:"hở với Terrapin: có ChaCha20, hoặc CBC cùng MAC kiểu ETM, mà không có trao đổi khóa nghiêm ngặt" en:"open to Terrapin: ChaCha20, or CBC with an ETM MAC, without strict key exchange"`
	ExtInfo       bool            `json:"ext_info" vi:"có thông tin mở rộng (RFC 8308)" en:"extension negotiation (RFC 8308)"`
	GroupExchange bool            `json:"group_exchange" vi:"có trao đổi nhóm Diffie-Hellman" en:"Diffie-Hellman group exchange offered"`
	GexMinBits    fact.Maybe[int] `json:"gex_min_bits" vi:"nhóm Diffie-Hellman nhỏ nhất máy chủ chịu dùng (bit)" en:"smallest Diffie-Hellman group that the server gives (bits)"`
}

// SSHAlgorithms reads what an SSH server offers before any key is agreed on,
// and asks for the smallest group that it would give.
var SSHAlgorithms = define(Check{
	ID:     "ssh.algorithms",
	Refs:   []string{"RFC 4253 §7.1", "RFC 4419 §3", "RFC 8308 §2.1", "CVE-2023-48795", "CVE-2015-4000"},
	Speaks: inventory.OverSSH,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Algorithms, error) {
	var k sshkex.KexInit
	err := p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) (err error) {
		_, k, err = p.kexInit(conn)
		return err
	})
	if err != nil {
		return Algorithms{}, err
	}
	return Algorithms{
		Kex: k.Methods(), HostKeys: k.HostKeys,
		Ciphers: sshkex.Either(k.Ciphers), MACs: sshkex.Either(k.MACs), Compression: sshkex.Either(k.Compression),
		StrictKex:     slices.Contains(k.Kex, sshkex.StrictKex),
		Terrapin:      openToTerrapin(k),
		ExtInfo:       slices.Contains(k.Kex, sshkex.ExtInfo),
		GroupExchange: k.GroupExchange() != "",
		GexMinBits:    p.smallestGroup(ctx, k),
	}, nil
})

// openToTerrapin tells whether CVE-2023-48795 can be used on a client that
// wants no better than the server: by what is offered in one direction.
func openToTerrapin(k sshkex.KexInit) bool {
	if slices.Contains(k.Kex, sshkex.StrictKex) {
		return false
	}
	for i := range k.Ciphers {
		cbc := slices.ContainsFunc(k.Ciphers[i], func(c string) bool { return strings.Contains(c, "-cbc") })
		etm := slices.ContainsFunc(k.MACs[i], func(m string) bool { return strings.Contains(m, "-etm@") })
		if slices.Contains(k.Ciphers[i], "chacha20-poly1305@openssh.com") || cbc && etm {
			return true
		}
	}
	return false
}

func (p *Probe) kexInit(conn net.Conn) (*sshkex.Session, sshkex.KexInit, error) {
	s, err := sshkex.Open(conn)
	if err != nil {
		return nil, sshkex.KexInit{}, err
	}
	if !s.Banner.SpeaksSSH2() {
		return nil, sshkex.KexInit{}, unanswered("the server speaks SSH " + s.Banner.Protocol + ", which has no such lists")
	}
	k, err := s.KexInit()
	return s, k, err
}

// What is asked for in a group exchange.
var (
	smallGroup = sshkex.Sizes{Min: 1024, Want: 1024, Max: 2047}
	fairGroup  = sshkex.Sizes{Min: 2048, Want: 2048, Max: 8192}
)

// smallestGroup asks for a small group, and for a fair one if there was none.
//
// A server may refuse the small one by a message; many just close. A close
// counts as a refusal only if fair requests directly before and directly after
// were answered, since otherwise it may be the doing of something in between.
func (p *Probe) smallestGroup(ctx context.Context, k sshkex.KexInit) fact.Maybe[int] {
	if k.GroupExchange() == "" {
		return fact.Not[int](fact.Because(fact.Prerequisite, "the server offers no group exchange"))
	}
	before, _, err := p.group(ctx, fairGroup)
	if err != nil {
		return fact.Not[int](fact.FromError(err))
	}
	small, refused, err := p.group(ctx, smallGroup)
	if err == nil {
		return fact.Known(min(small, before))
	}
	if u := fact.FromError(err); !refused && u.Cause != fact.Reset {
		return fact.Not[int](u)
	}
	after, _, err := p.group(ctx, fairGroup)
	if err != nil {
		return fact.Not[int](fact.FromError(err))
	}
	return fact.Known(min(before, after))
}

// group asks for one group on a connection of its own. refused tells that the
// server said no by a message of the protocol.
func (p *Probe) group(ctx context.Context, ask sshkex.Sizes) (bits int, refused bool, err error) {
	err = p.converse(ctx, p.Endpoint.Address(), func(_ context.Context, conn net.Conn) error {
		s, k, err := p.kexInit(conn)
		if err != nil {
			return err
		}
		bits, err = s.Group(k, ask)
		var no *sshkex.Disconnected
		refused = errors.As(err, &no)
		return err
	})
	said := fmt.Sprintf("%d bits", bits)
	if err != nil {
		said = err.Error()
	}
	p.Note(fmt.Sprintf("asked for a group of %d to %d bits", ask.Min, ask.Max), []byte(said))
	return bits, refused, err
}
