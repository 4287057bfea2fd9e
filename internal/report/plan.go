package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/plan"
)

// planText is a plan as text for a terminal.
type planText struct {
	textPage
	lang lang.Lang
}

// Plan tells what to do first, as text.
func Plan(w io.Writer, p plan.Plan, o Options) error {
	t := &planText{textPage{width: max(o.Width, 40), colour: o.Colour}, o.Lang}
	t.write(bold, "", "", t.in(p.Verdict.Text())+" · "+outside(p.Unit.Name, maxString)+" ("+outside(p.Unit.ID, 20)+")")
	t.write(faint, "", "", t.in(lang.T("Xét lúc ", "Judged as of "))+moment(p.At, t.lang)+t.in(lang.T(" theo chính sách ", " under the policy "))+outside(p.Policy.ID+" "+p.Policy.Version, 60)+".")
	t.fix(p)
	t.gaps(lang.T("TÀI LIỆU CẦN BỔ SUNG", "DOCUMENTS TO SUPPLY"), p.Supply)
	t.gaps(lang.T("CẦN NHÌN THẤY THÊM", "STILL TO BE SEEN"), p.Look)
	t.expiring(p)
	if len(p.Fix)+len(p.Supply)+len(p.Look)+len(p.Expiring) == 0 {
		t.gap()
		t.write(plain, "", "", t.in(lang.T("Không có việc gì phải làm trong 90 ngày tới.", "There is nothing to do in the next 90 days.")))
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (t *planText) in(x lang.Text) string { return x.In(t.lang) }

var areaNames = map[string]lang.Text{
	"tls": lang.T("cấu hình TLS, chứng thư", "TLS and certificates"), "ssh": lang.T("cấu hình SSH", "SSH settings"),
	"http": lang.T("máy chủ web, ứng dụng", "web server and application"), "tcp": lang.T("cổng mở, tường lửa", "open ports, firewall"),
	"host": lang.T("cổng mở, dịch vụ của máy chủ", "open ports and services of the host"), "dns": lang.T("tên miền", "the DNS"),
	"mail": lang.T("thư điện tử", "mail"), "templates": lang.T("phần mềm có lỗ hổng", "vulnerable software"),
	"clock": lang.T("đồng hồ", "the clock"), "document": lang.T("hồ sơ, quy chế", "papers and rules"),
}

var effortNames = map[string]lang.Text{
	"low": lang.T("ít", "low"), "medium": lang.T("vừa", "medium"), "high": lang.T("nhiều", "high"),
}

// fix tells the steps; the first line of each says what it answers.
func (t *planText) fix(p plan.Plan) {
	if len(p.Fix) == 0 {
		return
	}
	t.heading(t.in(lang.Tf("KHẮC PHỤC (%d việc)", "FIX (%d steps)", len(p.Fix))))
	for i, s := range p.Fix {
		if i > 0 {
			t.gap()
		}
		mark := fmt.Sprintf("%2d. ", i+1)
		name, known := areaNames[s.Area]
		if !known {
			name = lang.T(s.Area, s.Area)
		}
		closes := lang.Tf("giải quyết %d yêu cầu", "answers %d requirements", len(s.Closes))
		if len(s.Closes) == 1 {
			closes = lang.T("giải quyết 1 yêu cầu", "answers 1 requirement")
		}
		head := upperFirst(t.in(name)) + " · " + t.in(s.Severity.Text()) + " · " + t.in(closes)
		if e, ok := effortNames[s.Effort]; ok {
			head += " · " + t.in(lang.T("công sức ", "effort ")) + t.in(e)
		}
		t.write(bold, mark, "    ", head)
		t.list(4, t.in(labelWhere), t.places(s.Places))
		for _, c := range s.Closes {
			line := c.ID + " · " + t.in(c.Severity.Text()) + " · " + t.in(c.Title)
			switch {
			case !c.Whole:
				line += t.in(lang.T(" (còn không đạt ở việc khác)", " (it fails by another step too)"))
			case c.Open:
				line += t.in(lang.T(" (chỗ khác của yêu cầu này chưa xác định được)", " (another part of it cannot be told yet)"))
			}
			t.write(plain, "    ", "      ", line)
		}
	}
	t.gap()
	t.write(faint, "", "", t.in(lang.T("Cách sửa từng yêu cầu, từng dòng cấu hình: sansang explain MÃ, hoặc xem báo cáo.", "How each is fixed, line by line of configuration: sansang explain ID, or the report.")))
}

func (t *planText) places(ps []plan.Place) []string {
	var out []string
	for _, p := range ps {
		name := p.Endpoint
		switch {
		case p.Scope == judge.PerUnit || name == "" && p.System == "":
			name = t.in(lang.T("toàn đơn vị", "the whole unit"))
		case name == "":
			name = p.System
		case p.Scope == judge.PerEndpoint && p.Target != "":
			name += " – " + p.Target
		}
		out = addNew(out, t.in(placeName(outside(name, 120))))
	}
	return firstFew(out, maxPlaces)
}

func (t *planText) gaps(title lang.Text, gs []plan.Gap) {
	if len(gs) == 0 {
		return
	}
	t.heading(t.in(title) + fmt.Sprintf(" (%d)", len(gs)))
	for _, g := range gs {
		t.write(bold, "", "  ", g.ID+" · "+t.in(g.Severity.Text())+" · "+t.in(g.Title))
		t.field(2, t.in(lang.T("Cần", "Needs")), t.in(g.Document))
		var causes []string
		for _, c := range g.Causes {
			causes = addNew(causes, t.in(c))
		}
		t.field(2, t.in(lang.T("Vì", "Because")), strings.Join(causes, ", "))
		t.list(2, t.in(labelWhere), t.places(g.Places))
	}
}

func (t *planText) expiring(p plan.Plan) {
	from := -1
	for _, until := range plan.Horizons {
		first := true
		for _, e := range p.Expiring {
			if e.Days <= from || e.Days > until {
				continue
			}
			if first {
				t.heading(t.in(lang.Tf("HẾT HẠN TRONG %d NGÀY", "RUNNING OUT WITHIN %d DAYS", until)))
				first = false
			}
			left := t.in(lang.Tf("còn %d ngày", "%d days left", e.Days))
			on := day(e.On, t.lang)
			if !e.Last.IsZero() {
				on = t.in(lang.T("đến hết ", "through ")) + day(e.Last.Time, t.lang)
			}
			t.write(bold, "", "  ", on+" ("+left+") · "+outside(t.in(e.What), maxString))
			t.write(plain, "  ", "  ", t.consequents(e))
		}
		from = until
	}
}

func (t *planText) consequents(e plan.Expiry) string {
	if e.Kind == plan.Policy {
		return t.in(lang.T("Sau ngày này không kết luận sẵn sàng được theo chính sách này; xét theo chính sách thay nó.", "After this day no unit is ready by it; judge by the policy that takes its place."))
	}
	if len(e.Affects) == 0 {
		return t.in(lang.T("Không yêu cầu bắt buộc nào đổi kết quả vì việc này.", "No mandatory requirement comes to something else by this."))
	}
	var told []string
	by := map[string][]string{}
	for _, c := range e.Affects {
		what := t.in(c.Old.Text()) + " → " + t.in(c.New.Text())
		if c.Old == c.New && c.Binds {
			what = t.in(lang.Tf("%[1]s, và từ đó là bắt buộc", "%[2]s, and from then on it decides", c.New.Text().Vi, c.New.Text().En))
		}
		told = addNew(told, what)
		by[what] = append(by[what], c.ID)
	}
	for i, what := range told {
		told[i] = what + ": " + strings.Join(firstFew(by[what], maxItems), ", ")
	}
	return strings.Join(told, "; ")
}
