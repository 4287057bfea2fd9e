package checks

import (
	"context"
	"net"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// Renegotiation is the fact of tls.renegotiation.
type Renegotiation struct {
	Secure          fact.Maybe[bool] `json:"secure" vi:"báo hỗ trợ thương lượng lại an toàn (RFC 5746)" en:"announces secure renegotiation (RFC 5746)"`
	Insecure        fact.Maybe[bool] `json:"insecure" vi:"thương lượng lại kiểu cũ, không an toàn" en:"renegotiates in the old, insecure way"`
	ClientInitiated fact.Maybe[bool] `json:"client_initiated" vi:"nhận yêu cầu thương lượng lại của máy trạm" en:"renegotiates when a client asks for it"`
}

// TLSRenegotiation looks whether the server binds a new handshake to the one
// before it, and whether a client can have one whenever it likes, which costs
// the server more than the client. TLS 1.3 has no renegotiation, so a server
// that speaks only that is secure.
var TLSRenegotiation = define(Check{
	ID:       "tls.renegotiation",
	Refs:     []string{"RFC 5746 §3.6", "RFC 5746 §4.5", "RFC 8446 §4.1.2", "CVE-2009-3555", "CVE-2011-1473"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Renegotiation, error) {
	versions, err := p.older()
	if err != nil {
		return Renegotiation{}, err
	}
	if len(versions) == 0 {
		return Renegotiation{Secure: fact.Known(true), Insecure: fact.Known(false), ClientInitiated: fact.Known(false)}, nil
	}
	secure, err := p.renegotiatesSecurely(ctx, versions[0])
	if err != nil {
		return Renegotiation{}, err
	}
	taken := p.renegotiates(ctx, versions, secure)
	return Renegotiation{Secure: fact.Known(secure), Insecure: insecure(secure, taken), ClientInitiated: taken}, nil
})

// insecure tells whether the server was seen to renegotiate without RFC 5746.
// One that neither announces it nor renegotiates when asked may still begin a
// renegotiation of its own accord, which no client can rule out.
func insecure(secure bool, taken fact.Maybe[bool]) fact.Maybe[bool] {
	accepted, unseen := taken.Get()
	switch {
	case secure:
		return fact.Known(false)
	case unseen != nil:
		return fact.Not[bool](unseen)
	case accepted:
		return fact.Known(true)
	}
	return fact.Not[bool](unanswered("does not announce RFC 5746, and refuses when asked; whether it renegotiates of its own accord cannot be seen"))
}

// renegotiates asks once, in TLS 1.2, for a second handshake. Where the server
// only cuts the connection it asks once more: what comes twice, each time
// after a whole handshake, is the server's answer.
func (p *Probe) renegotiates(ctx context.Context, versions []hello.Version, secure bool) fact.Maybe[bool] {
	if !slices.Contains(versions, hello.TLS12) {
		return fact.Not[bool](fact.Because(fact.Prerequisite, "asked in TLS 1.2 only, which was not seen to be accepted"))
	}
	var r holes.Renegotiation
	for range 2 {
		err := p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) (err error) {
			r, err = holes.Renegotiate(ctx, conn, p.Endpoint.Name(), secure)
			return err
		})
		if err != nil {
			return fact.Not[bool](fact.FromError(err))
		}
		p.Note("second handshake", []byte(r.Answer))
		if !r.Cut {
			break
		}
	}
	return fact.Known(r.Accepted)
}

// renegotiatesSecurely asks by the signal among the suites (RFC 5746 §3.3),
// and if nothing comes of it by the extension (§3.2): a server need heed but
// one of them to be found secure.
func (p *Probe) renegotiatesSecurely(ctx context.Context, v hello.Version) (bool, error) {
	h, err := p.choice(ctx, v, func(*hello.Offer) {})
	if err != nil || h.Has(hello.RenegotiationInfo) || v == hello.SSL3 {
		return h.Has(hello.RenegotiationInfo), err
	}
	h, err = p.choice(ctx, v, func(o *hello.Offer) {
		o.Signals, o.Extra = []uint16{}, []hello.Extension{hello.RenegotiationInfo}
	})
	return h.Has(hello.RenegotiationInfo), err
}
