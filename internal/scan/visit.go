package scan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

var errBudget = errors.New("the time budget of the endpoint is spent")

// visit looks at one endpoint. Before the first and after every check that
// sends something, a plain connection is made: the canary. What was observed
// counts only when the canary after it lived; if it died, the endpoint may be
// blocking us, and what we saw since the last good one may be the block and
// not the endpoint.
type visit struct {
	*run
	task Task
	seen map[string]fact.Observation
	err  error
}

func (v *visit) look(ctx context.Context) {
	left := v.task.Checks
	if len(left) == 0 {
		return
	}
	if u := v.canary(ctx); u != nil {
		v.unreached(ctx, left, u)
		return
	}
	for i, c := range left {
		if v.err != nil {
			return
		}
		if u := over(ctx); u != nil {
			v.rest(left[i:], u)
			return
		}
		o := v.observe(ctx, c, v.Dial)
		if c.Touch != checks.Passive {
			u, blocked := v.confirmed(ctx, c, &o)
			if blocked {
				v.rest(left[i:], u)
				return
			}
		}
		v.keep(o)
	}
}

// unreached says of every check why the endpoint could not be reached. Whether
// the port is open is still asked: a refusal is an answer to that.
func (v *visit) unreached(ctx context.Context, left []*checks.Check, u *fact.Unknown) {
	if left[0] == checks.TCPOpen && over(ctx) == nil {
		v.keep(v.observe(ctx, left[0], v.Dial))
		left = left[1:]
	}
	v.rest(left, u)
}

// confirmed makes the canary connection after a check. When it dies the check
// is tried once more after a pause, with a pause before each connection. It
// gives the Unknown for this check and all after it when that fails too.
func (v *visit) confirmed(ctx context.Context, c *checks.Check, o *fact.Observation) (*fact.Unknown, bool) {
	u := v.canary(ctx)
	if u == nil {
		return nil, false
	}
	if spent := over(ctx); spent != nil {
		return spent, true
	}
	v.note("canary-failed", u)
	blocked := fact.Because(fact.Blocked, fmt.Sprintf("stopped answering during %s (%s)", c.ID, u.Error()))
	if !sleep(ctx, v.Pause) {
		return over(ctx), true
	}
	if u := v.canary(ctx); u != nil {
		return blocked, true
	}
	v.note("canary-recovered", nil)
	*o = v.observe(ctx, c, v.slowly)
	if u := v.canary(ctx); u != nil {
		v.note("canary-failed", u)
		return blocked, true
	}
	return nil, false
}

func (v *visit) slowly(ctx context.Context, address string) (net.Conn, error) {
	if !sleep(ctx, v.Pause) {
		return nil, context.Cause(ctx)
	}
	return v.Dial(ctx, address)
}

// observe runs a check. A check whose time ran out because the whole budget
// did says so.
func (v *visit) observe(ctx context.Context, c *checks.Check, dial checks.DialFunc) fact.Observation {
	v.progress(v.task.Endpoint.ID, c.ID, false)
	p := checks.NewProbe(checks.Settings{Dial: dial, Roots: v.Roots, Now: v.Now, Timeout: v.Timeout, Log: v.Log}, v.task.Endpoint, v.seen)
	o := c.Observe(ctx, p)
	v.seen[c.ID] = o
	return o
}

// canary makes a plain connection and closes it.
func (v *visit) canary(ctx context.Context) *fact.Unknown {
	ctx, cancel := context.WithTimeout(ctx, v.Timeout)
	defer cancel()
	conn, err := v.Dial(ctx, v.task.Endpoint.Address())
	if err != nil {
		return fact.FromError(err)
	}
	_ = conn.Close()
	return nil
}

// rest says the same Unknown of every check that is left.
func (v *visit) rest(left []*checks.Check, u *fact.Unknown) {
	for _, c := range left {
		v.keep(fact.Observation{Check: c.ID, Endpoint: v.task.Endpoint.ID, At: v.Now(), Unknown: u})
	}
}

func (v *visit) keep(o fact.Observation) {
	if v.err == nil {
		v.err = v.run.keep(o)
		v.progress(o.Endpoint, o.Check, true)
	}
}

func (v *visit) note(what string, u *fact.Unknown) {
	if v.err == nil {
		v.err = v.happened(Event{Endpoint: v.task.Endpoint.ID, What: what, Unknown: u})
	}
}

// over tells why nothing more can be looked at, nil while there is time.
func over(ctx context.Context) *fact.Unknown {
	switch {
	case ctx.Err() == nil:
		return nil
	case errors.Is(context.Cause(ctx), errBudget):
		return fact.Because(fact.Timeout, errBudget.Error())
	}
	return fact.Because(fact.Skipped, "the scan was stopped")
}

// sleep waits; it tells whether the whole time passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
