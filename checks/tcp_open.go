package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Open is the fact of tcp.open.
type Open struct {
	Open bool `json:"open" vi:"cổng mở" en:"port open"`
}

// TCPOpen tells whether a TCP connection can be made. Only a refusal (RST to
// our SYN) is "closed"; silence may be a filter, a lost packet or a dead host
// and stays Unknown.
var TCPOpen = define(Check{
	ID:     "tcp.open",
	Refs:   []string{"RFC 9293 §3.5"},
	Speaks: inventory.OverTCP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Open, error) {
	conn, err := p.Dial(ctx)
	if fact.Refused(err) {
		return Open{}, nil
	}
	if err != nil {
		return Open{}, err
	}
	return Open{Open: true}, conn.Close()
})
