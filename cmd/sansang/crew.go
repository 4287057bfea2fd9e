package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/plan"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// crew is what works the tasks of runs in this process: it looks at a unit as
// the run is set, and judges by the run's policy.
type crew struct {
	app     *app
	o       lookOptions // of this machine; what is of a run comes from its settings
	policy  string      // that the operator named for this machine; empty: as the run does
	vantage record.Vantage
	share   func(context.Context, netip.Prefix) (float64, error) // of the rates; nil: nobody else has any

	mu       sync.Mutex
	pace     *pace
	lookers  map[string]*looker // by the settings and the policy of the runs
	memories map[*judge.Policy]*sync.Pool
	hours    map[hoursOf]bool // of which is told that units wait for them
}

func (a *app) newCrew(o lookOptions) (*crew, error) {
	v, err := vantageOf(o)
	return &crew{app: a, o: o, policy: o.policy, vantage: v, lookers: map[string]*looker{}, memories: map[*judge.Policy]*sync.Pool{}, hours: map[hoursOf]bool{}}, err
}

func (c *crew) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.lookers {
		l.close()
	}
}

// accept tells why a run cannot be worked on this machine; nil: it can.
func (c *crew) accept(run store.Run) error {
	_, err := c.looker(run)
	return err
}

// looker gives what looks for a run. It is the same for all runs that are set
// alike.
func (c *crew) looker(run store.Run) (*looker, error) {
	key := run.Policy.SHA256 + string(run.Settings)
	c.mu.Lock()
	defer c.mu.Unlock()
	if l := c.lookers[key]; l != nil {
		return l, nil
	}
	o := c.o
	if err := o.take(run); err != nil {
		return nil, err
	}
	if c.policy != "" {
		o.policy = c.policy
	}
	l, err := c.app.newLooker(o)
	if err != nil {
		return nil, err
	}
	if ref := l.policy.Ref(); ref.SHA256 != run.Policy.SHA256 {
		l.close()
		return nil, faultf("đợt %d theo chính sách %s bản %s, còn máy này có %s bản %s với nội dung khác; cài cùng bản sansang, hoặc nêu đúng tệp chính sách bằng --policy",
			"run %d is by the policy %s, version %s, and this machine has %s, version %s, which is not the same; install the same release of sansang, or name that policy's file with --policy",
			run.ID, run.Policy.ID, run.Policy.Version, l.policy.ID, l.policy.Version)
	}
	l.pace.Store(c.keepPace(o.rates))
	c.lookers[key] = l
	return l, nil
}

// keepPace gives the one throttle of this process. A run that asks for gentler
// rates makes them those of every connection from then on, also of looks under
// way: of two runs side by side neither may bring a network more than its own
// allows.
func (c *crew) keepPace(r scan.Rates) *pace {
	if c.pace != nil {
		was := c.pace.Rates
		r.Host, r.Network, r.Global, r.Own = gentler(r.Host, was.Host), gentler(r.Network, was.Network), gentler(r.Global, was.Global), r.Own || was.Own
	}
	switch {
	case c.pace == nil:
		c.pace = &pace{r, scan.NewThrottle(r)}
		c.pace.throttle.Share = c.part
	case r != c.pace.Rates:
		c.pace.throttle.Keep(r)
		c.pace = &pace{r, c.pace.throttle}
	}
	for _, l := range c.lookers {
		l.pace.Store(c.pace)
	}
	return c.pace
}

// part gives the part of a rate that this process may use. Whether a run can be
// worked is asked before there is a worker that could tell; looks come after.
func (c *crew) part(ctx context.Context, network netip.Prefix) (float64, error) {
	if c.share == nil {
		return 1, nil
	}
	return c.share(ctx, network)
}

// gentler is the lower of two rates, of which 0 is no bound.
func gentler(a, b float64) float64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// look is fleet's Look.
func (c *crew) look(ctx context.Context, t fleet.Task, w io.Writer) error {
	l, err := c.looker(t.Run)
	if err != nil {
		return err
	}
	roots, err := rootsOf(t.Unit.CAs)
	if err != nil {
		return err
	}
	var cas []record.File
	for _, ca := range t.Unit.CAs {
		cas = append(cas, record.File{Name: ca.Name, SHA256: ca.SHA256})
	}
	return l.look(ctx, sight{unit: t.Unit.Declared, file: t.Unit.File, roots: roots, cas: cas,
		documents: func(time.Time) []fact.Observation { return documentsOf(t) },
		create:    func(h record.Header) (*record.Writer, error) { return record.NewWriter(w, h) },
		watch: func(*scan.Scan) (func(scan.Progress), func()) {
			return func(p scan.Progress) {
				if p.Kept {
					t.Step(p.Done, p.Total)
				}
			}, func() {}
		}})
}

// documentsOf gives what the documents of a unit held. A batch has just read
// them, and found them as the list has them; a schedule has not.
func documentsOf(t fleet.Task) []fact.Observation {
	out := append([]fact.Observation(nil), t.Unit.Documents...)
	for i := range out {
		if t.Run.Kind == store.Batch && out[i].At.Before(t.Run.Created) {
			out[i].At = t.Run.Created
		}
	}
	return out
}

// judge is fleet's Judge.
func (c *crew) judge(t fleet.Task, records []*record.Assessment) (store.Judgement, error) {
	l, err := c.looker(t.Run)
	if err != nil {
		return store.Judgement{}, err
	}
	all := records[0]
	if len(records) > 1 {
		var in []record.Input
		for _, r := range records {
			in = append(in, record.Input{Name: fmt.Sprintf("%s (%s)", t.Unit.ID(), r.Header.Vantage.Zone), Assessment: r})
		}
		if all, err = record.Merge(in, true); err != nil {
			return store.Judgement{}, err
		}
	}
	of := caseOf(all, time.Time{})
	of.Incomplete = of.Incomplete || len(records) < len(t.Run.Vantages)
	of.Observations = l.policy.Disown(of.Observations, chosenTemplates(all))
	pool := c.memory(l.policy)
	m, _ := pool.Get().(*judge.Memory)
	defer pool.Put(m)
	of.Memory = m
	r := l.policy.Judge(of)
	j := store.JudgementOf(r)
	j.Expires = plan.Next(l.policy, of, r)
	return j, nil
}

func (c *crew) memory(p *judge.Policy) *sync.Pool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.memories[p] == nil {
		c.memories[p] = &sync.Pool{New: func() any { return judge.NewMemory() }}
	}
	return c.memories[p]
}

// newRun makes the run over a list as the options say.
func (c *crew) newRun(list int64, o lookOptions, vantages []string) (store.NewRun, error) {
	n := store.NewRun{List: list, Kind: store.Batch, PolicySource: o.policy}
	policy, err := loadPolicy(o.policy)
	if err != nil {
		return n, err
	}
	n.Policy = policyOf(policy)
	set, err := o.settings()
	if err != nil {
		return n, err
	}
	if n.Settings, err = json.Marshal(set); err != nil {
		return n, err
	}
	n.Vantages, err = zones(vantages, o.zone)
	return n, err
}

func policyOf(p *judge.Policy) record.Policy {
	return record.Policy{ID: p.ID, Version: p.Version, SHA256: p.Ref().SHA256}
}
