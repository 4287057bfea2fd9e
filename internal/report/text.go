package report

import (
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Bounds of what text tells of one requirement; HTML and JSON tell all.
const (
	maxPlaces = 12 // named in one list
	maxGroups = 5  // of places that fail in different ways
)

// text is a document as text for a terminal. It is not for parsing: JSON is.
type text struct {
	textPage
	view
}

func renderText(d Document, o Options) ([]byte, error) {
	t := &text{textPage{width: max(o.Width, 40), colour: o.Colour}, newView(d, o.Lang)}
	t.verdict()
	t.fixFirst()
	t.supplyFirst()
	t.remarks()
	t.dates()
	t.exceptions()
	t.documents()
	t.rest()
	t.sources()
	t.gap()
	t.write(bold, "", "", t.in(caveat))
	return []byte(t.out.String()), nil
}

var unitStyles = map[judge.UnitVerdict]style{judge.Ready: green, judge.NotReady: red, judge.Undetermined: yellow}

// verdict comes first: a reader who reads one line has read the right one.
func (t *text) verdict() {
	word := t.in(t.Verdict.Text())
	name := outside(t.Unit.Name, maxString) + " (" + outside(t.Unit.ID, 20) + ")"
	lines := wrap(word+" · "+name, t.width)
	lines[0] = t.paint(unitStyles[t.Verdict], word) + strings.TrimPrefix(lines[0], word)
	t.out.WriteString(strings.Join(lines, "\n") + "\n")
	t.write(plain, "", "", t.tallySentence())
	for _, b := range t.Because {
		t.write(plain, "- ", "  ", t.in(b))
	}
	t.write(faint, "", "", t.in(lang.T("Xét lúc ", "Judged as of "))+moment(t.At, t.lang)+
		t.in(lang.T(" theo chính sách ", " under the policy "))+"“"+t.in(t.Policy.Title)+"”.")
}

func (t *text) fixFirst() {
	fixes := t.fixes()
	if len(fixes) == 0 {
		return
	}
	t.heading(t.in(lang.Tf("CẦN KHẮC PHỤC TRƯỚC (%d yêu cầu)", "TO FIX FIRST (requirements: %d)", len(fixes))))
	for i, it := range fixes {
		if i > 0 {
			t.gap()
		}
		t.writeItem(fmt.Sprintf("%2d. ", i+1), it)
	}
}

// writeItem writes a failed requirement: what, where, what was seen, by what law,
// and once how to fix it.
func (t *text) writeItem(mark string, it item) {
	in := len(mark)
	t.write(bold, mark, strings.Repeat(" ", in), it.ID+" · "+t.severity(it.Result)+" · "+t.in(it.Title))
	for _, a := range it.Failed[:min(len(it.Failed), maxGroups)] {
		t.list(in, t.in(labelWhere), t.placeLines(a.Places))
		t.field(in, t.in(labelSaw), sawLine(a.Saw))
		t.field(in, t.in(labelKnown), t.known(unusual(a.Ways)))
	}
	if len(it.Failed) > maxGroups {
		t.field(in, t.in(lang.T("Còn nữa", "Also at")), t.placeNames(places(it.Failed[maxGroups:])))
	}
	for _, a := range it.Unsure {
		t.field(in, t.in(lang.T("Chưa rõ", "Unclear")), t.placeNames(a.Places)+" ("+lackLine(a.Lacks)+")")
	}
	t.field(in, t.in(labelLaw), t.basis(it.Result))
	t.field(in, t.in(labelNote), t.in(it.Note))
	t.field(in, t.in(labelFix), t.in(it.Fix))
}

// lackLine tells why something was not seen.
func lackLine(ls []lack) string {
	var out []string
	for _, l := range ls {
		out = append(out, l.Cause)
	}
	return strings.Join(out, "; ")
}

var (
	labelWhere = lang.T("Tại", "Where")
	labelSaw   = lang.T("Đã thấy", "Seen")
	labelKnown = lang.T("Cách biết", "Known by")
	labelLaw   = lang.T("Căn cứ", "Law")
	labelNote  = lang.T("Ghi chú", "Note")
	labelFix   = lang.T("Khắc phục", "Fix")
)

func (t *text) supplyFirst() {
	supplies := t.supplies()
	if len(supplies) == 0 {
		return
	}
	t.heading(t.in(lang.Tf("CẦN BỔ SUNG (%d yêu cầu)", "TO SUPPLY (requirements: %d)", len(t.SupplyFirst()))))
	for i, s := range supplies {
		if i > 0 {
			t.gap()
		}
		mark := fmt.Sprintf("%2d. ", i+1)
		in := len(mark)
		t.write(bold, mark, strings.Repeat(" ", in), upperFirst(s.Cause))
		t.list(in, t.in(labelWhere), t.placeLines(s.Places))
		var lines []string
		for _, w := range s.Waiting {
			lines = append(lines, t.waitingLine(w))
		}
		t.list(in, t.in(lang.T("Chưa xét", "Unjudged")), lines)
		t.field(in, t.in(labelDetail), strings.Join(firstFew(s.Details, 4), "; "))
		t.field(in, t.in(lang.T("Cần làm", "To do")), s.Act)
		t.field(in, t.in(lang.T("Hỏi", "Ask")), strings.Join(s.Ask, "; "))
	}
}

var labelDetail = lang.T("Kỹ thuật", "Detail")

func (t *text) waitingLine(w waiting) string {
	s := w.ID + " · " + t.severity(w.Result) + " · " + t.in(w.Title)
	switch {
	case w.Document != "":
		s += ". " + t.in(lang.T("Cần: ", "Needs: ")) + w.Document
		if !w.Note.Empty() {
			s += ". " + upperFirst(t.in(w.Note))
		}
		return s
	case len(w.Lacks) > 0:
		return s + ". " + t.in(lang.T("Thiếu: ", "Lacks: ")) + strings.Join(firstFew(w.Lacks, 6), ", ")
	}
	return s
}
