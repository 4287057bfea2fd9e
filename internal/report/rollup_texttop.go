package report

import (
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

// top writes a requirement of a list: its code, a count, and what it wants.
func (t *rollText) top(r rollup.Requirement, count, more string) {
	lead := cell(outside(r.ID, 9), 10) + cell(count+" ", -12) + " "
	text := t.in(r.Title)
	if more != "" {
		text += labelled(" – ", more)
	}
	t.write(plain, lead, strings.Repeat(" ", width(lead)), text)
}

func (t *rollText) failed() {
	var decide []rollup.Failed
	for _, f := range t.Failed {
		if f.Units > 0 {
			decide = append(decide, f)
		}
	}
	if len(decide) == 0 {
		return
	}
	n := min(maxTop, len(decide))
	t.heading(t.in(lang.Tf("YÊU CẦU BẮT BUỘC KHÔNG ĐẠT NHIỀU NHẤT (%d trên %d)", "MANDATORY REQUIREMENTS FAILED MOST (%d of %d)", n, len(decide))))
	t.write(faint, "", "", t.in(lang.T("Số đơn vị không đạt / số đơn vị đã kiểm tra mà yêu cầu áp dụng.", "Units that fail / units checked that it concerns.")))
	for _, f := range decide[:n] {
		t.top(f.Requirement, outOf(f.Units, f.Applies, t.lang), "")
	}
}

func (t *rollText) missing() {
	if len(t.Missing) == 0 {
		return
	}
	n := min(maxTop, len(t.Missing))
	t.heading(t.in(lang.Tf("CÒN THIẾU NHIỀU NHẤT, VÀ VÌ SAO (%d trên %d)", "MISSING MOST, AND WHY (%d of %d)", n, len(t.Missing))))
	t.write(faint, "", "", t.in(lang.T("Số đơn vị chưa xác định được / số đơn vị đã kiểm tra mà yêu cầu áp dụng.", "Units in which it cannot be told / units checked that it concerns.")))
	for _, m := range t.Missing[:n] {
		t.top(m.Requirement, outOf(m.Units, m.Applies, t.lang), causeCounts(m.Causes, t.lang))
	}
}

func (t *rollText) dead() {
	e := t.Endpoints
	if e.Dead == 0 {
		return
	}
	t.heading(t.in(lang.Tf("ĐIỂM KẾT NỐI KHÔNG TRẢ LỜI (%d trên %d)", "ENDPOINTS THAT DID NOT ANSWER (%d of %d)", e.Dead, e.Looked)))
	t.write(plain, "", "", upperFirst(causeCounts(e.Causes, t.lang))+".")
	n := min(maxUnits, len(t.Dead))
	for _, d := range t.Dead[:n] {
		t.write(plain, "  ", "    ", outside(d.Name, 60)+" ("+outside(d.Unit, 20)+") · "+outside(d.Endpoint, 40)+" · "+outside(d.Target, 80)+": "+deadWhy(d, t.lang))
	}
	t.rest(len(t.Dead) - n)
}

func (t *rollText) rest(n int) {
	if n > 0 {
		t.write(faint, "  ", "  ", t.in(lang.Tf("… và %d nữa (xem đủ trong XLSX, CSV, HTML, JSON)", "… and %d more (all of them in XLSX, CSV, HTML, JSON)", n)))
	}
}

// deadWhy tells what each vantage met.
func deadWhy(d rollup.Dead, l lang.Lang) string {
	var out []string
	for _, f := range d.From {
		why := causeName(f.Cause, l)
		if f.Vantage != "" && len(d.From) > 1 {
			why += lang.T(" (nhìn từ ", " (seen from ").In(l) + f.Vantage.Text().In(l) + ")"
		}
		out = addNew(out, why)
	}
	return strings.Join(out, ", ")
}
