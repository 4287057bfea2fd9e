package scan

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// stages parts checks into those that any client might do, and after them those
// that are intrusive, or rest on one that is: what a firewall does about the
// latter must not touch what was seen before.
func stages(all []*checks.Check) [][]*checks.Check {
	late := map[*checks.Check]bool{}
	out := make([][]*checks.Check, 2)
	for _, c := range all {
		late[c] = c.Touch == checks.Intrusive || slices.ContainsFunc(c.Before(), func(r *checks.Check) bool { return late[r] })
		if late[c] {
			out[1] = append(out[1], c)
		} else {
			out[0] = append(out[0], c)
		}
	}
	return out
}

// crowd is a stage of a visit under way: checks that run at the same time, each
// once those that it requires are done.
type crowd struct {
	*visit
	todo     []*step         // not begun, those first on which the longest row of others rests
	again    []*checks.Check // to be done alone
	asIs     map[*checks.Check]*held
	answered bool
	muted    int           // observations in a row, made alone, of an endpoint that never said a byte
	silent   *fact.Unknown // why the last of them was missed, of as many as are asked in a row
}

// step is a check that is not begun yet.
type step struct {
	*checks.Check
	depth int             // how many checks in a row rest on it
	needs []*checks.Check // those of the task that it waits for and that may not be seen yet
}

func newCrowd(v *visit, stage []*checks.Check) *crowd {
	c := &crowd{visit: v, asIs: map[*checks.Check]*held{}}
	here := map[*checks.Check]bool{}
	for _, x := range v.task.Checks {
		here[x] = true
	}
	depth := map[*checks.Check]int{checks.TCPOpen: len(stage)} // the port first: whether it is open explains everything
	for _, x := range slices.Backward(stage) {
		needs := slices.DeleteFunc(x.Before(), func(r *checks.Check) bool { return !here[r] })
		for _, r := range needs {
			depth[r] = max(depth[r], depth[x]+1)
		}
		c.todo = append(c.todo, &step{x, depth[x], needs})
	}
	slices.Reverse(c.todo)
	slices.SortStableFunc(c.todo, func(a, b *step) int { return b.depth - a.depth })
	return c
}

// left is what is to be done again and what is not begun, in the order of the
// plan.
func (c *crowd) left() []*checks.Check {
	out := slices.Clone(c.again)
	for _, x := range c.todo {
		out = append(out, x.Check)
	}
	slices.SortStableFunc(out, func(a, b *checks.Check) int { return c.place(a) - c.place(b) })
	return out
}

// look does all checks of the stage. It gives the Unknown of what was not
// seen, and of all after it, if the endpoint answers no more.
func (c *crowd) look(ctx context.Context) *fact.Unknown {
	for len(c.todo) > 0 {
		c.run(ctx)
		u := c.still(ctx)
		if lost := c.settle(ctx); lost != nil {
			u = lost
		}
		if u != nil {
			c.rest(c.left(), u)
			return u
		}
		if u := over(ctx); u != nil {
			c.rest(c.left(), u)
			return u
		}
	}
	return c.one(ctx)
}

// run begins checks while there is room, until none is left that can be begun
// or a connection to the endpoint fails, and waits for all it began. Of the
// templates, which do little but wait for their turns, one at a time does, unless
// a control waits that they can share.
func (c *crowd) run(ctx context.Context) {
	type result struct {
		*checks.Check
		*held
	}
	done := make(chan result)
	running := 0
	waiting, turned := 0, make(chan struct{}, cap(c.room)) // templates for their turns; one has come
	for {
		next := c.next(ctx, waiting == 0 || c.controls.Shared())
		room := c.room
		if next == nil {
			if running == 0 && waiting == 0 {
				break
			}
			room = nil
		}
		select {
		case room <- struct{}{}:
			running++
			c.begin(next)
			own := ctx
			if next.Template != nil {
				waiting++
				own = checks.AtTurn(ctx, sync.OnceFunc(func() { turned <- struct{}{} }))
			}
			go func() {
				o := c.observe(own, next.Check, c.dial)
				checks.Turned(own)
				<-c.room
				done <- result{next.Check, o}
			}()
		case <-turned:
			waiting--
		case r := <-done:
			running--
			c.came(ctx, r.Check, r.held)
		}
	}
	if !c.halted(ctx) {
		// what is left rests on something that is to be done again
		c.again, c.todo = c.left(), nil
	}
}

