package scan

import (
	"context"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"

	"github.com/sansang/sansang/internal/fact"
)

// Rates bound new connections per second. Zero means no bound.
type Rates struct {
	Host    float64 // to one address
	Network float64 // to one IPv4 /24 or IPv6 /64
	Global  float64
	Own     bool // bound loopback too, which is no network and nobody else's machine
}

// DefaultRates are gentle enough for a commune's old router.
var DefaultRates = Rates{Host: 10, Network: 30, Global: 200}

// questions a second go to the resolver, as few as one browser may ask. It is
// no host that is looked at, so being polite to those does not slow it down: a
// domain takes some fifty questions.
const questions = 20

// throttle makes connections wait for their turn. Memory grows with the hosts
// in scope, not with the connections.
type throttle struct {
	rates  Rates
	global *rate.Limiter
	names  *rate.Limiter // questions to the resolver

	mu       sync.Mutex
	limiters map[netip.Prefix]*rate.Limiter
}

func newThrottle(r Rates) *throttle {
	return &throttle{rates: r, global: limiter(r.Global), names: limiter(questions), limiters: map[netip.Prefix]*rate.Limiter{}}
}

// limiter allows bursts of a quarter of a second's worth, at least one.
func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/4)))
}

// wait blocks until a connection to the address is due. When its turn would
// come after the deadline of ctx the connection is refused at once.
func (t *throttle) wait(ctx context.Context, a netip.Addr) error {
	if a.IsLoopback() && !t.rates.Own {
		return ctx.Err()
	}
	bits := 24
	if a.Is6() {
		bits = 64
	}
	network, _ := a.Prefix(bits)
	for _, l := range []*rate.Limiter{t.of(netip.PrefixFrom(a, a.BitLen()), t.rates.Host), t.of(network, t.rates.Network), t.global} {
		if err := l.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fact.Because(fact.Skipped, "the rate limit left no time for this connection")
		}
	}
	return nil
}

// question blocks until the resolver may be asked again.
func (t *throttle) question(ctx context.Context, resolver netip.Addr) error {
	if resolver.IsLoopback() && !t.rates.Own {
		return ctx.Err()
	}
	if err := t.names.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fact.Because(fact.Skipped, "the rate limit left no time for this question")
	}
	return nil
}

func (t *throttle) of(p netip.Prefix, perSecond float64) *rate.Limiter {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.limiters[p]
	if l == nil {
		l = limiter(perSecond)
		t.limiters[p] = l
	}
	return l
}
