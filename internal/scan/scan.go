package scan

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Scan is one run over the endpoints of a unit.
type Scan struct {
	Tasks    []Task
	Whole    []Task          // of the whole unit, where Tasks are but a part; nil: they are all
	Dial     checks.DialFunc // the guard's, in every real scan
	Packet   checks.DialFunc // the same over UDP
	Wide     checks.DialFunc // the same, hearing every port of the host
	Resolver checks.DialFunc // to the resolver
	Permits  func(inventory.Class) bool
	Roots    *x509.CertPool  // CAs that the unit declares
	Vantage  string          // name of the place that it looks from
	Zone     string          // and the part of the network that it is in
	Workers  int             // endpoints looked at at the same time
	Hosts    int             // hosts looked at at the same time, if more than that
	Parallel int             // connections to one endpoint at the same time
	Timeout  time.Duration   // one exchange
	Thorough bool            // try also what takes many connections
	Ports    checks.PortList // to ask of hosts
	Endpoint time.Duration   // everything about one endpoint
	Host     time.Duration   // the same about one host; 0: as about an endpoint
	Pause    time.Duration   // before trying again what was blocked, and between its connections
	Now      func() time.Time
	Log      zerolog.Logger

	// Engine gives what runs templates on an endpoint by connections of the
	// visit; it is closed at its end. nil: no template is run.
	Engine func(inventory.Endpoint, checks.DialFunc) Engine

	Observed func(fact.Observation) error // called once for every pair of the plan, one call at a time
	Happened func(Event) error            // the same
	Progress func(Progress)               // may be nil; calls may come at the same time
}

// Engine runs the templates of one endpoint.
type Engine interface {
	checks.Engine
	Close()
}

// Event is something worth keeping that is no observation.
type Event struct {
	At       time.Time
	Endpoint string
	What     string // canary-failed, canary-recovered, looked-at
	Unknown  *fact.Unknown
	Made     int // connections that all about the endpoint took; of looked-at
}

// Progress tells what is being looked at.
type Progress struct {
	Endpoint, Check string
	Kept            bool // the observation of this pair is kept; else it begins
	Done, Total     int  // pairs of endpoint and check
}

// Pairs counts what is planned.
func (s *Scan) Pairs() int {
	n := 0
	for _, t := range s.Tasks {
		n += len(t.Checks)
	}
	return n
}

// Budget is the longest that the looks can take. Before those at hosts comes
// the search for one that answers in each range, at the rates of the scan.
func (s *Scan) Budget() time.Duration {
	var out time.Duration
	for _, p := range s.phases() {
		if len(p.tasks) > 0 {
			out += time.Duration((len(p.tasks)+p.workers-1)/p.workers) * s.budget(p.tasks[0])
		}
	}
	return out
}

// phase is tasks that are done side by side.
type phase struct {
	tasks   []Task
	workers int
}

// phases puts hosts last: what a firewall does about being asked for all ports
// must not touch what is seen of the endpoints behind it.
func (s *Scan) phases() [2]phase {
	out := [2]phase{{nil, s.Workers}, {nil, max(s.Hosts, s.Workers)}}
	for _, t := range s.Tasks {
		i := 0
		if t.Endpoint.Kind == inventory.Host {
			i = 1
		}
		out[i].tasks = append(out[i].tasks, t)
	}
	return out
}

func (s *Scan) budget(t Task) time.Duration {
	if t.Endpoint.Kind == inventory.Host && s.Host > 0 {
		return s.Host
	}
	return s.Endpoint
}

// HostBudget is how long the look at a host may take: as long as that at an
// endpoint, and the time in which each of its ports is asked three times by
// the rates, of which each of so many hosts at once has its part, or once a
// second if it must be asked slowly.
func HostBudget(endpoint time.Duration, ports, hosts int, r Rates) time.Duration {
	perSecond := r.Host
	for _, shared := range []float64{r.Network, r.Global} {
		if part := shared / float64(max(1, hosts)); part > 0 && (perSecond == 0 || part < perSecond) {
			perSecond = part
		}
	}
	out := endpoint + time.Duration(ports)*time.Second
	if perSecond > 0 {
		out += time.Duration(float64(3*ports+100) / perSecond * float64(time.Second))
	}
	return out
}

// Run looks at everything planned and gives exactly one observation for each
// pair. When ctx ends, what is left is Unknown{skipped}. Its error is that of
// Observed or Happened: results that cannot be kept stop the scan.
func (s *Scan) Run(ctx context.Context) error {
	r := &run{Scan: s, total: s.Pairs(), seen: map[string]map[string]fact.Observation{}}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	for i, p := range r.phases() {
		if i > 0 {
			r.scout(ctx, p.tasks)
		}
		var g errgroup.Group
		g.SetLimit(p.workers)
		for _, t := range p.tasks {
			g.Go(func() error { return r.task(ctx, t) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return r.across(ctx)
}

// run is the state of a Scan in progress.
type run struct {
	*Scan
	total int
	stop  context.CancelCauseFunc
	life  life

	mu     sync.Mutex
	done   int
	failed error                                  // why results can no longer be kept
	seen   map[string]map[string]fact.Observation // by endpoint and check: what checks that are Across read
}

func (r *run) task(ctx context.Context, t Task) error {
	ctx, cancel := context.WithTimeoutCause(ctx, r.budget(t), errBudget)
	defer cancel()
	t.Checks = slices.DeleteFunc(slices.Clone(t.Checks), func(c *checks.Check) bool { return c.Across })
	v := newVisit(r, t)
	v.look(ctx)
	if v.engine != nil {
		v.engine.Close()
	}
	v.happen(Event{What: "looked-at", Made: v.made})
	return v.err
}

// keep hands an observation over. It is the only way out of a scan.
func (r *run) keep(o fact.Observation) error {
	o.Vantage, o.Zone = r.Vantage, r.Zone
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		return r.failed
	}
	r.done++
	r.remember(o)
	if err := r.Observed(o); err != nil {
		r.failed = fmt.Errorf("keep the result of %s on %s: %w", o.Check, o.Endpoint, err)
	}
	return r.failed
}

func (r *run) happened(e Event) error {
	e.At = r.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.Happened(e)
}

func (r *run) progress(endpoint, check string, kept bool) {
	if r.Progress == nil {
		return
	}
	r.mu.Lock()
	p := Progress{endpoint, check, kept, r.done, r.total}
	r.mu.Unlock()
	r.Progress(p)
}
