package checks

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Versions is the fact of tls.versions: whether each version is accepted.
type Versions struct {
	SSL2  fact.Maybe[bool] `json:"ssl2" vi:"nhận SSL 2.0" en:"accepts SSL 2.0"`
	SSL3  fact.Maybe[bool] `json:"ssl3" vi:"nhận SSL 3.0" en:"accepts SSL 3.0"`
	TLS10 fact.Maybe[bool] `json:"tls10" vi:"nhận TLS 1.0" en:"accepts TLS 1.0"`
	TLS11 fact.Maybe[bool] `json:"tls11" vi:"nhận TLS 1.1" en:"accepts TLS 1.1"`
	TLS12 fact.Maybe[bool] `json:"tls12" vi:"nhận TLS 1.2" en:"accepts TLS 1.2"`
	TLS13 fact.Maybe[bool] `json:"tls13" vi:"nhận TLS 1.3" en:"accepts TLS 1.3"`
}

// TLSVersions asks for each version by a hello of its own.
//
// Only what a server says counts. An alert, or a ServerHello with a lower
// version, refuses; silence does not, for it may be the doing of something in
// between. A reset or close alone does not either, but some servers (Windows)
// refuse old versions in no other way: it counts when it comes twice while the
// same server answers another version directly before and directly after. The
// evidence says which of the two it was.
var TLSVersions = define(Check{
	ID:     "tls.versions",
	Refs:   []string{"RFC 8446 §4.2.1", "RFC 5246 §E", "RFC 8996", "RFC 7568", "RFC 6176"},
	Speaks: inventory.OverTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Versions, error) {
	s := versionSurvey{p: p, seen: map[hello.Version]seenVersion{}}
	// The two that most servers answer go first: who is silent to both is mute.
	s.ask(ctx, hello.TLS12, hello.TLS13)
	if u := s.seen[hello.TLS12].unknown; u != nil && isUnmade(u) {
		return Versions{}, u
	}
	if s.wantsShort(ctx) {
		s.ask(ctx, hello.TLS12, hello.TLS13)
	}
	if s.seen[hello.TLS12].isCause(fact.Timeout) && s.seen[hello.TLS13].isCause(fact.Timeout) {
		return Versions{}, s.seen[hello.TLS12].unknown
	}
	older := []hello.Version{hello.TLS11, hello.TLS10, hello.SSL3, hello.SSL2}
	if s.tryLong(ctx); s.takesLong != longUntried || s.short {
		s.ask(ctx, older...)
	} else {
		for _, v := range older { // each may be the first to show it
			s.ask(ctx, v)
		}
	}
	s.settle(ctx)
	return s.fact()
})

// versionSurvey is what was seen so far.
type versionSurvey struct {
	p         *Probe
	seen      map[hello.Version]seenVersion
	takesLong int
	short     bool // it takes only short hellos
}

// seenVersion is an answer, or why there is none.
type seenVersion struct {
	answer  hello.Answer
	unknown *fact.Unknown
}

func (s seenVersion) isCause(c fact.Cause) bool { return s.unknown != nil && s.unknown.Cause == c }

// isUnmade tells of a connection that was not even made, or that did not come
// as far as TLS: another hello would fare no better.
func isUnmade(u *fact.Unknown) bool {
	return slices.Contains([]fact.Cause{fact.Unreachable, fact.OutOfScope, fact.Denied, fact.Skipped, fact.Prerequisite}, u.Cause)
}

// ask sends the offers of each version until one is accepted, or refused
// because of the version, or not answered.
func (s *versionSurvey) ask(ctx context.Context, versions ...hello.Version) {
	answers := make([]seenVersion, len(versions))
	s.p.beside(len(versions), func(i int) { answers[i] = s.offers(ctx, versions[i]) })
	for i, v := range versions {
		s.note(v, answers[i])
	}
}

func (s *versionSurvey) note(v hello.Version, r seenVersion) {
	if r.isCause(fact.Unreachable) && s.anyAnswer() {
		r.unknown = fact.Because(fact.Blocked, "answered other hellos before: "+r.unknown.Detail)
	}
	said := r.answer.String()
	if r.unknown != nil {
		said = r.unknown.Error()
	}
	s.p.Note(v.String(), []byte(said))
	s.seen[v] = r
}

// offers asks for a version until there is an answer to it. A refusal that
// does not name the version may be about the suites, so all are offered: in
// one long hello if the server takes those, else in lots. What it chooses of
// all is the first answer that tls.suites needs, so the long hello goes first
// once it is known to do no harm.
func (s *versionSurvey) offers(ctx context.Context, v hello.Version) (r seenVersion) {
	for i, o := range s.hellos(v) {
		if (i == 1 || v < hello.TLS12) && s.tryLong(ctx) {
			if r := s.send(ctx, hello.Long(v, s.p.Endpoint.Name())); r.unknown == nil {
				return r
			}
		}
		r = s.send(ctx, o)
		if r.unknown != nil || r.answer.Accepted || r.answer.AboutVersion {
			break
		}
	}
	return r
}