func (c *crowd) halted(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil || c.suspect || c.silent != nil || ctx.Err() != nil
}

// next gives the check to begin next: of those that wait for nothing the one on
// which the longest row of others rests.
func (c *crowd) next(ctx context.Context, templates bool) *step {
	if c.halted(ctx) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.todo {
		for len(x.needs) > 0 && c.seen[x.needs[0]] != nil {
			x.needs = x.needs[1:]
		}
		if len(x.needs) == 0 && (templates || x.Template == nil) {
			return x
		}
	}
	return nil
}

// begin takes a step off what is not begun.
func (c *crowd) begin(x *step) {
	i := slices.Index(c.todo, x)
	c.todo = slices.Delete(c.todo, i, i+1)
}

// most observations may wait for a connection that confirms them.
const most = 32

// came takes an observation. What was missed may have been missed because a
// server lets in only so many at a time, or did not let us in just then. Of a
// host or a domain, each check has itself asked again what it missed.
func (c *crowd) came(ctx context.Context, x *checks.Check, o *held) {
	c.mu.Lock()
	suspect := c.suspect
	c.mu.Unlock()
	c.answered = c.answered || o.Unknown == nil && x != checks.TCPOpen
	if !c.task.Endpoint.HasPort() || !missed(x, o.Observation) || cap(c.room) == 1 && !suspect {
		if c.task.Endpoint.HasPort() && missed(x, o.Observation) && o.Made > 0 {
			c.mute(o.Unknown)
		}
		c.hold(o)
		if c.waiting() >= most {
			_ = c.canary(ctx) // connections that are kept alive confirm nothing
		}
		return
	}
	c.again = append(c.again, x)
	if !suspect {
		c.asIs[x] = o
	}
}

// missed tells of an observation with a part that an endpoint in a better mood
// might have shown.
func missed(x *checks.Check, o fact.Observation) bool {
	crowded := func(u fact.Unknown) bool {
		if x.Template != nil && (u.Cause == fact.Blocked || u.Cause == fact.Unanswered) {
			return false // an answer was held against a control, and does not change
		}
		return slices.Contains([]fact.Cause{fact.Reset, fact.Timeout, fact.Unreachable, fact.Blocked, fact.Unanswered}, u.Cause)
	}
	if o.Unknown != nil {
		return crowded(*o.Unknown)
	}
	if !bytes.Contains(o.Value, []byte(`"unknown"`)) {
		return false // there is no gap of such a cause
	}
	_, gaps := x.Fact.Read(o.Value)
	return slices.ContainsFunc(gaps, func(g fact.Gap) bool { return crowded(g.Unknown) })
}

// one does again, by one connection at a time, what was missed, and what rests
// on it. Of a server that let us in and answered nothing there is nothing more
// to hope for. One that shows more in this way is not crowded again.
func (c *crowd) one(ctx context.Context) *fact.Unknown {
	slices.SortStableFunc(c.again, func(a, b *checks.Check) int { return c.place(a) - c.place(b) })
	room := c.room
	defer func() {
		if c.room = room; c.gentle {
			c.room = checks.NewRoom(1)
		}
	}()
	if u := c.listen(ctx); u != nil {
		return u
	}
	for i, x := range c.again {
		o, ok := c.asIs[x]
		if !ok || c.answered && c.heard.Load() {
			c.room = alone()
			o = c.observe(ctx, x, c.dial)
			c.gentle = c.gentle || !missed(x, o.Observation)
		}
		c.hold(o)
		var u *fact.Unknown
		if x.Template == nil || i == len(c.again)-1 || c.waiting() >= most { // a thousand templates are not worth a thousand connections
			u = c.settle(ctx)
		}
		if u == nil {
			u = over(ctx)
		}
		if u != nil {
			c.rest(c.again[i+1:], u)
			return u
		}
	}
	return nil
}

func (c *crowd) place(x *checks.Check) int { return slices.Index(c.task.Checks, x) }
