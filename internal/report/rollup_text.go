package report

import (
	"io"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

// Bounds of what text tells; the other formats tell all.
const (
	maxTop   = 10 // requirements in a section
	maxUnits = 12 // units or endpoints in a section
)

// rollText is a roll-up as text for a terminal.
type rollText struct {
	textPage
	rollup.Rollup
	lang lang.Lang
}

func rollupText(w io.Writer, r rollup.Rollup, o RollupOptions) error {
	width := o.Width
	if width <= 0 {
		width = 80
	}
	t := &rollText{textPage{width: max(width, 60), colour: o.Colour}, r, o.Lang}
	t.head()
	t.kinds()
	t.provinces()
	t.failed()
	t.missing()
	t.dead()
	t.changes()
	t.gap()
	t.write(bold, "", "", t.in(caveat))
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (t *rollText) in(x lang.Text) string { return x.In(t.lang) }

func (t *rollText) head() {
	t.write(bold, "", "", upperFirst(runName(t.Run, t.lang))+" · "+outside(t.Run.List, maxString))
	ended := t.in(lang.T(" đến nay", " until now"))
	if !t.Run.Ended.IsZero() {
		ended = t.in(lang.T(" đến ", " until ")) + moment(t.Run.Ended, t.lang)
	}
	t.write(faint, "", "", t.in(lang.T("Từ ", "From "))+moment(t.Run.Began, t.lang)+ended+" · "+t.in(runState(t.Run))+" · "+policyName(t.Run.Policy, t.lang)+zonesOf(t.Run, t.lang))
	t.gap()
	t.write(plain, "", "", countSentence(t.in(lang.T("Toàn bộ", "In all")), t.Total, t.lang))
	if s := silence(t.Total, t.lang); s != "" {
		t.write(plain, "", "", s)
	}
	if p := problems(t.Run, t.lang); p != "" {
		t.write(plain, "", "", p)
	}
}

// policyName names the policy of a run.
func policyName(p rollup.Policy, l lang.Lang) string {
	return lang.T("chính sách ", "policy ").In(l) + outside(p.ID+" "+p.Version, 60)
}

// zonesOf says from where a run looked, where it is said.
func zonesOf(r rollup.Run, l lang.Lang) string {
	var out []string
	for _, z := range r.Vantages {
		if z != "" {
			out = append(out, z.Text().In(l))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return lang.T(" · nhìn từ ", " · seen from ").In(l) + strings.Join(out, ", ")
}

// columns of a row of counts; what is left of the line is the name's.
var countColumn = [...]int{-14, -12, -12, -16}

func (t *rollText) countRow(st style, name string, cells [4]string) {
	room := t.width
	for _, n := range countColumn {
		room += n
	}
	if width(name) >= room { // a long name has a line of its own
		t.write(st, "", "  ", name)
		name = ""
	}
	line := cell(name, room)
	for i, c := range cells {
		line += cell(c+" ", countColumn[i])
	}
	t.out.WriteString(strings.TrimRight(t.paint(st, strings.TrimRight(line, " ")), " ") + "\n")
}

func (t *rollText) countHead(name string) {
	t.countRow(faint, name, [4]string{t.in(lang.T("Đã kiểm tra", "Checked")), outcomeWord(rollup.Ready, t.lang), outcomeWord(rollup.NotReady, t.lang), outcomeWord(rollup.Undetermined, t.lang)})
}

// count writes the checked out of the listed, and the rest out of the checked.
func (t *rollText) count(st style, name string, c rollup.Count) {
	p := func(n int) string {
		if c.Checked == 0 {
			return "–" // out of none
		}
		return outOf(n, c.Checked, t.lang)
	}
	t.countRow(st, name, [4]string{outOf(c.Checked, c.Listed, t.lang), p(c.Ready), p(c.NotReady), p(c.Undetermined)})
}

func (t *rollText) kinds() {
	t.heading(t.in(lang.T("THEO LOẠI ĐƠN VỊ", "BY KIND OF UNIT")))
	t.countHead("")
	for _, k := range t.Kinds {
		t.count(plain, kindName(k.Kind, t.lang), k.Count)
	}
	t.count(bold, t.in(lang.T("Cộng", "Total")), t.Total)
}

func (t *rollText) provinces() {
	if len(t.Provinces) == 0 {
		return
	}
	t.heading(t.in(lang.T("THEO TỈNH, THÀNH PHỐ (gồm cả các đơn vị trực thuộc)", "BY PROVINCE (with all units below it)")))
	t.countHead("")
	for _, p := range t.Provinces {
		mark := outcomeSigns[p.Outcome]
		if mark == "" {
			mark = " "
		}
		t.count(plain, mark+" "+provinceName(p, t.lang), p.Count)
	}
	t.write(faint, "", "", t.in(lang.T("Dấu trước tên là kết luận của chính tỉnh: ✓ sẵn sàng, ✗ chưa đạt, ? chưa đủ căn cứ, … – chưa kiểm tra đủ.", "The sign before a name is the verdict on the province itself: ✓ ready, ✗ not ready, ? undetermined, … – not checked in full.")))
	if t.Elsewhere > 0 {
		t.write(faint, "", "", t.in(lang.Tf("Đơn vị không thuộc tỉnh nào: %d.", "Units of no province: %d.", t.Elsewhere)))
	}
}

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
