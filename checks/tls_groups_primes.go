package checks

import (
	"context"
	"fmt"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
)

// dhClass is what a server's choice of a prime may depend on: OpenSSL goes by
// the certificate's key, or without one by the strength of the encryption;
// export suites have primes of their own.
type dhClass struct {
	export, anonymous, preShared, strong bool
}

// primes gives the length of the shortest prime of Diffie-Hellman that the
// server gives to any class of its suites, and its name.
func (s *groupSurvey) primes(ctx context.Context) (fact.Maybe[int], fact.Maybe[string]) {
	unseen := func(u *fact.Unknown) (fact.Maybe[int], fact.Maybe[string]) {
		return fact.Not[int](u), fact.Not[string](u)
	}
	bits, name := 0, ""
	asked := map[dhClass]bool{}
	for _, v := range []hello.Version{hello.TLS12, hello.TLS11, hello.TLS10, hello.SSL3} {
		suites, unknown := s.those(v, hello.Suite.HasPrime)
		if unknown != nil {
			return unseen(unknown)
		}
		for _, x := range suites {
			class := dhClass{x.Export, x.Anonymous, x.Authentication == "PSK", x.Bits >= 256}
			if asked[class] {
				continue
			}
			asked[class] = true
			e, unknown := s.prime(ctx, v, x)
			if unknown != nil {
				return unseen(unknown)
			}
			if n := e.Prime.BitLen(); bits == 0 || n < bits {
				bits, name = n, hello.PrimeName(e.Prime)
			}
		}
	}
	return fact.Known(bits), fact.Known(name)
}

// curvesOnly are groups without the primes of RFC 7919: a server that goes by
// that may give a client which names them another prime than all others.
var curvesOnly = []uint16{23, 24, 25, 29}

// prime asks for the prime of one suite.
func (s *groupSurvey) prime(ctx context.Context, v hello.Version, x hello.Suite) (*hello.Exchange, *fact.Unknown) {
	o := hello.Offer{Version: v, Suites: []uint16{uint16(x.ID)}, Name: s.p.Endpoint.Name(), Groups: curvesOnly}
	var f hello.Flight
	err := s.p.over(ctx, func(conn net.Conn) error {
		var broken, err error
		if f, broken, err = hello.AskFlight(conn, o); err == nil && f.Accepted && f.Exchange == nil {
			err = broken
		}
		return err
	})
	switch {
	case err != nil:
		return nil, fact.FromError(blame(err))
	case !f.Accepted:
		return nil, unanswered("accepted " + x.Name + " before, and then: " + f.Said)
	case f.Exchange == nil || f.Exchange.Prime == nil:
		return nil, unanswered("no prime came with " + x.Name)
	}
	s.p.Note(v.String(), fmt.Appendf(nil, "%s: prime of %d bits, %s", x.Name, f.Exchange.Prime.BitLen(), hello.PrimeName(f.Exchange.Prime)))
	return f.Exchange, nil
}
