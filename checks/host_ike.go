package checks

import (
	"context"
	"net"
	"strconv"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// IKE is the fact of host.ike.
type IKE struct {
	Answers    fact.Maybe[bool] `json:"answers" vi:"có máy chủ VPN IPsec (IKE) trả lời" en:"an IPsec VPN gateway (IKE) answers"`
	V2         fact.Maybe[bool] `json:"v2" vi:"trả lời bằng IKEv2" en:"answers in IKEv2"`
	Encryption fact.Maybe[bool] `json:"v2_weak_encryption" vi:"IKEv2 nhận DES hoặc 3DES" en:"takes DES or 3DES by IKEv2"`
	Hash       fact.Maybe[bool] `json:"v2_weak_hash" vi:"IKEv2 nhận MD5" en:"takes MD5 by IKEv2"`
	Groups     fact.Maybe[bool] `json:"v2_weak_groups" vi:"IKEv2 nhận nhóm Diffie-Hellman dưới 2048 bit hoặc đường cong dưới 256 bit" en:"takes Diffie-Hellman groups below 2048 bits or curves below 256 bits by IKEv2"`
	Main       fact.Maybe[bool] `json:"v1_main" vi:"nhận IKEv1 chế độ main" en:"takes IKEv1 main mode"`
	Aggressive fact.Maybe[bool] `json:"v1_aggressive" vi:"nhận IKEv1 chế độ aggressive" en:"takes IKEv1 aggressive mode"`
	V1Weak     fact.Maybe[bool] `json:"v1_weak" vi:"IKEv1 chọn DES, 3DES, MD5 hoặc nhóm dưới 2048 bit" en:"chooses DES, 3DES, MD5 or a group below 2048 bits by IKEv1"`
	V1Silent   fact.Maybe[bool] `json:"v1_silent" vi:"im lặng với mọi câu hỏi IKEv1" en:"silent to every question of IKEv1"`
	TurnsAway  fact.Maybe[bool] `json:"turns_us_away" vi:"không nhận bất kỳ đề nghị nào của máy quét, mạnh hay yếu: im lặng hoặc từ chối tất cả" en:"takes no offer of ours, strong or weak: silent, or refuses all"`
}

// HostIKE begins key exchanges and goes no further than their first answer:
// by IKEv2 one with strong algorithms and ones that are weak in one thing
// each, by IKEv1 main and aggressive mode with each way to log in, the latter
// under a made-up name.
var HostIKE = define(Check{
	ID:     "host.ike",
	Refs:   []string{"RFC 7296 §1.2", "RFC 2409 §5.4", "RFC 8247 §2", "CVE-2002-1623"},
	Speaks: inventory.OverHost,
	Touch:  Intrusive,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (IKE, error) {
	t, h := p.findIKE(ctx)
	defer t.close()
	if h.answer == nil {
		no := h.answers() // false where the ports are closed
		silent := keptSilent([]heard{h})
		return IKE{no, no, no, no, no, no, no, no, silent, silent}, nil
	}
	f := IKE{Answers: fact.Known(true), V2: t.v2(ctx)}
	f.Encryption = t.weak2(ctx, udp.OfferWeakEncryption, &f.V2)
	f.Hash = t.weak2(ctx, udp.OfferWeakHash, &f.V2)
	f.Groups = t.weak2(ctx, udp.OfferWeakGroup, &f.V2)
	t.v1(ctx, &f)
	f.TurnsAway = turnsAway(t.all)
	return f, nil
})

// ikeTalk is a talk with one port of a gateway. Its sockets stay open to the
// end: a gateway sends an answer again to where the question first came from.
type ikeTalk struct {
	p    *Probe
	port int
	sa   ikeSaid // to the strong offer of version 2
	main ikeSaid // to version 1, main mode, a shared key

	mu   sync.Mutex
	all  []ikeSaid
	open []net.Conn
}

// ikeSaid is the answer to one message, and how to ask it again.
type ikeSaid struct {
	udp.IKEAnswer
	heard
	over  net.Conn
	again func(context.Context) heard
}

// findIKE asks port 500 in both versions and, where nothing answers, port 4500.
// A gateway is known not to be there where both are closed.
func (p *Probe) findIKE(ctx context.Context) (t *ikeTalk, first heard) {
	var silence *heard
	for _, port := range []int{udp.PortIKE, udp.PortIKENAT} {
		t = &ikeTalk{p: p, port: port}
		var both sync.WaitGroup
		both.Go(func() { t.sa = t.init(ctx, udp.OfferStrong) })
		both.Go(func() { t.main = t.begin(ctx, udp.NewMain(udp.V1Shared, 0)) })
		both.Wait()
		if l := t.life(); l.answer != nil {
			return t, l.heard
		}
		if silence == nil || silence.closed { // an open question tells less than a closed port
			silence = &t.sa.heard
		}
		t.close()
	}
	return t, *silence
}

// life is an answer that the gateway has given, to be asked for again as a sign
// of life.
func (t *ikeTalk) life() ikeSaid {
	if t.sa.answer != nil {
		return t.sa
	}
	return t.main
}

// silentBut says no of a question that was met with silence by a gateway that
// is alive before and after.
func (t *ikeTalk) silentBut(ctx context.Context, why *fact.Unknown) fact.Maybe[bool] {
	l := t.life()
	return t.p.silentBetween(l.heard, func() heard { return l.again(ctx) }, why)
}

// init asks an offer of version 2 and, where the gateway wants to see a cookie
// first, asks it again.
func (t *ikeTalk) init(ctx context.Context, o udp.Offer) ikeSaid {
	m := udp.NewSAInit(o)
	read := func(b []byte) (udp.IKEAnswer, bool) { return udp.ReadIKE(m.Send, b) }
	said := t.ask(ctx, nil, m.Send, read)
	if said.answer != nil && said.Cookie != nil {
		said = t.ask(ctx, said.over, m.With(said.Cookie).Send, read) // a cookie may hold the port we asked from
	}
	said.Accepted = said.answer != nil && o.Takes(said.IKEAnswer)
	t.keep(said)
	return said
}

// v2 tells whether version 2 is spoken: an answer in it says so, even a refusal
// of all that was offered; an answer in version 1 alone says not.
func (t *ikeTalk) v2(ctx context.Context) fact.Maybe[bool] {
	switch s := t.sa; {
	case s.answer == nil && s.why.Cause == fact.Timeout:
		return t.silentBut(ctx, s.why)
	case s.answer == nil:
		return fact.Not[bool](s.why)
	case s.Version != 2 || s.Notify == udp.NotifyMajorVersion:
		return fact.Known(false)
	case s.Accepted || s.Notify == udp.NotifyNoProposal:
		return fact.Known(true)
	}
	return fact.Not[bool](odd(t.sa))
}

func odd(s ikeSaid) *fact.Unknown {
	if s.Notify == 0 {
		return unanswered("the gateway chooses what was not offered, or wants one cookie after another")
	}
	return unanswered("the gateway answers with notification " + strconv.Itoa(s.Notify))
}

// weak2 tells whether a weak offer of version 2 is taken. An offer that is
// taken is answered, so silence is a no while the gateway lives; refusing it
// says nothing where the gateway takes no offer at all from us. A gateway that
// was silent to the strong offer may take a weak one, which then shows that it
// speaks version 2.
func (t *ikeTalk) weak2(ctx context.Context, o udp.Offer, v2 *fact.Maybe[bool]) fact.Maybe[bool] {
	quiet := t.sa.answer == nil && fact.Is(*v2, false)
	if !fact.Is(*v2, true) && !quiet {
		return *v2 // unknown, or who says that it does not speak version 2 takes nothing by it
	}
	said := t.init(ctx, o)
	refused := said.answer != nil && said.Version == 2 && said.Notify == udp.NotifyNoProposal
	if said.Accepted || refused {
		*v2 = fact.Known(true)
	}
	switch {
	case said.answer == nil && said.why.Cause != fact.Timeout:
		return fact.Not[bool](said.why)
	case said.Accepted:
		return fact.Known(true)
	case said.answer != nil && !refused:
		return fact.Not[bool](odd(said))
	case !t.sa.Accepted && (!quiet || said.answer != nil):
		return fact.Not[bool](fact.Because(fact.Prerequisite, "the gateway takes no offer from us, strong or weak"))
	case said.answer == nil:
		return t.silentBut(ctx, said.why)
	}
	return fact.Known(false)
}

// keep remembers an answer.
func (t *ikeTalk) keep(s ikeSaid) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, s)
}

// turnsAway tells whether every question was refused or met with silence.
func turnsAway(all []ikeSaid) fact.Maybe[bool] {
	for _, s := range all {
		switch {
		case s.answer != nil && s.Accepted:
			return fact.Known(false)
		case s.answer == nil && s.why.Cause != fact.Timeout:
			return fact.Not[bool](s.why)
		case s.answer != nil && s.Notify == 0:
			return fact.Not[bool](odd(s))
		}
	}
	return fact.Known(true)
}
