package report

import (
	"cmp"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// row is a labelled line of the provenance.
type row struct{ Label, Value string }

// hash is the SHA-256 of something that the result depends on.
type hash struct{ Of, Name, SHA256 string }

// looked counts what was planned and what came of it.
type looked struct {
	Planned    int `json:"planned"`
	Facts      int `json:"facts"`
	Unknown    int `json:"unknown"`
	Unanswered int `json:"unanswered"` // planned, and not in the record at all
}

func look(a *record.Assessment) looked {
	unknown := make(map[record.Pair]bool, len(a.Observations))
	for _, o := range a.Observations {
		unknown[a.Pair(o)] = o.Unknown != nil
	}
	l := looked{Planned: len(a.Header.Plan)}
	for _, p := range a.Header.Plan {
		switch u, ok := unknown[p]; {
		case !ok:
			l.Unanswered++
		case u:
			l.Unknown++
		default:
			l.Facts++
		}
	}
	return l
}

// peers lists the addresses that were reached, each once, in order.
func peers(a *record.Assessment) []string {
	var out []string
	for _, o := range a.Observations {
		out = append(out, o.Peers...)
	}
	slices.SortFunc(out, func(a, b string) int {
		x, errX := netip.ParseAddrPort(a)
		y, errY := netip.ParseAddrPort(b)
		switch {
		case errX == nil && errY == nil:
			return x.Compare(y)
		case errX == nil:
			return -1
		case errY == nil:
			return 1
		}
		return cmp.Compare(a, b)
	})
	return slices.Compact(out)
}

// origin tells where the result comes from: who looked, by what rules, from
// where, when, and at how much.
func (v view) origin() []row {
	a := v.doc.Assessment
	h := a.Header
	var out []row
	add := func(label lang.Text, parts ...string) {
		parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
		if len(parts) > 0 {
			out = append(out, row{v.in(label), strings.Join(parts, ", ")})
		}
	}
	add(lang.T("Công cụ", "Tool"), "sansang "+outside(h.Tool.Version, 40), labelled("commit ", short(h.Tool.Commit)), outside(h.Tool.Go, 20))
	add(lang.T("Chính sách", "Policy"), v.policy(record.Policy{ID: v.Policy.ID, Version: v.Policy.Version, SHA256: v.Policy.SHA256}))
	add(lang.T("Mở rộng chính sách", "Extends"), v.Policy.Extends...)
	if h.Policy.SHA256 != v.Policy.SHA256 {
		add(lang.T("Chính sách khi rà quét", "Policy of the scan"), v.policy(h.Policy))
	}
	if len(h.Joined) == 0 && len(h.Imported) == 0 {
		add(lang.T("Nơi rà quét", "Looked from"), outside(h.Vantage.Name, 60), v.in(h.Vantage.Zone.Text()))
	}
	for _, s := range h.Joined {
		if len(s.Imported) > 0 {
			continue // nobody of ours looked: see imports
		}
		add(lang.T("Nơi rà quét", "Looked from"), v.source(s)...)
	}
	add(lang.T("Bắt đầu", "Started"), moment(h.Started, v.lang))
	add(lang.T("Kết thúc", "Finished"), moment(a.Finished(), v.lang), v.ending())
	add(lang.T("Xét tại thời điểm", "Judged as of"), moment(v.At, v.lang), v.beforehand(h.Started))
	l := look(a)
	add(lang.T("Dự kiến xem xét", "Planned"), v.in(lang.Tf("%d mục: %d có dữ kiện, %d không quan sát được, %d chưa có kết quả",
		"%d items: %d facts, %d not seen, %d without an answer", l.Planned, l.Facts, l.Unknown, l.Unanswered)))
	if a.End != nil {
		add(lang.T("Số kết nối", "Connections"), number(a.End.Connections, v.lang), v.mostConnections())
	}
	if len(h.Joined) == 0 && len(h.Imported) == 0 {
		add(lang.T("Giới hạn", "Limits"), v.limits(h.Limits))
	}
	v.imports(add)
	v.templates(add)
	if run := v.operators(); len(run) > 0 {
		add(lang.T("Do nơi khác vận hành", "Run by others"), strings.Join(run, "; "))
	}
	if auth := h.Unit.Authorisation; auth != nil {
		add(lang.T("Cho phép rà quét", "Authorised by"), outside(auth.By, 80), outside(auth.Document, 80), day(auth.From.Time, v.lang)+" – "+day(auth.Until.Time, v.lang))
	} else {
		add(lang.T("Cho phép rà quét", "Authorised by"), v.in(lang.T("không khai báo văn bản cho phép", "no authorisation declared")))
	}
	return out
}

// source tells of one of the assessments that were joined.
func (v view) source(s record.Source) []string {
	parts := []string{outside(s.Vantage.Name, 60), v.in(s.Vantage.Zone.Text()), outside(s.Name, 60), "SHA-256 " + short(s.SHA256),
		moment(s.Started, v.lang) + " – " + moment(s.Finished, v.lang), "sansang " + outside(s.Tool.Version, 40)}
	switch {
	case !s.Ended:
		parts = append(parts, v.in(cutShort))
	case !s.Complete:
		parts = append(parts, v.in(stopped))
	}
	return parts
}

func labelled(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}

func (v view) policy(p record.Policy) string {
	return outside(p.ID, 40) + v.in(lang.T(", phiên bản ", ", version ")) + outside(p.Version, 20) + " (" + short(p.SHA256) + ")"
}

var (
	cutShort = lang.T("hồ sơ bị dở dang: đợt rà quét không chạy đến hết", "the record is cut short: the scan did not run to its end")
	stopped  = lang.T("bị dừng giữa chừng", "stopped before its end")
)

func (v view) ending() string {
	switch end := v.doc.Assessment.End; {
	case end == nil:
		return v.in(cutShort)
	case end.Stopped:
		return v.in(stopped)
	}
	return ""
}

func (v view) limits(l record.Limits) string {
	return v.in(lang.T("mỗi lượt trao đổi ", "each exchange ")) + span(l.TimeoutMillis, v.lang) +
		v.in(lang.T(", mỗi điểm kết nối ", ", each endpoint ")) + span(l.EndpointMillis, v.lang) +
		v.in(lang.T(", cả đợt ", ", all ")) + span(l.TotalMillis, v.lang) +
		v.in(lang.T("; kết nối cùng lúc tới một điểm: ", "; connections at once to an endpoint: ")) + number(max(1, l.Parallel), v.lang) +
		v.in(lang.T("; kết nối mới tới một máy: ", "; new connections to a host: ")) + v.rate(l.PerHost) +
		v.in(lang.T(", tới một dải mạng: ", ", to a network: ")) + v.rate(l.PerNetwork) +
		v.in(lang.T(", tổng cộng: ", ", in all: ")) + v.rate(l.Global) + v.unbound(l) + v.asked(l)
}

// asked says which ports each host was asked for.
func (v view) asked(l record.Limits) string {
	if l.Ports == "" {
		return ""
	}
	return v.in(lang.T("; cổng TCP hỏi ở mỗi máy: ", "; TCP ports asked of each host: ")) + outside(l.Ports, 80)
}

// unbound says what the rates do not bind.
func (v view) unbound(l record.Limits) string {
	if l.Loopback || l.PerHost == 0 && l.PerNetwork == 0 && l.Global == 0 {
		return ""
	}
	return v.in(lang.T(" (không áp dụng với chính máy này)", " (this machine itself is not bound)"))
}

// mostConnections names the endpoint that took the most connections.
func (v view) mostConnections() string {
	most, of := 0, ""
	for endpoint, n := range v.doc.Assessment.Connections() {
		if n > most || n == most && endpoint < of {
			most, of = n, endpoint
		}
	}
	if most == 0 {
		return ""
	}
	return v.in(lang.Tf("nhiều nhất cho một điểm: %d (%s)", "at most for one endpoint: %d (%s)", most, outside(of, 40)))
}

// rate says connections a second in the unit that gives the plainer number.
func (v view) rate(n float64) string {
	switch {
	case n == 0:
		return v.in(lang.T("không giới hạn", "no limit"))
	case n < 1:
		return number(math.Round(n*6000)/100, v.lang) + v.in(lang.T(" mỗi phút", " a minute"))
	}
	return number(n, v.lang) + v.in(lang.T(" mỗi giây", " a second"))
}

// hashes lists what the result depends on, by content.
func (v view) hashes() []hash {
	h := v.doc.Assessment.Header
	all := []hash{
		{v.in(lang.T("Hồ sơ đánh giá", "Assessment file")), "", v.doc.Assessment.SHA256},
		{v.in(lang.T("Tệp khai báo đơn vị", "Unit file")), h.UnitFile.Name, h.UnitFile.SHA256},
		{v.in(lang.T("Chính sách", "Policy")), v.Policy.ID, v.Policy.SHA256},
		{v.in(lang.T("Chương trình", "Program")), "", h.Tool.SHA256},
	}
	if e := v.doc.Evidence; e != nil && e.SHA256 != h.UnitFile.SHA256 {
		all = append(all, hash{v.in(lang.T("Tệp đơn vị nêu tài liệu", "Unit file of evidence")), e.Name, e.SHA256})
	}
	for _, ca := range h.CAs {
		all = append(all, hash{v.in(lang.T("Chứng thư gốc thêm vào", "Root added as trusted")), ca.Name, ca.SHA256})
	}
	for i := range all {
		all[i].Name = outside(all[i].Name, 60)
	}
	return slices.DeleteFunc(all, func(h hash) bool { return h.SHA256 == "" })
}

// short is enough of a hash to tell two files apart by eye.
func short(hash string) string { return clean(hash[:min(12, len(hash))]) }

// beforehand says that what is judged was seen only on a later day than the one
// that it is judged as of.
func (v view) beforehand(started time.Time) string {
	if !judge.DayBefore(v.At, started) {
		return ""
	}
	return v.in(lang.T("trước lúc rà quét: điều nhìn thấy sau đó được xét như đã có vào lúc này", "before the scan: what was seen later is judged as if it had stood so then"))
}