func (s *versionSurvey) hellos(v hello.Version) []hello.Offer {
	if s.short && v != hello.SSL2 {
		return hello.Small(v, s.p.Endpoint.Name())
	}
	return hello.Offers(v, s.p.Endpoint.Name())
}

// wantsShort tells of a server that cut the connection at both first hellos,
// or was silent to them, and answers a short one. Some of old fail on all that
// are longer than 255 bytes.
func (s *versionSurvey) wantsShort(ctx context.Context) bool {
	for _, v := range []hello.Version{hello.TLS12, hello.TLS13} {
		if !s.seen[v].isCause(fact.Reset) && !s.seen[v].isCause(fact.Timeout) {
			return false
		}
	}
	s.short = s.send(ctx, hello.Small(hello.TLS12, s.p.Endpoint.Name())[0]).unknown == nil
	if s.short {
		s.p.Note("short hellos", []byte("cuts the connection or is silent, unless a hello is shorter than 256 bytes"))
	}
	return s.short
}

func (s *versionSurvey) send(ctx context.Context, o hello.Offer) (r seenVersion) {
	err := s.p.converseTLS(ctx, func(_ context.Context, conn net.Conn) (err error) {
		r.answer, err = hello.Ask(conn, o)
		return err
	})
	if err != nil {
		return seenVersion{unknown: fact.FromError(err)}
	}
	return r
}

// What is known of long hellos: some old servers fail on more than 128 suites.
const (
	longUntried = iota
	longTaken
	longRefused
)

// tryLong tells whether the server takes a long hello, and finds out when it
// can. It shows by accepting one of a version of which it accepted a short one;
// TLS 1.3 has too few suites to show it.
func (s *versionSurvey) tryLong(ctx context.Context) bool {
	if s.short {
		return false
	}
	for _, v := range []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10} {
		if s.takesLong == longUntried && s.seen[v].answer.Accepted {
			s.takesLong = longRefused
			if r := s.send(ctx, hello.Long(v, s.p.Endpoint.Name())); r.answer.Accepted {
				s.takesLong = longTaken
			}
		}
	}
	return s.takesLong == longTaken
}

// settle asks again for the versions at which the server only cut the
// connection: see TLSVersions.
func (s *versionSurvey) settle(ctx context.Context) {
	well, ok := s.newest()
	if !ok {
		return
	}
	alive := func() bool { r := s.offers(ctx, well); return r.unknown == nil && r.answer.Accepted }
	for _, v := range []hello.Version{hello.SSL2, hello.SSL3, hello.TLS10, hello.TLS11, hello.TLS12, hello.TLS13} {
		if !s.seen[v].isCause(fact.Reset) {
			continue
		}
		if !alive() {
			return
		}
		again := s.offers(ctx, v)
		if !alive() {
			return
		}
		if again.isCause(fact.Reset) {
			again = seenVersion{answer: hello.Answer{AboutVersion: true, Said: fmt.Sprintf("cuts the connection, twice, while it answers %s before and after", well)}}
		}
		if again.unknown == nil {
			s.note(v, again)
		}
	}
}

// newest gives the newest version that was accepted.
func (s *versionSurvey) newest() (hello.Version, bool) {
	for _, v := range []hello.Version{hello.TLS13, hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3} {
		if s.seen[v].answer.Accepted {
			return v, true
		}
	}
	return 0, false
}

func (s *versionSurvey) anyAnswer() bool {
	for _, r := range s.seen {
		if r.unknown == nil {
			return true
		}
	}
	return false
}

// fact gives what was seen; a server that answered nothing gives none.
func (s *versionSurvey) fact() (Versions, error) {
	if !s.anyAnswer() {
		return Versions{}, s.seen[hello.TLS12].unknown
	}
	return Versions{
		SSL2: s.accepts(hello.SSL2), SSL3: s.accepts(hello.SSL3), TLS10: s.accepts(hello.TLS10),
		TLS11: s.accepts(hello.TLS11), TLS12: s.accepts(hello.TLS12), TLS13: s.accepts(hello.TLS13),
	}, nil
}

// accepts reads a refusal that does not name the version with care: only of a
// server that accepted another version is it plain that it refuses this one,
// and not us, our suites or the name.
func (s *versionSurvey) accepts(v hello.Version) fact.Maybe[bool] {
	r := s.seen[v]
	if r.unknown != nil {
		return fact.Not[bool](r.unknown)
	}
	if _, ok := s.newest(); !r.answer.Accepted && !r.answer.AboutVersion && !ok {
		return fact.Not[bool](unanswered("no version is accepted, and " + r.answer.Said + " may be about something else"))
	}
	return fact.Known(r.answer.Accepted)
}
