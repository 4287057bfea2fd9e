package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/worker"
)

// looker looks at units, one or many of them side by side. What is the same for
// all is made once.
type looker struct {
	app      *app
	o        lookOptions
	policy   *judge.Policy
	vantage  record.Vantage
	ports    checks.PortList
	resolver netip.AddrPort // zero: the system's
	pace     atomic.Pointer[pace]
	pool     *worker.Pool
	once     sync.Once // it is told once that templates cannot be run

	mu    sync.Mutex
	given map[string]*gathered // by the classes that are permitted
}

// pace is how fast is looked, which a crew may lower while it works.
type pace struct {
	scan.Rates
	throttle *scan.Throttle
}

// sight is a unit to be looked at, and what the files that it names hold.
type sight struct {
	unit      inventory.Unit
	file      record.File
	roots     *x509.CertPool
	cas       []record.File
	documents func(now time.Time) []fact.Observation
	only      []string // endpoints; none: all

	create func(record.Header) (*record.Writer, error)
	watch  func(*scan.Scan) (show func(scan.Progress), done func()) // nil: nobody watches
}

// newLooker checks the options. Nothing is sent and nothing is started.
func (a *app) newLooker(o lookOptions) (*looker, error) {
	l := &looker{app: a, o: o, given: map[string]*gathered{}}
	var err error
	if l.vantage, err = vantageOf(o); err != nil {
		return nil, err
	}
	if l.policy, err = loadPolicy(o.policy); err != nil {
		return nil, err
	}
	if o.workers < 1 || o.parallel < 1 || o.timeout <= 0 || o.budget <= 0 {
		return nil, faultf("--workers, --parallel, --timeout và --endpoint-budget phải lớn hơn 0", "--workers, --parallel, --timeout and --endpoint-budget must be above 0")
	}
	if l.ports, err = checks.ParsePorts(o.ports); err != nil {
		return nil, faultf("--ports %q không dùng được; viết default, all hoặc danh sách như 22,80,8000-8100", "--ports %q cannot be used; write default, all or a list such as 22,80,8000-8100", o.ports)
	}
	if o.resolver != "" {
		if l.resolver, err = scan.ParseResolver(o.resolver); err != nil {
			return nil, faultf("--resolver %q không phải địa chỉ; viết như 10.0.0.53", "--resolver %q is no address; write it as 10.0.0.53", o.resolver)
		}
	}
	l.pace.Store(&pace{o.rates, scan.NewThrottle(o.rates)})
	l.pool = a.workerPool(o.timeout)
	return l, nil
}

// close ends the template worker, if one was started.
func (l *looker) close() { l.pool.Close() }

