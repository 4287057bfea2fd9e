package checks

import (
	"context"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// Fallback is the fact of tls.fallback.
type Fallback struct {
	Needed bool             `json:"needed" vi:"nhận từ hai phiên bản trở lên, nên có thể bị ép hạ phiên bản" en:"accepts two versions or more, so a client can be made to fall back"`
	SCSV   fact.Maybe[bool] `json:"scsv" vi:"từ chối khi bị ép hạ phiên bản (TLS_FALLBACK_SCSV)" en:"refuses when a client was made to fall back (TLS_FALLBACK_SCSV)"`
}

// TLSFallback asks in the second best version, with the signal that it is not
// the client's best. A server that has only one version has nothing to fall
// back to, and is not asked.
var TLSFallback = define(Check{
	ID:       "tls.fallback",
	Refs:     []string{"RFC 7507 §3", "CVE-2014-3566"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Fallback, error) {
	versions, unseen := Read[Versions](p, TLSVersions).accepted()
	switch {
	case len(versions) < 2 && unseen != nil:
		return Fallback{}, unseen
	case len(versions) == 0:
		return Fallback{}, fact.Because(fact.Prerequisite, "tls.versions: no version from SSL 3.0 on is accepted")
	case len(versions) == 1:
		return Fallback{Needed: false, SCSV: fact.Not[bool](fact.Because(fact.Skipped, "accepts "+versions[0].String()+" only"))}, nil
	}
	var heeded bool
	err := p.greet(ctx, versions[1], func(_ context.Context, conn net.Conn, o hello.Offer) (err error) {
		heeded, err = holes.Fallback(conn, o)
		return err
	})
	return Fallback{Needed: true, SCSV: fact.Known(heeded)}, err
})
