package checks

import (
	"context"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// CCS is the fact of tls.ccs.
type CCS struct {
	Vulnerable bool   `json:"vulnerable" vi:"có lỗ hổng CCS injection" en:"is vulnerable to CCS injection"`
	Answer     string `json:"answer" vi:"máy chủ trả lời thông điệp ChangeCipherSpec đến quá sớm thế nào" en:"what it answers to a ChangeCipherSpec that comes too early"`
}

// TLSCCS sends a ChangeCipherSpec before any key. A server that only cuts the
// connection there does so as often as it is asked, if it is the server's
// doing: what counts is twice, and that it is alive directly after.
var TLSCCS = define(Check{
	ID:       "tls.ccs",
	Refs:     []string{"CVE-2014-0224", "RFC 5246 §7.1"},
	Speaks:   inventory.OverTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (CCS, error) {
	versions, err := p.older()
	if err != nil {
		return CCS{}, err
	}
	if len(versions) == 0 {
		return CCS{Answer: "not asked: TLS 1.3 only"}, nil
	}
	var c holes.CCS
	for range 2 {
		err = p.greet(ctx, versions[0], func(ctx context.Context, conn net.Conn, o hello.Offer) (err error) {
			c, err = holes.EarlyCCS(ctx, conn, o)
			return err
		})
		if err != nil || !c.Cut {
			return CCS{Vulnerable: c.Vulnerable, Answer: c.Answer}, err
		}
	}
	return CCS{Answer: c.Answer + ", twice"}, p.lives(ctx, versions[0])
})
