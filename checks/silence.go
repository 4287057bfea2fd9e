package checks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// silentAttempts is how many connections to a port must meet silence before
// that is taken for a filter. Each takes the whole time for connecting, in
// which the system sends several SYNs, so that lost packets do not make one.
const silentAttempts = 2

// silent tells of an error of connecting that nothing at all came back: neither
// SYN-ACK nor RST nor ICMP. What the guard held back, a name that was not
// found and a scan that was stopped are no silence.
func silent(ctx context.Context, err error) bool {
	var u *fact.Unknown
	var dns *net.DNSError
	var op *net.OpError
	return ctx.Err() == nil && !errors.As(err, &u) && !errors.As(err, &dns) && errors.As(err, &op) && op.Op == "dial" && op.Timeout()
}

// crowded tells whether other checks talk to the endpoint at the same time.
func (p *Probe) crowded() bool { return cap(p.room) > 1 }

// answers makes a connection to the endpoint itself: a sign of life of its host.
func (p *Probe) answers(ctx context.Context) bool {
	conn, err := p.Dial(ctx)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// sameHost tells whether an address is another port of the endpoint's own host,
// so that a sign of life of the endpoint is one of it.
func (p *Probe) sameHost(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && host == p.Endpoint.Host() && address != p.Endpoint.Address()
}

// filtered makes sure that a port which was silent once, since before, is so
// whenever it is asked, while its host answers before and after. The sign of
// life before the first attempt is the caller's.
func (p *Probe) filtered(ctx context.Context, address string, before time.Time) bool {
	for n := 1; ; n++ {
		p.Note(fmt.Sprintf("connection %d to %s: silence", n, address), fmt.Appendf(nil, "from %s to %s", before.UTC().Format(time.RFC3339), p.Now().UTC().Format(time.RFC3339)))
		if !p.answers(ctx) {
			return false
		}
		if n == silentAttempts {
			return true
		}
		before = p.Now()
		conn, err := p.DialTo(ctx, address)
		if err == nil {
			_ = conn.Close() // it answers after all, and what it says was not asked
			return false
		}
		if !silent(ctx, err) {
			return false
		}
	}
}
