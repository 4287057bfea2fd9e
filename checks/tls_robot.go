package checks

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// Robot is the fact of tls.robot.
type Robot struct {
	RSAKeyExchange bool             `json:"rsa_key_exchange" vi:"nhận trao đổi khóa bằng RSA" en:"accepts key exchange by RSA"`
	Vulnerable     fact.Maybe[bool] `json:"vulnerable" vi:"có lỗ hổng ROBOT" en:"is vulnerable to ROBOT"`
	Strength       string           `json:"strength" vi:"mức dễ khai thác (strong: mạnh, weak: yếu)" en:"how far it can be used (strong or weak)"`
}

// TLSRobot looks whether answers to a ClientKeyExchange tell how its plaintext
// was formed. It probes in the newest version that accepts RSA at all; only a
// server that refuses it in every version has no key exchange by RSA.
var TLSRobot = define(Check{
	ID:       "tls.robot",
	Refs:     []string{"CVE-2017-13099", "RFC 5246 §7.4.7.1", "RFC 8017 §7.2"},
	Speaks:   inventory.OverTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Robot, error) {
	versions, err := p.older()
	if err != nil {
		return Robot{}, err
	}
	for _, v := range versions {
		o := hello.Offer{Version: v, Name: p.Endpoint.Name(), Suites: holes.RSASuites()}
		accepts, err := p.acceptsOffer(ctx, o)
		if err != nil {
			return Robot{}, err
		}
		if accepts {
			return p.robot(ctx, o), nil
		}
	}
	if _, unseen := Read[Versions](p, TLSVersions).accepted(); unseen != nil {
		return Robot{}, unseen
	}
	return Robot{Vulnerable: fact.Known(false)}, nil
})

// robot sends the vectors to a server that accepts the offer.
func (p *Probe) robot(ctx context.Context, o hello.Offer) Robot {
	oracle, err := holes.FindOracle(func(v holes.Vector, whole bool, d time.Duration) (said string, err error) {
		refused, err := p.ask(ctx, o, func(ctx context.Context, conn net.Conn, o hello.Offer) (err error) {
			said, err = holes.KeyExchange(ctx, conn, o, v, whole, d)
			return err
		})
		if err == nil && refused != nil {
			err = unanswered("accepted key exchange by RSA before, and now: " + refused.Said)
		}
		return said, err
	}, p.beside)
	if err != nil {
		return Robot{RSAKeyExchange: true, Vulnerable: fact.Not[bool](fact.FromError(blame(err)))}
	}
	p.Note("answers", []byte(strings.Join(oracle.Said, "\n")))
	r := Robot{RSAKeyExchange: true, Vulnerable: fact.Known(oracle.Vulnerable)}
	switch {
	case oracle.Weak:
		r.Strength = "weak"
	case oracle.Vulnerable:
		r.Strength = "strong"
	}
	return r
}

// acceptsOffer tells whether the server accepts an offer of a version that it
// accepts. Some refuse suites by cutting the connection only: that counts when
// it comes twice, and the server answers another offer before and after.
func (p *Probe) acceptsOffer(ctx context.Context, o hello.Offer) (bool, error) {
	ask := func() (holes.Refused, error) {
		refused, err := p.ask(ctx, o, func(_ context.Context, conn net.Conn, o hello.Offer) error {
			a, err := hello.Ask(conn, o)
			if err == nil && !a.Accepted {
				err = &holes.Refused{Answer: a}
			}
			return err
		})
		if refused != nil {
			return *refused, err
		}
		return holes.Refused{Answer: hello.Answer{Accepted: true}}, err
	}
	a, err := ask()
	if cause := fact.FromError(err); cause != nil && cause.Cause == fact.Reset || a.Doubtful {
		if err := p.lives(ctx, o.Version); err != nil {
			return false, err
		}
		if a, err = ask(); err == nil && !a.Doubtful {
			return a.Accepted, nil
		}
		if cause := fact.FromError(err); cause != nil && cause.Cause != fact.Reset {
			return false, err
		}
		return false, p.lives(ctx, o.Version)
	}
	return a.Accepted, err
}
