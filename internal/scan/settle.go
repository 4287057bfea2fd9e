package scan

import (
	"context"
	"fmt"
	"strings"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

// settle makes a plain connection, so that what is held is confirmed. If that
// fails, and another after a pause does not, what was held is done once more,
// one by one, with a pause before each connection; and from then on nothing is
// done at the same time. It gives the Unknown of what was lost when that fails
// too.
func (v *visit) settle(ctx context.Context) *fact.Unknown {
	if len(v.held) == 0 && !v.suspect {
		return nil
	}
	u := v.canary(ctx)
	if u == nil {
		return nil
	}
	lost := v.unconfirmed()
	if spent := over(ctx); spent != nil {
		v.rest(lost, spent)
		return spent
	}
	if u.Cause == fact.OutOfScope || u.Cause == fact.Denied || u.Cause == fact.Skipped {
		v.rest(lost, u) // the guard let nothing out: the endpoint has not blocked us
		return u
	}
	v.note("canary-failed", u)
	blocked := fact.Because(fact.Blocked, fmt.Sprintf("stopped answering during %s (%s)", names(lost), u.Error()))
	if u.Cause == fact.Reset && !v.heard.Load() {
		blocked = u // it never answered, so it cannot have stopped
	}
	if !sleep(ctx, v.Pause) {
		v.rest(lost, over(ctx))
		return over(ctx)
	}
	if u := v.canary(ctx); u != nil {
		v.rest(lost, blocked)
		return blocked
	}
	v.note("canary-recovered", nil)
	v.gentle, v.room = true, alone()
	defer func() { v.room = checks.NewRoom(1) }()
	for i, c := range lost {
		v.hold(v.observe(ctx, c, v.slowly))
		if u := v.canary(ctx); u != nil {
			v.note("canary-failed", u)
			v.rest(append(v.unconfirmed(), lost[i+1:]...), blocked)
			return blocked
		}
	}
	return nil
}

// alone is the room of a check that runs by itself: it has the only place.
func alone() checks.Room {
	r := checks.NewRoom(1)
	r <- struct{}{}
	return r
}

func names(of []*checks.Check) string {
	if len(of) == 0 {
		return "the look at other things"
	}
	var out []string
	for _, c := range of {
		out = append(out, c.ID)
	}
	return strings.Join(out, ", ")
}
