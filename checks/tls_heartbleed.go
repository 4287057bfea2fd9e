package checks

import (
	"context"
	"net"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/holes"
)

// Heartbleed is the fact of tls.heartbleed.
type Heartbleed struct {
	HeartbeatOffered bool `json:"heartbeat_offered" vi:"có nhận tín hiệu heartbeat" en:"offers heartbeats"`
	Vulnerable       bool `json:"vulnerable" vi:"có lỗ hổng Heartbleed" en:"is vulnerable to Heartbleed"`
	ExcessBytes      int  `json:"excess_bytes" vi:"số byte trả lời thừa so với những gì đã gửi" en:"bytes in its answer that it was not sent"`
}

// TLSHeartbleed asks for one byte more than it sent. The answer to that is
// neither kept nor recorded, but for its length.
var TLSHeartbleed = define(Check{
	ID:       "tls.heartbleed",
	Refs:     []string{"CVE-2014-0160", "RFC 6520 §4"},
	Speaks:   inventory.OverTLS,
	Touch:    Intrusive,
	Known:    fact.Probed,
	Requires: []*Check{TLSVersions},
}, func(ctx context.Context, p *Probe) (Heartbleed, error) {
	versions, err := p.older()
	if err != nil || len(versions) == 0 {
		return Heartbleed{}, err
	}
	var h holes.Heartbeat
	err = p.greet(ctx, versions[0], func(ctx context.Context, conn net.Conn, o hello.Offer) (err error) {
		h, err = holes.Heartbleed(ctx, conn, o, func() { hush(conn) })
		return err
	})
	if err != nil {
		return Heartbleed{}, err
	}
	p.Note(versions[0].String(), []byte(h.Answer))
	return Heartbleed{HeartbeatOffered: h.Offered, Vulnerable: h.Vulnerable, ExcessBytes: h.Excess}, nil
})
