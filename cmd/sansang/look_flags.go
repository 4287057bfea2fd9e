package main

import (
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/scan"
)

// lookOptions say how units are looked at.
type lookOptions struct {
	policy          string
	zone, vantage   string
	timeout, budget time.Duration
	pause           time.Duration
	workers         int
	parallel        int
	polite          bool
	thorough        bool
	wait            bool // of many units: each for its hours
	resolver        string
	ports           string
	rates           scan.Rates
	templates       templateOptions
	through         func(*scan.Scan) // of the demo: keeps it to the practice servers
}

// defaultParallel is what a browser allows itself with one server.
const defaultParallel = 6

// lookFlags are those by which one unit or many are looked at.
func (a *app) lookFlags(c *cobra.Command, o *lookOptions) {
	a.placeFlags(c, o)
	f := c.Flags()
	f.DurationVar(&o.timeout, "timeout", 8*time.Second, a.t("thời gian chờ một lần hỏi đáp", "time for one exchange"))
	f.DurationVar(&o.budget, "endpoint-budget", 3*time.Minute, a.t("thời gian tối đa cho một điểm kết nối", "time for everything about one endpoint"))
	f.DurationVar(&o.pause, "pause", 2*time.Second, a.t("nghỉ trước khi thử lại điểm kết nối đã chặn ta", "pause before trying again what blocked us"))
	f.BoolVar(&o.thorough, "thorough", false, a.t("thử cả những lỗ hổng cần nhiều kết nối (POODLE trên TLS)", "try also holes that take many connections (POODLE over TLS)"))
	f.IntVar(&o.parallel, "parallel", defaultParallel, a.t("số kết nối cùng lúc tới một điểm kết nối", "connections to one endpoint at the same time"))
	f.BoolVar(&o.polite, "polite", false, a.t("nhẹ nhất có thể: mỗi máy hai kết nối một phút, lần lượt (mỗi điểm mất từ nửa giờ đến một giờ)", "as gentle as can be: two connections a minute to one host, one after the other (half an hour to an hour an endpoint)"))
	f.StringVar(&o.ports, "ports", "default", a.t("các cổng TCP hỏi ở mỗi máy của mục hosts: default, all, hoặc danh sách như 22,80,8000-8100", "TCP ports to ask of each host in hosts: default, all, or a list such as 22,80,8000-8100"))
	f.Var((*rate)(&o.rates.Host), "rate-host", a.t("số kết nối mới mỗi giây tới một máy (max: không giới hạn)", "new connections a second to one host (max: no bound)"))
	f.Var((*rate)(&o.rates.Network), "rate-network", a.t("số kết nối mới mỗi giây tới một dải /24 (IPv6: /64)", "new connections a second to one /24 (IPv6: /64)"))
	f.Var((*rate)(&o.rates.Global), "rate", a.t("số kết nối mới mỗi giây, tất cả cộng lại (max: bỏ luôn giới hạn của --rate-host và --rate-network, nếu không ghi riêng)", "new connections a second altogether (max: lifts those of --rate-host and --rate-network too, unless they are given)"))
	a.templateFlags(c, &o.templates)
}

// placeFlags are those that concern this machine alone, and the policy.
func (a *app) placeFlags(c *cobra.Command, o *lookOptions) {
	f := c.Flags()
	f.StringVar(&o.policy, "policy", "", a.t("chính sách: tên, hoặc đường dẫn tệp .yaml (mặc định: population-db, bản áp dụng vào ngày đánh giá)", "policy: a name, or the path of a .yaml file (default: population-db, as it holds on the day of judgement)"))
	f.StringVar(&o.zone, "vantage", "", a.t("máy quét đang đặt ở vùng nào: internet, wan, internal, admin", "the zone this machine looks from: internet, wan, internal, admin"))
	f.StringVar(&o.vantage, "vantage-name", "", a.t("tên nơi đặt máy quét, ghi vào hồ sơ (mặc định: tên máy)", "name of the place, for the record (default: the machine's name)"))
	f.StringVar(&o.resolver, "resolver", "", a.t("máy phân giải tên miền để hỏi DNS, ví dụ 10.0.0.53 (mặc định: của hệ điều hành)", "the resolver for questions of the DNS, such as 10.0.0.53 (default: the system's)"))
	f.IntVar(&o.workers, "workers", 4*runtime.NumCPU(), a.t("số điểm kết nối của một đơn vị quét cùng lúc", "endpoints of one unit looked at at the same time"))
}

// ofRun are the flags of the place where a run is worked that is set already.
func (a *app) ofRun(c *cobra.Command, o *lookOptions) {
	a.placeFlags(c, o)
	c.Flags().Lookup("policy").Usage = a.t("tệp chính sách của đợt, nếu trên máy này nó nằm ở nơi khác; nội dung phải như của đợt", "the file of the run's policy, if it lies elsewhere on this machine; its content must be the run's")
}

// settle fills in what other flags imply, where nothing else was asked for.
func (o *lookOptions) settle(asked func(flag string) bool) {
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

// words repeats the flags that are of this machine and no part of what a run
// keeps.
func (o lookOptions) words() []string {
	var out []string
	add := func(flag string, values ...string) {
		if s := strings.Join(values, ","); s != "" {
			out = append(out, "--"+flag, s)
		}
	}
	add("vantage", o.zone)
	add("vantage-name", o.vantage)
	add("resolver", o.resolver)
	add("templates", o.templates.folder)
	add("template-severity", o.templates.filter.Severities...)
	add("template-tag", o.templates.filter.Tags...)
	add("template-id", o.templates.filter.IDs...)
	add("template-cve", o.templates.filter.CVEs...)
	return out
}
