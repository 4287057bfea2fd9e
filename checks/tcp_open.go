package checks

import (
	"context"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Open is the fact of tcp.open.
type Open struct {
	Open          bool  `json:"open" vi:"cổng mở" en:"port open"`
	ConnectMillis int64 `json:"connect_ms" vi:"thời gian kết nối (ms)" en:"time to connect (ms)"`
}

// TCPOpen tells whether a TCP connection can be made. Only a refusal (RST to
// our SYN) is "closed"; silence may be a filter, a lost packet or a dead host
// and stays Unknown.
var TCPOpen = define(Check{
	ID:     "tcp.open",
	Refs:   []string{"RFC 9293 §3.5"},
	Speaks: inventory.OverTCP,
	Touch:  Polite,
}, func(ctx context.Context, p *Probe) (Open, error) {
	ctx, cancel := p.Exchange(ctx)
	defer cancel()
	start := p.Now()
	conn, err := p.Dial(ctx)
	if fact.Refused(err) {
		return Open{}, nil
	}
	if err != nil {
		return Open{}, err
	}
	took := p.Now().Sub(start)
	return Open{Open: true, ConnectMillis: int64(took / time.Millisecond)}, conn.Close()
})
