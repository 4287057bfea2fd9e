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
	for _, s := range []string{leftOut(t.Run, t.lang), problems(t.Run, t.lang)} {
		if s != "" {
			t.write(plain, "", "", s)
		}
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
