package scan

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

var errBudget = errors.New("the time budget of the endpoint is spent")

// visit looks at one endpoint. What was observed counts only when a connection
// that was begun later was made: the canary. That may be one of a later check,
// or a plain one made to this end. If it fails, the endpoint may be blocking
// us, and what was seen since the last good one may be the block and not the
// endpoint.
type visit struct {
	*run
	task Task
	room checks.Room

	engine   Engine // nil: no template is run
	controls checks.Controls

	mu      sync.Mutex
	seen    map[*checks.Check]*fact.Observation           // of those that others read, what they read; nil: not seen yet
	shared  map[*checks.Check]map[string]fact.Observation // what before gave of one that is read alone
	held    []*held                                       // observed, in this order, and not yet confirmed
	made    int                                           // connections begun
	begun   int                                           // those of them that go to the endpoint
	lived   int                                           // the last begun of those that were made
	suspect bool                                          // one has failed since the last plain one was made
	gentle  bool                                          // it showed more when it was asked one thing at a time
	err     error

	heard atomic.Bool  // a byte of the endpoint came, on whatever connection to it
	vain  atomic.Int32 // times that one was asked or waited for and none came
}

func newVisit(r *run, t Task) *visit {
	v := &visit{run: r, task: t, room: checks.NewRoom(max(1, r.Parallel)), seen: map[*checks.Check]*fact.Observation{}, shared: map[*checks.Check]map[string]fact.Observation{}}
	for _, c := range t.Checks {
		for _, b := range c.Before() {
			v.seen[b] = nil
		}
	}
	if r.Engine != nil {
		v.engine = r.Engine(t.Endpoint, v.dial)
	}
	return v
}

func (v *visit) look(ctx context.Context) {
	left := v.task.Checks
	if len(left) == 0 {
		return
	}
	if e := v.task.Endpoint; e.Kind == inventory.Host && strings.Contains(e.Target, "/") {
		v.rest(left, fact.Because(fact.Skipped, fmt.Sprintf("%s has more than %d addresses: declare the hosts in smaller ranges", e.Target, inventory.MaxHosts)))
		return
	}
	if u := v.canary(ctx); u != nil {
		v.unreached(ctx, left, u)
		return
	}
	stages := stages(left)
	for i, stage := range stages {
		if u := newCrowd(v, stage).look(ctx); u != nil {
			v.rest(slices.Concat(stages[i+1:]...), u)
			return
		}
	}
}

// unreached says of every check why the endpoint could not be reached. Whether
// the port is open is still asked: a refusal is an answer to that.
func (v *visit) unreached(ctx context.Context, left []*checks.Check, u *fact.Unknown) {
	if left[0] == checks.TCPOpen && over(ctx) == nil {
		v.keep(v.observe(ctx, left[0], v.dial).Observation)
		left = left[1:]
	}
	v.rest(left, u)
}

// observe runs a check on what was seen so far.
func (v *visit) observe(ctx context.Context, c *checks.Check, dial checks.DialFunc) *held {
	v.progress(v.task.Endpoint.ID, c.ID, false)
	seen := v.before(c)
	s := checks.Settings{Dial: dial, Packet: v.counted(v.Packet), Wide: v.counted(v.Wide), Resolver: v.counted(v.Resolver), Permits: v.Permits, Room: v.room, Roots: v.Roots, Now: v.Now, Timeout: v.Timeout, Thorough: v.Thorough, Ports: v.Ports, Neighbour: v.life.beside, Log: v.Log}
	if v.engine != nil {
		s.Engine, s.Controls = v.engine, &v.controls
	}
	return v.complete(c, c.Observe(ctx, checks.NewProbe(s, v.task.Endpoint, seen)))
}

// before gives what was observed of what a check reads, to be read and not
// changed: checks that read but one other, as most templates do, share it.
func (v *visit) before(c *checks.Check) map[string]fact.Observation {
	reads := c.Before()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(reads) == 1 && v.shared[reads[0]] != nil {
		return v.shared[reads[0]]
	}
	out := map[string]fact.Observation{}
	for _, b := range reads {
		if o := v.seen[b]; o != nil {
			out[b.ID] = *o
		}
	}
	if len(reads) == 1 {
		v.shared[reads[0]] = out
	}
	return out
}

// dial connects for a check. A connection to the endpoint confirms what was
// complete before it was begun.
func (v *visit) dial(ctx context.Context, address string) (net.Conn, error) {
	own := address == v.task.Endpoint.Address()
	v.mu.Lock()
	v.made++
	if own {
		v.begun++
	}
	mine := v.begun
	v.mu.Unlock()
	conn, err := v.Dial(ctx, address)
	v.life.note(address, err)
	switch {
	case !own:
	case err == nil:
		v.confirm(mine)
		if !v.heard.Load() {
			conn = &listened{conn, &v.heard, &v.vain}
		}
	case ctx.Err() == nil:
		v.mu.Lock()
		v.suspect = true
		v.mu.Unlock()
	}
	return conn, err
}

// counted is a way to connect that says nothing about whether the endpoint
// lives, but counts among the connections that the look at it took.
func (v *visit) counted(dial checks.DialFunc) checks.DialFunc {
	if dial == nil {
		return nil
	}
	return func(ctx context.Context, address string) (net.Conn, error) {
		v.mu.Lock()
		v.made++
		v.mu.Unlock()
		return dial(ctx, address)
	}
}

// slowly is dial with a pause before it.
func (v *visit) slowly(ctx context.Context, address string) (net.Conn, error) {
	if !sleep(ctx, v.Pause) {
		return nil, context.Cause(ctx)
	}
	return v.dial(ctx, address)
}

// canary makes a plain connection and closes it. A host and a domain are no
// one port: what is seen of them must prove itself.
func (v *visit) canary(ctx context.Context) *fact.Unknown {
	if !v.task.Endpoint.HasPort() {
		v.mu.Lock()
		v.begun++
		mine := v.begun
		v.mu.Unlock()
		v.confirm(mine)
		return nil
	}
	conn, err := v.dial(ctx, v.task.Endpoint.Address())
	if err != nil {
		if u := over(ctx); u != nil {
			return u
		}
		return fact.FromError(err)
	}
	_ = conn.Close()
	v.mu.Lock()
	v.suspect = false
	v.mu.Unlock()
	return nil
}

// unconfirmed takes back what is held, and says of which checks.
func (v *visit) unconfirmed() (lost []*checks.Check) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, h := range v.held {
		v.see(h.of, nil)
	}
	for _, c := range v.task.Checks {
		if slices.ContainsFunc(v.held, func(h *held) bool { return h.of == c }) {
			lost = append(lost, c)
		}
	}
	v.held = nil
	return lost
}

// rest says the same Unknown of every check that is left.
func (v *visit) rest(left []*checks.Check, u *fact.Unknown) {
	for _, c := range left {
		v.keep(fact.Observation{Check: c.ID, Endpoint: v.task.Endpoint.ID, At: v.Now(), Known: c.Known, Unknown: u})
	}
}

func (v *visit) keep(o fact.Observation) {
	if err := v.run.keep(o); err != nil {
		v.fail(err)
		return
	}
	v.progress(o.Endpoint, o.Check, true)
}

func (v *visit) note(what string, u *fact.Unknown) { v.happen(Event{What: what, Unknown: u}) }

func (v *visit) happen(e Event) {
	e.Endpoint = v.task.Endpoint.ID
	if err := v.happened(e); err != nil {
		v.fail(err)
	}
}

func (v *visit) fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err == nil {
		v.err = err
		v.stop(err)
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
