package scan

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync/atomic"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// listened is a connection of which it is noted whether a byte came, or one was
// asked or waited for in vain.
type listened struct {
	net.Conn
	heard *atomic.Bool
	vain  *atomic.Int32
}

// Read reads.
func (l *listened) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	switch {
	case n > 0:
		l.heard.Store(true)
	case err != nil:
		l.vain.Add(1)
	}
	return n, err
}

// Write writes.
func (l *listened) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	if err != nil {
		l.vain.Add(1)
	}
	return n, err
}

// CloseWrite ends what is sent.
func (l *listened) CloseWrite() error {
	if half, ok := l.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// mostMute observations, one after the other, are made of an endpoint that
// takes connections and of which not one byte came.
const mostMute = 4

// mute counts an observation that was missed while nothing else was asked.
func (c *crowd) mute(u *fact.Unknown) {
	if c.heard.Load() || u == nil {
		return
	}
	if c.muted++; c.muted >= mostMute {
		c.silent = u
	}
}

// still asks an endpoint that was silent one thing more, after a pause: resets
// come within a moment. If nothing comes even then it gives the Unknown of all
// that is left.
func (c *crowd) still(ctx context.Context) *fact.Unknown {
	u := c.silent
	if u == nil || !sleep(ctx, c.Pause) {
		return nil
	}
	c.silent, c.muted = nil, 0
	for !c.heard.Load() {
		x := c.next(ctx, true)
		if x == nil {
			return nil
		}
		c.begin(x)
		room, before := c.room, c.vain.Load()
		c.room = alone()
		o := c.observe(ctx, x.Check, c.dial)
		c.room = room
		c.hold(o)
		if c.vain.Load() > before && missed(x.Check, o.Observation) && !c.heard.Load() { // some ask nothing of it, or another port
			return c.given(u)
		}
	}
	return nil
}

// given is why an endpoint that never said anything is asked no more.
func (c *crowd) given(u *fact.Unknown) *fact.Unknown {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fact.Because(u.Cause, fmt.Sprintf("not asked: none of %d connections before, at several moments, brought a byte (%s)", c.begun, u.Detail))
}

// listen asks an endpoint of which not one byte came, when many things were
// asked at the same time, once more after a pause, and for one thing alone. If
// nothing comes even then it gives the Unknown of all that is left.
func (c *crowd) listen(ctx context.Context) *fact.Unknown {
	if c.heard.Load() || len(c.asIs) == 0 {
		return nil
	}
	these := slices.DeleteFunc(slices.Clone(c.again), func(x *checks.Check) bool {
		o, ok := c.asIs[x]
		return !ok || o.Unknown == nil || o.Made == 0
	})
	if len(these) == 0 || !sleep(ctx, c.Pause) {
		return nil
	}
	slices.SortStableFunc(these, func(a, b *checks.Check) int { return c.asIs[a].Made - c.asIs[b].Made })
	c.room = alone()
	for _, x := range these {
		if c.halted(ctx) {
			return nil
		}
		before := c.vain.Load()
		o := c.observe(ctx, x, c.dial)
		if c.answered = c.heard.Load(); c.answered {
			return nil
		}
		if c.vain.Load() == before {
			continue // it asked another port
		}
		c.asIs[x] = o
		if o.Unknown == nil || !missed(x, o.Observation) {
			return nil
		}
		return c.giveUp(ctx, o.Unknown)
	}
	return nil
}

// giveUp holds what was seen of an endpoint that never said anything, and gives
// the Unknown of all that is left.
func (c *crowd) giveUp(ctx context.Context, why *fact.Unknown) *fact.Unknown {
	u := c.given(why)
	left := slices.DeleteFunc(slices.Clone(c.again), func(x *checks.Check) bool {
		h, ok := c.asIs[x]
		if ok {
			c.hold(h)
		}
		return ok
	})
	if lost := c.settle(ctx); lost != nil {
		u = lost
	}
	c.rest(left, u)
	return u
}