// gather reads the templates that a scope permits, once for all that permit the
// same.
func (l *looker) gather(u inventory.Unit, scope *scan.Scope) (*gathered, error) {
	key := ""
	if u.Authorisation != nil {
		key = fmt.Sprint(slices.Sorted(slices.Values(u.Authorisation.Classes)))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if g := l.given[key]; g != nil {
		return g, nil
	}
	g, err := l.app.gather(l.o.templates, l.policy, l.o.policy, scope.Permits)
	if err == nil {
		l.given[key] = g
	}
	return g, err
}

// look writes all that is seen of a unit into the record that it makes. Its
// error says that it could not be kept, never that something is wrong with the
// unit.
func (l *looker) look(ctx context.Context, of sight) error {
	scope, err := scan.NewScope(of.unit)
	if err != nil {
		return err
	}
	at := l.pace.Load()
	guard := scan.NewGuard(scope, at.throttle, l.o.timeout, time.Now)
	if l.resolver.IsValid() {
		guard.UseResolver(l.resolver)
	}
	given, err := l.gather(of.unit, scope)
	if err != nil {
		return err
	}
	whole := scan.Plan(of.unit, append(l.policy.Needs(), given.needs...), given.checks...)
	tasks, err := only(whole, of.only)
	if err != nil {
		return err
	}
	s := l.scan(scope, guard, tasks, whole)
	s.Roots, s.Engine = of.roots, l.engine(guard, tasks)
	if l.o.through != nil {
		l.o.through(s)
	}
	w, err := of.create(record.Header{Tool: tool(), Policy: policyOf(l.policy),
		UnitFile: of.file, Unit: of.unit, CAs: of.cas, Vantage: l.vantage, Started: time.Now(), Limits: limits(s, at.Rates), Templates: given.sets, Plan: pairs(s)})
	if err != nil {
		return err
	}
	if err := fill(ctx, w, s, of, guard, l.pool); err != nil {
		_ = w.Close()
		return err
	}
	return nil
}

func (l *looker) scan(scope *scan.Scope, guard *scan.Guard, tasks, whole []scan.Task) *scan.Scan {
	o := l.o
	hosts := o.workers
	if o.rates.Network == 0 && o.rates.Global == 0 {
		hosts = max(hosts, 64) // nearly all of the time of a sweep is waiting
	}
	return &scan.Scan{
		Tasks: tasks, Whole: whole, Dial: guard.Dial, Packet: guard.DialPacket, Wide: guard.DialWide, Resolver: guard.DialResolver, Permits: scope.Permits, Vantage: l.vantage.Name, Zone: string(l.vantage.Zone),
		Workers: o.workers, Hosts: hosts, Parallel: o.parallel, Timeout: o.timeout, Thorough: o.thorough, Ports: l.ports, Endpoint: o.budget, Host: scan.HostBudget(o.budget, len(l.ports.Ports), hosts, o.rates), Pause: o.pause, Now: time.Now, Log: l.app.log,
	}
}

// engine starts the template worker where the plan has templates. Where it
// cannot be started that is said at once, and is the reason why nothing is
// known of them: nobody should wait for a scan to learn that a file is missing.
func (l *looker) engine(guard *scan.Guard, tasks []scan.Task) func(inventory.Endpoint, checks.DialFunc) scan.Engine {
	var fault *worker.Fault
	planned := slices.ContainsFunc(tasks, func(t scan.Task) bool {
		return slices.ContainsFunc(t.Checks, func(c *checks.Check) bool { return c.Template != nil })
	})
	if !planned || !errors.As(l.pool.Start(), &fault) {
		return guard.Engine(l.pool)
	}
	l.once.Do(func() {
		l.app.say(lang.T(fault.Text.Vi+". Các phép kiểm tra khác vẫn chạy; yêu cầu nào dựa vào mẫu thì chưa xác định được",
			fault.Text.En+". All other checks go on; requirements that rest on templates stay undetermined"))
	})
	return scan.WithoutEngine(fact.Because(fact.Skipped, fault.Unknown.Detail))
}

// fill runs the scan into the record.
func fill(ctx context.Context, w *record.Writer, s *scan.Scan, of sight, guard *scan.Guard, pool *worker.Pool) error {
	for _, o := range of.documents(time.Now()) {
		o.Vantage, o.Zone = s.Vantage, s.Zone
		if err := w.Observe(o); err != nil {
			return err
		}
	}
	done := func() {}
	if of.watch != nil {
		s.Progress, done = of.watch(s)
	}
	s.Observed = w.Observe
	s.Happened = func(e scan.Event) error {
		return w.Happened(record.Event{At: e.At, Endpoint: e.Endpoint, What: e.What, Unknown: e.Unknown, Connections: e.Made})
	}
	err := s.Run(ctx)
	done()
	if err != nil {
		return err
	}
	return w.Finish(record.End{At: time.Now(), Connections: guard.Made(), Stopped: ctx.Err() != nil, Worker: walls(pool)})
}

// only gives the tasks of the endpoints that were asked for; none: all. It leaves
// the list as it is, for what compares endpoints must know of all.
func only(tasks []scan.Task, ids []string) ([]scan.Task, error) {
	if len(ids) == 0 {
		return tasks, nil
	}
	var known []string
	for _, t := range tasks {
		known = append(known, t.Endpoint.ID)
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return nil, faultf("--only: tệp đơn vị không có điểm kết nối %q; có: %s", "--only: the unit file has no endpoint %q; there are: %s", id, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(tasks), func(t scan.Task) bool { return !slices.Contains(ids, t.Endpoint.ID) }), nil
}

func vantageOf(o lookOptions) (record.Vantage, error) {
	z, err := zone(o.zone)
	if err != nil {
		return record.Vantage{}, err
	}
	name := o.vantage
	if name == "" {
		if name, err = os.Hostname(); err != nil {
			name = "?"
		}
	}
	return record.Vantage{Name: name, Zone: z}, nil
}
