package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Renegotiation is the fact of tls.renegotiation.
type Renegotiation struct {
	Secure fact.Maybe[bool] `json:"secure" vi:"chỉ thương lượng lại một cách an toàn (RFC 5746)" en:"renegotiates securely only (RFC 5746)"`
}

// TLSRenegotiation looks whether the server binds a new handshake to the one
// before it. TLS 1.3 has no renegotiation, so a server that speaks only that
// is secure.
var TLSRenegotiation = define(Check{
	ID:       "tls.renegotiation",
	Refs:     []string{"RFC 5746 §3.6", "RFC 8446 §4.1.2", "CVE-2009-3555"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Renegotiation, error) {
	versions, err := p.older()
	if err != nil {
		return Renegotiation{}, err
	}
	if len(versions) == 0 {
		return Renegotiation{Secure: fact.Known(true)}, nil
	}
	secure, err := p.renegotiatesSecurely(ctx, versions[0])
	if err != nil {
		return Renegotiation{}, err
	}
	return Renegotiation{Secure: fact.Known(secure)}, nil
})

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
