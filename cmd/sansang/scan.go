package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/report"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/worker"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	policy, output  string
	at              string
	zone, vantage   string
	timeout, budget time.Duration
	pause           time.Duration
	workers         int
	parallel        int
	polite          bool
	thorough        bool
	trust           []string
	only            []string
	resolver        string
	ports           string
	rates           scan.Rates
	render          renderOptions
	templates       templateOptions
	through         func(*scan.Scan) // of the demo: keeps it to the practice servers
}

// defaultParallel is what a browser allows itself with one server.
const defaultParallel = 6

func (a *app) scan() *cobra.Command {
	o := scanOptions{rates: scan.DefaultRates}
	c := &cobra.Command{
		Use:   a.t("scan TỆP-ĐƠN-VỊ", "scan UNIT-FILE"),
		Short: a.t("Rà quét một đơn vị và đánh giá", "Scan a unit and judge it"),
		Long: a.t(`Rà quét các điểm kết nối khai báo trong tệp đơn vị, ghi mọi kết quả vào hồ sơ đánh
giá ngay khi có, rồi đánh giá và in báo cáo. Chỉ gửi gói tin tới những địa chỉ mà
văn bản cho phép (mục authorisation); không có văn bản thì chỉ rà quét máy này.`,
			`Looks at the endpoints of a unit file, writes every result into an assessment
file as it comes, then judges and prints a report. Packets go only to addresses
that the authorisation permits; without one, only to this machine.`),
		Example: "  sansang scan don-vi.yaml --vantage internal\n  sansang scan don-vi.yaml -o ho-so.jsonl --report bao-cao.html",
		Args:    a.exactly(1, "tệp đơn vị", "a unit file"),
		RunE: func(c *cobra.Command, args []string) error {
			o.settle(c.Flags().Changed)
			return a.runScan(c.Context(), args[0], o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml (mặc định: population-db, bản áp dụng vào ngày đánh giá)", "policy: a name, or the path of a .yaml file (default: population-db, as it holds on the day of judgement)"))
	f.StringVarP(&o.output, "output", "o", "", a.t("ghi hồ sơ đánh giá vào tệp này (mặc định: <mã đơn vị>-<giờ>.jsonl)", "write the assessment here (default: <unit>-<time>.jsonl)"))
	f.StringVar(&o.at, "at", "", a.t("đánh giá theo ngày này, ví dụ 2027-01-01 (mặc định: lúc quét xong)", "judge as of this day, such as 2027-01-01 (default: when the scan ends)"))
	f.StringVar(&o.zone, "vantage", "", a.t("máy quét đang đặt ở vùng nào: internet, wan, internal, admin", "the zone this machine looks from: internet, wan, internal, admin"))
	f.StringVar(&o.vantage, "vantage-name", "", a.t("tên nơi đặt máy quét, ghi vào hồ sơ (mặc định: tên máy)", "name of the place, for the record (default: the machine's name)"))
	f.DurationVar(&o.timeout, "timeout", 8*time.Second, a.t("thời gian chờ một lần hỏi đáp", "time for one exchange"))
	f.DurationVar(&o.budget, "endpoint-budget", 3*time.Minute, a.t("thời gian tối đa cho một điểm kết nối", "time for everything about one endpoint"))
	f.DurationVar(&o.pause, "pause", 2*time.Second, a.t("nghỉ trước khi thử lại điểm kết nối đã chặn ta", "pause before trying again what blocked us"))
	f.BoolVar(&o.thorough, "thorough", false, a.t("thử cả những lỗ hổng cần nhiều kết nối (POODLE trên TLS)", "try also holes that take many connections (POODLE over TLS)"))
	f.StringSliceVar(&o.trust, "trust", nil, a.t("tệp PEM của CA được tin cậy thêm (ngoài trusted_cas của tệp đơn vị)", "PEM file of a further trusted CA (beside trusted_cas of the unit file)"))
	f.StringSliceVar(&o.only, "only", nil, a.t("chỉ xem các điểm kết nối có mã này: những điểm nhìn thấy được từ nơi đặt máy quét, rồi ghép với hồ sơ từ nơi khác (sansang merge)", "look at the endpoints with these ids alone: those that can be seen from here, to be joined with records from elsewhere (sansang merge)"))
	f.StringVar(&o.resolver, "resolver", "", a.t("máy phân giải tên miền để hỏi DNS, ví dụ 10.0.0.53 (mặc định: của hệ điều hành)", "the resolver for questions of the DNS, such as 10.0.0.53 (default: the system's)"))
	f.IntVar(&o.workers, "workers", 4*runtime.NumCPU(), a.t("số điểm kết nối quét cùng lúc", "endpoints looked at at the same time"))
	f.IntVar(&o.parallel, "parallel", defaultParallel, a.t("số kết nối cùng lúc tới một điểm kết nối", "connections to one endpoint at the same time"))
	f.BoolVar(&o.polite, "polite", false, a.t("nhẹ nhất có thể: mỗi máy hai kết nối một phút, lần lượt (mỗi điểm mất từ nửa giờ đến một giờ)", "as gentle as can be: two connections a minute to one host, one after the other (half an hour to an hour an endpoint)"))
	f.StringVar(&o.ports, "ports", "default", a.t("các cổng TCP hỏi ở mỗi máy của mục hosts: default, all, hoặc danh sách như 22,80,8000-8100", "TCP ports to ask of each host in hosts: default, all, or a list such as 22,80,8000-8100"))
	f.Var((*rate)(&o.rates.Host), "rate-host", a.t("số kết nối mới mỗi giây tới một máy (max: không giới hạn)", "new connections a second to one host (max: no bound)"))
	f.Var((*rate)(&o.rates.Network), "rate-network", a.t("… tới một dải /24", "… to one /24 (IPv6 /64)"))
	f.Var((*rate)(&o.rates.Global), "rate", a.t("… tất cả (max: bỏ cả hai giới hạn trên, nếu không ghi riêng)", "… altogether (max: lifts the two bounds above too, unless they are given)"))
	a.templateFlags(c, &o.templates)
	a.renderFlags(f, &o.render, "report", "")
	return c
}

// settle fills in what other flags imply, where nothing else was asked for.
func (o *scanOptions) settle(asked func(flag string) bool) {
	if o.polite {
		if !asked("rate-host") {
			o.rates.Host = 2.0 / 60
		}
		if !asked("parallel") {
			o.parallel = 1
		}
		if !asked("endpoint-budget") {
			o.budget = 3 * time.Hour
		}
	}
	if o.rates.Global == 0 && !o.polite {
		if !asked("rate-host") {
			o.rates.Host = 0
		}
		if !asked("rate-network") {
			o.rates.Network = 0
		}
	}
	o.rates.Own = o.polite || asked("rate-host") || asked("rate-network") || asked("rate")
}

func (a *app) runScan(ctx context.Context, path string, o scanOptions) error {
	show, err := a.renderer(o.render)
	if err != nil {
		return err
	}
	at, err := parseAt(o.at)
	if err != nil {
		return err
	}
	if o.policy == "" {
		moment := at
		if moment.IsZero() {
			moment = time.Now()
		}
		if o.policy, err = edition(defaultPolicy, moment); err != nil {
			return err
		}
	}
	assessed, policy, err := a.assess(ctx, path, o)
	if err != nil {
		return err
	}
	judged := policy.Judge(caseOf(assessed, at))
	if err := show(report.Document{Judged: judged, Assessment: assessed, Schema: policy.Schema()}); err != nil {
		return err
	}
	return verdict(judged.Verdict)
}

// assess scans the unit and gives the assessment as it stands in its file.
func (a *app) assess(ctx context.Context, path string, o scanOptions) (*record.Assessment, *judge.Policy, error) {
	unit, err := readUnit(path)
	if err != nil {
		return nil, nil, err
	}
	vantage, err := a.vantage(o)
	if err != nil {
		return nil, nil, err
	}
	policy, err := loadPolicy(o.policy)
	if err != nil {
		return nil, nil, err
	}
	if o.workers < 1 || o.parallel < 1 || o.timeout <= 0 || o.budget <= 0 {
		return nil, nil, faultf("--workers, --parallel, --timeout và --endpoint-budget phải lớn hơn 0", "--workers, --parallel, --timeout and --endpoint-budget must be above 0")
	}
	ports, err := checks.ParsePorts(o.ports)
	if err != nil {
		return nil, nil, faultf("--ports %q không dùng được; viết default, all hoặc danh sách như 22,80,8000-8100", "--ports %q cannot be used; write default, all or a list such as 22,80,8000-8100", o.ports)
	}
	roots, cas, err := unit.roots(o.trust)
	if err != nil {
		return nil, nil, err
	}
	scope, err := scan.NewScope(unit.Unit)
	if err != nil {
		return nil, nil, err
	}
	a.warnScope(scope, unit.Unit)
	guard := scan.NewGuard(scope, scan.NewThrottle(o.rates), o.timeout, time.Now)
	if o.resolver != "" {
		at, err := scan.ParseResolver(o.resolver)
		if err != nil {
			return nil, nil, faultf("--resolver %q không phải địa chỉ; viết như 10.0.0.53", "--resolver %q is no address; write it as 10.0.0.53", o.resolver)
		}
		guard.UseResolver(at)
	}
	given, err := a.gather(o.templates, policy, o.policy, scope.Permits)
	if err != nil {
		return nil, nil, err
	}
	pool := a.workerPool(o.timeout)
	defer pool.Close()
	whole := scan.Plan(unit.Unit, append(policy.Needs(), given.needs...), given.checks...)
	tasks, err := only(whole, o.only)
	if err != nil {
		return nil, nil, err
	}
	hosts := o.workers
	if o.rates.Network == 0 && o.rates.Global == 0 {
		hosts = max(hosts, 64) // nearly all of the time of a sweep is waiting
	}
	s := &scan.Scan{
		Tasks: tasks, Whole: whole, Dial: guard.Dial, Packet: guard.DialPacket, Wide: guard.DialWide, Resolver: guard.DialResolver, Permits: scope.Permits, Roots: roots, Vantage: vantage.Name, Zone: string(vantage.Zone),
		Workers: o.workers, Hosts: hosts, Parallel: o.parallel, Timeout: o.timeout, Thorough: o.thorough, Ports: ports, Endpoint: o.budget, Host: scan.HostBudget(o.budget, len(ports.Ports), hosts, o.rates), Pause: o.pause, Now: time.Now, Log: a.log,
		Engine: a.engine(guard, pool, tasks),
	}
	if o.through != nil {
		o.through(s)
	}
	if o.output == "" {
		o.output = fmt.Sprintf("%s-%s.jsonl", unit.Unit.Unit.ID, time.Now().In(inventory.Vietnam).Format("20060102-150405"))
	}
	header := record.Header{Tool: tool(), Policy: record.Policy{ID: policy.ID, Version: policy.Version, SHA256: policy.Ref().SHA256},
		UnitFile: unit.file, Unit: unit.Unit, CAs: cas, Vantage: vantage, Started: time.Now(), Limits: limits(s, o.rates), Templates: given.sets, Plan: pairs(s)}
	w, err := record.Create(o.output, header)
	if err != nil {
		return nil, nil, err
	}
	if err := a.fill(ctx, w, s, unit, guard, pool); err != nil {
		_ = w.Close()
		return nil, nil, err
	}
	if !a.quiet {
		a.say(lang.Tf("hồ sơ đánh giá: %s", "assessment file: %s", o.output))
	}
	assessed, err := record.Open(o.output)
	return assessed, policy, err
}

// fill runs the scan into the record.
func (a *app) fill(ctx context.Context, w *record.Writer, s *scan.Scan, unit *unitFile, guard *scan.Guard, pool *worker.Pool) error {
	for _, o := range unit.documents(time.Now()) {
		o.Vantage, o.Zone = s.Vantage, s.Zone
		if err := w.Observe(o); err != nil {
			return err
		}
	}
	p := a.progress(s)
	s.Progress = p.show
	s.Observed = w.Observe
	s.Happened = func(e scan.Event) error {
		return w.Happened(record.Event{At: e.At, Endpoint: e.Endpoint, What: e.What, Unknown: e.Unknown, Connections: e.Made})
	}
	err := s.Run(ctx)
	p.done()
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

func (a *app) vantage(o scanOptions) (record.Vantage, error) {
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

// warnScope says at once what would else be found only in the results.
func (a *app) warnScope(s *scan.Scope, u inventory.Unit) {
	if !s.Authorised() {
		a.say(lang.T("tệp đơn vị chưa có văn bản cho phép (authorisation): chỉ rà quét được chính máy này", "the unit file has no authorisation: only this machine may be scanned"))
	} else if u := s.Time(time.Now()); u != nil {
		a.say(lang.T("văn bản cho phép không có hiệu lực lúc này: sẽ không gửi gói tin nào", "the authorisation does not hold now: no packet will be sent"))
	}
	if len(u.Places()) == 0 {
		a.say(lang.T("tệp đơn vị không có điểm kết nối nào", "the unit file has no endpoint"))
	}
}
