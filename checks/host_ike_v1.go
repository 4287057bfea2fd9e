package checks

import (
	"bytes"
	"context"
	"net"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/udp"
)

// v1 asks main mode by every way to log in and with all suites, unless the first
// question already decides, and aggressive mode by both ways that rest on a
// shared key. Gateways keep
// silent to ways and names that they do not know, so in version 1 silence is
// never a no; and a word about the made-up name says nothing of others.
func (t *ikeTalk) v1(ctx context.Context, f *IKE) {
	mains := []ikeSaid{t.main}
	var aggressive []ikeSaid
	var messages []udp.V1
	if t.main.answer == nil || !t.main.Accepted && t.main.Notify != udp.NotifyMajorVersion {
		for _, way := range []int{udp.V1Shared, udp.V1RSA, udp.V1SharedXAuth, udp.V1RSAXAuth} {
			for share := range udp.MainOffers {
				if way != udp.V1Shared || share != 0 { // which t.main was
					messages = append(messages, udp.NewMain(way, share))
				}
			}
		}
	}
	more := len(messages)
	for _, way := range []int{udp.V1Shared, udp.V1SharedXAuth} {
		for _, group := range []int{14, 5, 2} {
			messages = append(messages, udp.NewAggressive(way, group))
		}
	}
	said := make([]ikeSaid, len(messages))
	var all sync.WaitGroup
	for i, m := range messages {
		all.Go(func() { said[i] = t.begin(ctx, m) })
	}
	all.Wait()
	mains, aggressive = append(mains, said[:more]...), said[more:]
	f.Main = taken1(mains, func(s ikeSaid) bool { return s.Accepted })
	f.Aggressive = taken1(aggressive, func(s ikeSaid) bool { return s.Accepted && s.Hash })
	f.V1Weak = weak1(f.Main, f.Aggressive, said, t.main)
	f.V1Silent = t.silent1(ctx, append(mains, aggressive...))
}

// weak1 tells whether a weak suite was chosen. That a strong one was does not
// tell that no weak one is taken.
func weak1(main, aggressive fact.Maybe[bool], said []ikeSaid, first ikeSaid) fact.Maybe[bool] {
	for _, s := range append(said, first) {
		if s.answer != nil && s.Accepted && s.Chosen.Weak1() {
			return fact.Known(true)
		}
	}
	switch {
	case fact.Is(main, true), fact.Is(aggressive, true):
		return fact.Not[bool](unanswered("the gateway chose a strong suite, which does not tell whether it takes a weak one"))
	case fact.Is(main, false):
		return aggressive // who takes neither takes nothing weak
	}
	return main
}

// silent1 tells whether all of version 1 was met with silence by a gateway
// that lives.
func (t *ikeTalk) silent1(ctx context.Context, all []ikeSaid) fact.Maybe[bool] {
	for _, s := range all {
		switch {
		case s.answer != nil:
			return fact.Known(false)
		case s.why.Cause != fact.Timeout:
			return fact.Not[bool](s.why)
		}
	}
	if lives := t.silentBut(ctx, all[0].why); !fact.Is(lives, false) {
		return lives
	}
	return fact.Known(true)
}

// taken1 tells whether one of several messages was taken. It was not where all
// were refused as such: no proposal, no such exchange, no such version.
func taken1(all []ikeSaid, taken func(ikeSaid) bool) fact.Maybe[bool] {
	no := fact.Known(false)
	for _, s := range all {
		switch {
		case s.answer == nil:
			no = fact.Not[bool](s.why)
		case taken(s):
			return fact.Known(true)
		case !s.Accepted && (s.Version == 2 || s.Notify == udp.NotifyNoProposal || s.Notify == udp.NotifyExchange || s.Notify == udp.NotifyMajorVersion):
		default:
			no = fact.Not[bool](odd(s))
		}
	}
	return no
}

// begin asks with a message of version 1.
func (t *ikeTalk) begin(ctx context.Context, m udp.V1) ikeSaid {
	said := t.ask(ctx, nil, m.Send, m.Read)
	t.keep(said)
	return said
}

// ask sends a message of IKE, on port 4500 behind the mark that tells it from
// ESP (RFC 3948 §2.2), and reads its answer; over a socket of its own where conn
// is nil.
func (t *ikeTalk) ask(ctx context.Context, conn net.Conn, send []byte, read func([]byte) (udp.IKEAnswer, bool)) ikeSaid {
	var mark []byte
	if t.port == udp.PortIKENAT {
		mark = make([]byte, 4)
	}
	s := ikeSaid{}
	q := question{port: t.port, send: append(bytes.Clone(mark), send...), accept: func(b []byte) (ok bool) {
		if b, ok = bytes.CutPrefix(b, mark); ok {
			s.IKEAnswer, ok = read(b)
		}
		return ok
	}}
	if conn == nil {
		var err error
		if conn, err = t.p.DialPacket(ctx, t.p.at(t.port)); err != nil {
			s.why = fact.FromError(err)
			return s
		}
		t.mu.Lock()
		t.open = append(t.open, conn)
		t.mu.Unlock()
	}
	s.over = conn
	s.heard = t.p.askOn(ctx, conn, q)
	s.again = func(ctx context.Context) heard { return t.p.askOn(ctx, conn, q) }
	return s
}

// close ends the talk.
func (t *ikeTalk) close() {
	for _, c := range t.open {
		_ = c.Close()
	}
	t.open = nil
}
