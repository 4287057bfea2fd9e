package checks

import (
	"context"
	"errors"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// toleranceSurvey compares variants of a hello with one that is accepted.
type toleranceSurvey struct {
	p      *Probe
	normal hello.Offer
}

// settle finds a hello of the version that the server accepts, a short one if
// it may be.
func (s *toleranceSurvey) settle(ctx context.Context, v hello.Version) error {
	said := "no answer"
	name := s.p.Endpoint.Name()
	for _, o := range slices.Concat(hello.Small(v, name), hello.Offers(v, name)) {
		a, err := s.p.answer(ctx, o)
		switch {
		case err != nil:
			return blame(err)
		case a.Accepted:
			s.normal = o
			return nil
		case a.AboutVersion:
			return unanswered("accepted " + v.String() + " before, and then: " + a.Said)
		}
		said = a.Said
	}
	return unanswered("accepted " + v.String() + " before, and then: " + said)
}

// bears tells whether the variant is accepted as the normal hello is. It is
// not if it fails twice while the normal one is accepted in between and
// afterwards; silence leaves it open, which may be somebody else's.
func (s *toleranceSurvey) bears(ctx context.Context, what string, change func(hello.Offer) hello.Offer) fact.Maybe[bool] {
	said := ""
	for range 2 {
		var u *fact.Unknown
		said, u = s.ask(ctx, change(s.normal))
		switch {
		case u != nil:
			return fact.Not[bool](u)
		case said == "":
			return fact.Known(true)
		}
		if normal, u := s.ask(ctx, s.normal); u != nil {
			return fact.Not[bool](u)
		} else if normal != "" {
			return fact.Not[bool](unanswered("accepted a normal hello before, and then: " + normal))
		}
	}
	s.p.Note(what, []byte(said+", twice, while a normal hello is accepted before and after"))
	return fact.Known(false)
}

// once is ask without the difference.
func (s *toleranceSurvey) once(ctx context.Context, o hello.Offer) string {
	said, u := s.ask(ctx, o)
	if u != nil {
		return u.Error()
	}
	return said
}

// ask gives "" if the hello is accepted, else what the server did instead. A
// hello to which nothing was heard, or that was not sent, has no answer.
func (s *toleranceSurvey) ask(ctx context.Context, o hello.Offer) (said string, unknown *fact.Unknown) {
	a, err := s.p.answer(ctx, o)
	u := fact.FromError(err)
	switch {
	case err == nil && a.Accepted:
		return "", nil
	case err == nil:
		return a.Said, nil
	case errors.Is(err, hello.ErrCut), u.Cause == fact.Unanswered:
		return u.Error(), nil
	}
	return "", u
}

// versions adds to what was seen of TLS 1.3 the way of TLS 1.2, in which a
// server answers a version that it does not know with its own best one.
func (s *toleranceSurvey) versions(ctx context.Context, accepted []hello.Version, of13 fact.Maybe[bool]) fact.Maybe[bool] {
	if s.normal.Version == hello.TLS13 {
		accepted = accepted[1:]
	}
	if !fact.Is(of13, true) || len(accepted) == 0 || accepted[0] < hello.TLS10 {
		return of13
	}
	older := *s
	if err := older.settle(ctx, accepted[0]); err != nil {
		return fact.Not[bool](fact.FromError(err))
	}
	for _, claims := range []hello.Version{0x0304, 0x03ff} {
		got := older.bears(ctx, claims.String(), func(o hello.Offer) hello.Offer { return o.Claiming(claims) })
		if !fact.Is(got, true) {
			return got
		}
	}
	return fact.Known(true)
}
