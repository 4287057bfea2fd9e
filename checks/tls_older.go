package checks

import (
	"context"
	"errors"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// TLS 1.3 has no heartbeats before its keys, no renegotiation, no compression
// and no key exchange by RSA. What is said here is how checks of such things
// find a version to ask in, and ask.

// accepted lists the versions from SSL 3.0 on that the server accepts, newest
// first. unseen says why there may be more.
func (f Versions) accepted() (list []hello.Version, unseen *fact.Unknown) {
	for _, m := range []struct {
		version hello.Version
		maybe   fact.Maybe[bool]
	}{{hello.TLS13, f.TLS13}, {hello.TLS12, f.TLS12}, {hello.TLS11, f.TLS11}, {hello.TLS10, f.TLS10}, {hello.SSL3, f.SSL3}} {
		ok, unknown := m.maybe.Get()
		switch {
		case unknown != nil && unseen == nil:
			unseen = fact.Because(unknown.Cause, m.version.String()+" was not seen: "+unknown.Detail)
		case ok:
			list = append(list, m.version)
		}
	}
	return list, unseen
}

// older lists the versions from SSL 3.0 to TLS 1.2 that the server accepts,
// newest first. If there is none it accepts TLS 1.3, and nothing that could
// change that is unseen; the note then says so.
func (p *Probe) older() ([]hello.Version, error) {
	list, unseen := Read[Versions](p, TLSVersions).accepted()
	only13 := len(list) > 0 && list[0] == hello.TLS13
	if only13 {
		list = list[1:]
	}
	switch {
	case len(list) > 0:
		return list, nil
	case unseen != nil:
		return nil, unseen
	case !only13:
		return nil, fact.Because(fact.Prerequisite, "tls.versions: no version from SSL 3.0 on is accepted")
	}
	p.Note("tls.versions", []byte("no version before TLS 1.3 is accepted"))
	return nil, nil
}

// greet probes with the offers of a version, each on a connection of its own,
// until one is not refused: the server accepts some suite of that version.
func (p *Probe) greet(ctx context.Context, v hello.Version, probe func(context.Context, net.Conn, hello.Offer) error) error {
	said := "no answer"
	for _, o := range hello.Offers(v, p.Endpoint.Name()) {
		refused, err := p.ask(ctx, o, probe)
		if err != nil || refused == nil {
			return err
		}
		said = refused.Said
	}
	return unanswered("refuses " + v.String() + ", which it accepted before: " + said)
}

// ask probes with one offer. That the server refuses it is no error.
func (p *Probe) ask(ctx context.Context, o hello.Offer, probe func(context.Context, net.Conn, hello.Offer) error) (refused *holes.Refused, err error) {
	err = p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		err := probe(ctx, conn, o)
		if errors.As(err, &refused) {
			return nil
		}
		return err
	})
	return refused, err
}

// choice asks for what the server chooses of an offer of the version.
func (p *Probe) choice(ctx context.Context, v hello.Version, change func(*hello.Offer)) (h hello.ServerHello, err error) {
	err = p.greet(ctx, v, func(_ context.Context, conn net.Conn, o hello.Offer) error {
		change(&o)
		a, err := hello.Ask(conn, o)
		if err == nil && !a.Accepted {
			return &holes.Refused{Answer: a}
		}
		h = a.Hello
		return err
	})
	return h, err
}

// lives tells whether the server still answers the version.
func (p *Probe) lives(ctx context.Context, v hello.Version) error {
	_, err := p.choice(ctx, v, func(*hello.Offer) {})
	return err
}
