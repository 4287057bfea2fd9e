package scan

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/sansang/sansang/internal/fact"
)

// Rates bound new connections per second. Zero means no bound.
type Rates struct {
	Host      float64 // to one address
	Network   float64 // to one IPv4 /24 or IPv6 /64
	Global    float64
	Questions float64 // to the resolver; zero means 20
	Own       bool    // bound loopback too, which is no network and nobody else's machine
}

// DefaultRates are gentle enough for a commune's old router.
var DefaultRates = Rates{Host: 10, Network: 30, Global: 200}

// questions a second go to the resolver, as few as one browser may ask. It is
// no host that is looked at, so being polite to those does not slow it down: a
// domain takes some fifty questions.
const questions = 20

// Throttle makes connections wait for their turn. One may serve the guards of
// many scans. Memory grows with the networks of the last moments, not with
// those of all scans: a limit that is all there again is forgotten.
type Throttle struct {
	// Share gives the part, above 0 and at most 1, of the rates that this
	// process has in a network (/24 or /64), and of the rate altogether for the
	// zero Prefix; nil: all. It is asked of both before each connection, and of
	// the network before each request by one that there is; it may wait, and
	// refuses by its error. It is set before the first use.
	Share func(ctx context.Context, network netip.Prefix) (float64, error)

	names *rate.Limiter // questions to the resolver
	begun chan struct{} // connections on their way: sockets are few

	mu     sync.Mutex
	rates  Rates
	global *limit
	limits map[netip.Prefix]*limit
	crowd  int // of limits, at which those that are not needed are dropped
}

// limit is the one of a host, a network or all, as it stands.
type limit struct {
	*rate.Limiter
	perSecond float64
	users     int // connections that wait for it, or are about to
}

// leastCrowd is how many limits are kept without looking whether they are
// needed.
const leastCrowd = 1024

// NewThrottle makes a throttle that keeps the rates.
func NewThrottle(r Rates) *Throttle {
	if r.Questions <= 0 {
		r.Questions = questions
	}
	return &Throttle{rates: r, global: newLimit(r.Global), names: newLimit(r.Questions).Limiter, begun: make(chan struct{}, sockets()), limits: map[netip.Prefix]*limit{}, crowd: leastCrowd}
}

// Keep makes the throttle keep other rates from now on. Turns that were given
// stay.
func (t *Throttle) Keep(r Rates) {
	if r.Questions <= 0 {
		r.Questions = questions
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rates = r
	t.names.SetLimit(rate.Limit(r.Questions))
	t.names.SetBurst(burst(r.Questions))
}

// keeps gives the rates that hold now.
func (t *Throttle) keeps() Rates {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.rates
}

// newLimit allows bursts of a quarter of a second's worth, at least one.
func newLimit(perSecond float64) *limit {
	if perSecond <= 0 {
		return &limit{Limiter: rate.NewLimiter(rate.Inf, 0)}
	}
	return &limit{Limiter: rate.NewLimiter(rate.Limit(perSecond), burst(perSecond)), perSecond: perSecond}
}

func burst(perSecond float64) int { return max(1, int(perSecond/4)) }

// obey makes the limit one of perSecond. Turns that were given stay.
func (l *limit) obey(perSecond float64) {
	if perSecond != l.perSecond {
		l.SetLimit(rate.Limit(perSecond))
		l.SetBurst(burst(perSecond))
		l.perSecond = perSecond
	}
}

// turn says of which rates something takes a turn: of those of the address and
// its network, and of that of all connections.
type turn struct{ near, whole bool }

var (
	connects = turn{near: true, whole: true}
	asks     = turn{near: true}  // by a connection that there is
	asked    = turn{whole: true} // connects for something whose turn near by has come
)

// wait blocks until a connection to the address is due.
func (t *Throttle) wait(ctx context.Context, a netip.Addr) error { return t.take(ctx, a, connects) }

// take blocks until the turns have come. When one would come after the
// deadline of ctx it is refused at once.
func (t *Throttle) take(ctx context.Context, a netip.Addr, of turn) error {
	if a.IsLoopback() && !t.keeps().Own {
		return ctx.Err()
	}
	bits := 24
	if a.Is6() {
		bits = 64
	}
	network, _ := a.Prefix(bits)
	part, whole, err := t.shares(ctx, network, of)
	if err != nil {
		return err
	}
	began := time.Now() //nolint:forbidigo // how long it waits, by the limiter's own clock
	needed := t.enter(a, network, of, part, whole)
	defer t.leave(needed)
	for _, l := range needed {
		if l == nil {
			continue
		}
		if err := l.Wait(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fact.Because(fact.Skipped, "the rate limit left no time for this connection")
		}
	}
	if time.Since(began) > stale { //nolint:forbidigo // the same; the share may have been taken away meanwhile
		_, _, err = t.shares(ctx, network, of)
	}
	return err
}

// stale is how long a share is good for without asking again.
const stale = 100 * time.Millisecond

// shares gives the part that this process has of the rates in a network, and
// of that of all, where a turn of it is taken.
func (t *Throttle) shares(ctx context.Context, network netip.Prefix, of turn) (part, whole float64, err error) {
	if part, err = t.share(ctx, network); err == nil && of.whole {
		whole, err = t.share(ctx, netip.Prefix{})
	}
	return part, whole, err
}

func (t *Throttle) share(ctx context.Context, of netip.Prefix) (float64, error) {
	if t.Share == nil {
		return 1, nil
	}
	part, err := t.Share(ctx, of)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fact.Because(fact.Skipped, "this scanner may not connect now, for other scanners share the rate: "+err.Error())
	case part <= 0:
		return 0, fact.Because(fact.Skipped, "other scanners have all of the rate")
	}
	return min(part, 1), nil
}

// question blocks until the resolver may be asked again.
func (t *Throttle) question(ctx context.Context, resolver netip.Addr) error {
	if resolver.IsLoopback() && !t.keeps().Own {
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

// enter gives the limits by which a turn is taken, which are kept until they
// are left; nil: there is no bound.
func (t *Throttle) enter(a netip.Addr, network netip.Prefix, of turn, part, whole float64) (out [3]*limit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if of.near {
		out[0] = t.of(netip.PrefixFrom(a, a.BitLen()), t.rates.Host*part)
		out[1] = t.of(network, t.rates.Network*part)
	}
	if of.whole && t.rates.Global > 0 {
		t.global.obey(t.rates.Global * whole)
		t.global.users++
		out[2] = t.global
	}
	return out
}

// of gives the limit of a host or a network.
func (t *Throttle) of(p netip.Prefix, perSecond float64) *limit {
	if perSecond <= 0 {
		return nil
	}
	l := t.limits[p]
	if l == nil {
		t.forget()
		l = newLimit(perSecond)
		t.limits[p] = l
	}
	l.obey(perSecond)
	l.users++
	return l
}

func (t *Throttle) leave(all [3]*limit) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range all {
		if l != nil {
			l.users--
		}
	}
}

// forget drops the limits that nobody waits for and that are all there again:
// a new one is the same.
func (t *Throttle) forget() {
	if len(t.limits) < t.crowd {
		return
	}
	now := time.Now() //nolint:forbidigo // the limiter's own clock
	for p, l := range t.limits {
		if l.users == 0 && l.TokensAt(now) >= float64(l.Burst()) {
			delete(t.limits, p)
		}
	}
	t.crowd = max(leastCrowd, 2*len(t.limits))
}
