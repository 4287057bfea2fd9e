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

// listened is a connection of which it is noted whether a byte came.
type listened struct {
	net.Conn
	heard *atomic.Bool
}

// Read reads.
func (l *listened) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.heard.Store(true)
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
		room, before := c.room, c.asked()
		c.room = alone()
		o := c.observe(ctx, x.Check, c.dial)
		c.room = room
		c.hold(o)
		if c.asked() > before && missed(x.Check, o.Observation) && !c.heard.Load() { // some ask nothing, or another port
			return c.given(u)
		}
	}
	return nil
}

// asked is how many connections to the endpoint were begun.
func (c *crowd) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
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
	var least *checks.Check
	for _, x := range c.again {
		if o, ok := c.asIs[x]; ok && o.Unknown != nil && o.Made > 0 && (least == nil || o.Made < c.asIs[least].Made) {
			least = x
		}
	}
	if least == nil || !sleep(ctx, c.Pause) {
		return nil
	}
	c.room = alone()
	before := c.asked()
	o := c.observe(ctx, least, c.dial)
	if c.answered = c.heard.Load(); c.answered || c.asked() == before {
		return nil
	}
	c.asIs[least] = o
	if o.Unknown == nil || !missed(least, o.Observation) {
		return nil
	}
	u := c.given(o.Unknown)
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
