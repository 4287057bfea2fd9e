package checks

import (
	"context"
	"fmt"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
)

// Compression is the fact of tls.compression.
type Compression struct {
	Deflate bool `json:"deflate" vi:"nén DEFLATE trong TLS (CRIME)" en:"compresses by DEFLATE within TLS (CRIME)"`
}

// TLSCompression offers compression by DEFLATE, and none; the server chooses.
var TLSCompression = define(Check{
	ID:       "tls.compression",
	Refs:     []string{"RFC 3749 §2", "RFC 5246 §7.4.1.3", "RFC 9325 §3.3", "CVE-2012-4929"},
	Speaks:   inventory.OverTLS,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Compression, error) {
	const none, deflate = 0, 1
	versions, err := p.older()
	if err != nil || len(versions) == 0 {
		return Compression{}, err
	}
	h, err := p.choice(ctx, versions[0], func(o *hello.Offer) { o.Compression = []byte{deflate, none} })
	if err == nil && h.Compression != none && h.Compression != deflate {
		err = unanswered(fmt.Sprintf("chooses compression method %d, which was not offered", h.Compression))
	}
	return Compression{Deflate: h.Compression == deflate}, err
})
