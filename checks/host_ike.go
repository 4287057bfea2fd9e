package checks

import (
	"bytes"
	"context"
	"strconv"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// IKE is the fact of host.ike.
type IKE struct {
	Answers    fact.Maybe[bool] `json:"answers" vi:"có cổng VPN IPsec (IKE) trả lời" en:"an IPsec VPN gateway (IKE) answers"`
	V2         fact.Maybe[bool] `json:"v2" vi:"trả lời bằng IKEv2" en:"answers in IKEv2"`
	Main       fact.Maybe[bool] `json:"v1_main" vi:"nhận IKEv1 chế độ main" en:"takes IKEv1 main mode"`
	Aggressive fact.Maybe[bool] `json:"v1_aggressive" vi:"nhận IKEv1 chế độ aggressive" en:"takes IKEv1 aggressive mode"`
	Encryption fact.Maybe[bool] `json:"weak_encryption" vi:"nhận DES hoặc 3DES" en:"takes DES or 3DES"`
	Hash       fact.Maybe[bool] `json:"weak_hash" vi:"nhận MD5" en:"takes MD5"`
	Groups     fact.Maybe[bool] `json:"weak_groups" vi:"nhận nhóm Diffie-Hellman dưới 2048 bit hoặc đường cong dưới 256 bit" en:"takes Diffie-Hellman groups below 2048 bits or curves below 256 bits"`
	TurnsAway  fact.Maybe[bool] `json:"turns_us_away" vi:"không nhận bất kỳ đề nghị nào của máy quét, mạnh hay yếu: im lặng hoặc từ chối tất cả" en:"takes no offer of ours, strong or weak: silent, or refuses all"`
}

// HostIKE begins key exchanges and goes no further than their first answer:
// one with strong algorithms, then ones that are weak in one thing each, by
// both versions of IKE, and IKEv1 in aggressive mode under a made-up name.
var HostIKE = define(Check{
	ID:     "host.ike",
	Refs:   []string{"RFC 7296 §1.2", "RFC 2409 §5.4", "RFC 8247 §2", "CVE-2002-1623"},
	Speaks: inventory.OverHost,
	Touch:  Polite,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (IKE, error) {
	t, h := p.findIKE(ctx)
	if t == nil {
		no := h.answers() // false where the ports are closed
		return IKE{no, no, no, no, no, no, no, keptSilent([]heard{h})}, nil
	}
	f := IKE{Answers: fact.Known(true), V2: t.v2(ctx)}
	v2 := [3]fact.Maybe[bool]{}
	for i, o := range weakOffers {
		v2[i] = fact.Known(false) // who does not take version 2 takes nothing by it
		if !fact.Is(f.V2, false) {
			v2[i] = t.weak2(ctx, o, f.V2)
		}
	}
	v1 := t.v1(ctx)
	f.Main, f.Aggressive = v1[0], t.aggressive(ctx, v1[0])
	f.Encryption, f.Hash, f.Groups = inEither(v2[0], v1[1]), inEither(v2[1], v1[2]), inEither(v2[2], v1[3])
	f.TurnsAway = t.turnsAway()
	return f, nil
})

var weakOffers = []udp.Offer{udp.OfferWeakEncryption, udp.OfferWeakHash, udp.OfferWeakGroup}

// inEither tells whether something is taken in one of two versions: it is
// where one was seen to, and is not where both were seen not to.
func inEither(a, b fact.Maybe[bool]) fact.Maybe[bool] {
	if fact.Is(a, true) || fact.Is(b, true) {
		return fact.Known(true)
	}
	if _, u := a.Get(); u != nil {
		return a
	}
	return b
}

// ikeTalk is what is known of a gateway that has answered.
type ikeTalk struct {
	p     *Probe
	port  int
	life  question // that it answered, to be asked again as a sign of life
	heard heard
	sa    ikeSaid // to the strong offer of version 2
	main  ikeSaid // to that of version 1

	mu  sync.Mutex
	all []ikeSaid
}

// ikeSaid is the answer to one offer.
type ikeSaid struct {
	udp.IKEAnswer
	heard
}

// findIKE asks port 500 in both versions and, if there is no answer, port
// 4500. A gateway is known not to be there where both are closed.
func (p *Probe) findIKE(ctx context.Context) (*ikeTalk, heard) {
	var silence *heard
	for _, port := range []int{udp.PortIKE, udp.PortIKENAT} {
		t := &ikeTalk{p: p, port: port}
		var lifeOf2, lifeOf1 question
		var both sync.WaitGroup
		both.Go(func() { t.sa, lifeOf2 = t.init(ctx, udp.OfferStrong) })
		both.Go(func() { t.main, lifeOf1 = t.begin(ctx, udp.NewMain(udp.OfferStrong)) })
		both.Wait()
		switch {
		case t.sa.answer != nil:
			t.heard, t.life = t.sa.heard, lifeOf2
			return t, t.heard
		case t.main.answer != nil:
			t.heard, t.life = t.main.heard, lifeOf1
			return t, t.heard
		}
		silence = lessSure(silence, t.sa.heard)
	}
	return nil, *silence
}

// lessSure keeps of two the one that tells less: an open question over a closed
// port.
func lessSure(a *heard, b heard) *heard {
	if a != nil && !a.closed {
		return a
	}
	return &b
}

// ask sends a message of IKE, on port 4500 behind the mark that tells it from
// ESP (RFC 3948 §2.2), and reads its answer.
func (t *ikeTalk) ask(ctx context.Context, send []byte, read func([]byte) (udp.IKEAnswer, bool)) (ikeSaid, question) {
	var said udp.IKEAnswer
	mark := []byte{}
	if t.port == udp.PortIKENAT {
		mark = make([]byte, 4)
	}
	q := question{port: t.port, send: append(bytes.Clone(mark), send...), accept: func(b []byte) (ok bool) {
		if b, ok = bytes.CutPrefix(b, mark); ok {
			said, ok = read(b)
		}
		return ok
	}}
	h := t.p.sendOver(ctx, q)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, ikeSaid{said, h})
	return ikeSaid{said, h}, q
}

// init asks an offer of version 2 and, where the gateway wants to see a cookie
// first, asks it again.
func (t *ikeTalk) init(ctx context.Context, o udp.Offer) (ikeSaid, question) {
	m := udp.NewSAInit(o)
	read := func(b []byte) (udp.IKEAnswer, bool) { return udp.ReadIKE(m.Send, b) }
	said, q := t.ask(ctx, m.Send, read)
	if said.answer != nil && said.Cookie != nil {
		return t.ask(ctx, m.With(said.Cookie).Send, read)
	}
	return said, q
}

// begin asks with a message of version 1.
func (t *ikeTalk) begin(ctx context.Context, m udp.V1) (ikeSaid, question) {
	return t.ask(ctx, m.Send, m.Read)
}

// alive asks again what was answered before.
func (t *ikeTalk) alive(ctx context.Context) func() heard {
	return func() heard { return t.p.sendOver(ctx, t.life) }
}

// turnsAway tells whether every question was refused or met with silence.
func (t *ikeTalk) turnsAway() fact.Maybe[bool] {
	for _, s := range t.all {
		switch {
		case s.answer != nil && s.Accepted:
			return fact.Known(false)
		case s.answer == nil && s.why.Cause != fact.Timeout:
			return fact.Not[bool](s.why)
		}
	}
	return fact.Known(true)
}

// v2 tells whether version 2 is taken: an answer in it says so, even a refusal
// of all that was offered; an answer in version 1 alone says not.
func (t *ikeTalk) v2(ctx context.Context) fact.Maybe[bool] {
	switch s := t.sa; {
	case s.answer == nil:
		return t.p.silentBetween(t.heard, t.alive(ctx), s.why)
	case s.Version != 2 || s.Notify == udp.NotifyMajorVersion:
		return fact.Known(false)
	case s.Accepted || s.Notify == udp.NotifyNoProposal:
		return fact.Known(true)
	}
	return fact.Not[bool](odd(t.sa))
}

func odd(s ikeSaid) *fact.Unknown {
	return unanswered("the gateway answers with notification " + strconv.Itoa(s.Notify))
}

// weak2 tells whether a weak offer of version 2 is taken. Refusing it says
// nothing where the gateway takes no offer at all from us.
func (t *ikeTalk) weak2(ctx context.Context, o udp.Offer, v2 fact.Maybe[bool]) fact.Maybe[bool] {
	if _, u := v2.Get(); u != nil {
		return v2
	}
	said, _ := t.init(ctx, o)
	switch {
	case said.answer == nil && said.why.Cause == fact.Timeout:
		return t.p.silentBetween(t.heard, t.alive(ctx), said.why)
	case said.answer == nil:
		return fact.Not[bool](said.why)
	case said.Accepted:
		return fact.Known(true)
	case said.Notify != udp.NotifyNoProposal:
		return fact.Not[bool](odd(said))
	case !t.sa.Accepted:
		return fact.Not[bool](fact.Because(fact.Prerequisite, "the gateway takes no offer from us, strong or weak"))
	}
	return fact.Known(false)
}
