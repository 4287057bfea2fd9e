package fleet

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// Gate bounds how many units are looked at at once. An overloaded scanner would
// see time-outs that are not the unit's, so the bound grows while this process
// keeps up and shrinks when it falls behind. A unit is in work for half a minute
// and longer, so what the bound does shows late: it moves in small steps, and not
// again downwards before the last step has come to bear. Decision 55.
type Gate struct {
	least, most int
	step        int    // by which the bound grows
	memory      uint64 // in use, above which it does not

	mu       sync.Mutex
	limit    int
	asked    int                 // slots kept for jobs that are being fetched
	in       map[int64]time.Time // River's number of a job that is here → since
	left     map[int64]time.Time // that was here → until when, for mendAfter
	closed   bool
	wanting  bool                 // slots lacked since the last measure
	nothing  map[string]time.Time // queues that were empty → when
	received time.Time            // when the last job came
}

// The lateness of a process that keeps up, and of one that is behind. Between
// them nothing is changed.
const (
	keepsUp = 50 * time.Millisecond
	behind  = 200 * time.Millisecond
)

// emptyFor is how long a queue that had no job is not asked again.
const emptyFor = 400 * time.Millisecond

func newGate(o Options, cpus int) *Gate {
	return &Gate{least: o.Least, most: o.Most, step: 2 * cpus, memory: o.Memory, limit: min(max(4*cpus, o.Least), o.Most),
		in: map[int64]time.Time{}, left: map[int64]time.Time{}, nothing: map[string]time.Time{}, received: time.Now()}
}

// Now gives how many units may be looked at at once, and how many are.
func (g *Gate) Now() (limit, at int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.limit, len(g.in)
}

// adjust moves the bound by what was measured since the last time, a second ago:
// how late things ran, and the memory in use.
func (g *Gate) adjust(late time.Duration, memory uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case late > behind || memory > g.memory+g.memory/4:
		if len(g.in) <= g.limit {
			g.limit -= max(g.limit/10, 1)
		}
	case late < keepsUp && memory < g.memory && g.wanting:
		g.limit += g.step
	}
	g.limit = min(max(g.limit, g.least), g.most)
	g.wanting = false
}

// reserve keeps up to want slots for jobs of a queue that are about to be fetched.
func (g *Gate) reserve(queue string, want int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || time.Since(g.nothing[queue]) < emptyFor {
		return 0
	}
	free := max(g.limit-len(g.in)-g.asked, 0)
	g.wanting = g.wanting || free == 0
	n := min(want, free)
	g.asked += n
	return n
}

// fetched gives back n slots that were kept, and fills them by the jobs that came.
func (g *Gate) fetched(queue string, n int, jobs []int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked -= n
	delete(g.nothing, queue)
	if len(jobs) == 0 {
		g.nothing[queue] = time.Now()
	}
	for _, id := range jobs {
		g.in[id] = time.Now()
		g.received = time.Now()
	}
}

func (g *Gate) leave(job int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.in, job)
	maps.DeleteFunc(g.left, func(_ int64, at time.Time) bool { return time.Since(at) > mendAfter })
	g.left[job] = time.Now()
}

// has tells whether a job is here, or was just now: River still writes down what
// became of it, such as that it waits.
func (g *Gate) has(job int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, here := g.in[job]
	return here || time.Since(g.left[job]) < mendAfter
}

// idle tells for how long no job came although there was room.
func (g *Gate) idle() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.in)+g.asked >= g.limit {
		return 0
	}
	return time.Since(g.received)
}

// came begins the count of idle time anew.
func (g *Gate) came() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.received = time.Now()
}

// shut lets no job in any more, or lets them in again.
func (g *Gate) shut(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	clear(g.nothing)
	g.received = time.Now()
}

// gated is a driver of River that fetches only what the gate has room for.
// River itself knows a fixed number alone: it would take jobs that then wait
// here while another machine has nothing to do.
type gated struct {
	driver
	gate *Gate
}

func (d gated) GetExecutor() riverdriver.Executor {
	return gatedExecutor{d.driver.GetExecutor(), d.gate}
}

type gatedExecutor struct {
	riverdriver.Executor
	gate *Gate
}

func (e gatedExecutor) JobGetAvailable(ctx context.Context, p *riverdriver.JobGetAvailableParams) (*riverdriver.JobGetAvailableResult, error) {
	if p.Queue == scheduleQueue {
		return e.Executor.JobGetAvailable(ctx, p)
	}
	n := e.gate.reserve(p.Queue, p.MaxToLock)
	if n == 0 {
		return &riverdriver.JobGetAvailableResult{}, nil
	}
	fewer := *p
	fewer.MaxToLock = n
	res, err := e.Executor.JobGetAvailable(ctx, &fewer)
	var ids []int64
	if res != nil {
		for _, j := range res.Jobs {
			ids = append(ids, j.ID)
		}
	}
	e.gate.fetched(p.Queue, n, ids)
	return res, err
}
