package report

import (
	"fmt"
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// remarks are what does not decide: failed recommendations and warnings.
func (t *text) remarks() {
	rec, warn := t.recommended(), t.warnings()
	if len(rec)+len(warn) == 0 {
		return
	}
	t.heading(t.in(lang.T("KHUYẾN NGHỊ VÀ LƯU Ý", "RECOMMENDATIONS AND REMARKS")))
	t.write(faint, "", "", t.in(lang.T("Không tính vào kết luận.", "They do not count towards the verdict.")))
	for _, it := range rec {
		t.write(bold, " -  ", "    ", it.ID+" · "+t.severity(it.Result)+" · "+t.in(it.Title))
		t.field(4, t.in(labelWhere), t.placeNames(places(it.Failed)))
		t.field(4, t.in(labelSaw), sawLine(it.Failed[0].Saw))
		t.field(4, t.in(labelNote), t.in(it.Note))
		t.field(4, t.in(labelFix), t.shortFix(it.Result))
	}
	for _, w := range warn {
		t.write(plain, " -  ", "    ", w.ID+" · "+upperFirst(w.Text))
		t.field(4, t.in(labelWhere), t.placeNames(w.Places))
	}
}

// shortFix tells how to fix what does not decide: a long guide is left to the
// command that prints it.
func (t *text) shortFix(res judge.Result) string {
	lead, guide := parted(t.in(res.Fix))
	if guide == "" {
		return lead
	}
	return strings.TrimSpace(lead + " " + t.in(lang.T("Hướng dẫn: ", "Guide: ")) + "sansang explain " + res.ID)
}

func (t *text) exceptions() {
	ws := t.waivers()
	if len(ws) == 0 {
		return
	}
	t.heading(t.in(lang.T("MIỄN TRỪ", "WAIVERS")))
	for _, w := range ws {
		t.write(bold, " -  ", "    ", outside(w.Requirement, 20)+" · "+w.State+t.in(lang.T(" · thời hạn đến ", " · valid through "))+day(w.Expires.Time, t.lang))
		t.field(4, t.in(labelWhere), t.placeNames(w.Places))
		t.field(4, t.in(lang.T("Lý do", "Reason")), outside(w.Reason, 300))
		t.field(4, t.in(lang.T("Phê duyệt", "Approved by")), outside(w.Approver, 120))
	}
}

// rest names what needs no words: what passed, what does not apply, and what
// the policy cannot judge.
func (t *text) rest() {
	for _, g := range []struct {
		head    lang.Text
		verdict judge.Verdict
	}{
		{lang.T("ĐẠT", "PASSED"), judge.Pass},
		{lang.T("KHÔNG ÁP DỤNG", "NOT APPLICABLE"), judge.NotApplicable},
	} {
		if ids := t.withVerdict(g.verdict); len(ids) > 0 {
			t.heading(fmt.Sprintf("%s (%d)", t.in(g.head), len(ids)))
			t.write(plain, "", "", strings.Join(ids, ", "))
		}
	}
	if len(t.NotJudged) == 0 {
		return
	}
	t.heading(fmt.Sprintf("%s (%d)", t.in(lang.T("CHÍNH SÁCH NÀY KHÔNG XÉT", "NOT JUDGED BY THIS POLICY")), len(t.NotJudged)))
	for _, u := range t.unjudged() {
		t.write(plain, " -  ", "    ", strings.Join(u.IDs, ", ")+": "+upperFirst(u.Why))
	}
}

func (t *text) sources() {
	t.heading(t.in(lang.T("NGUỒN GỐC (giờ Việt Nam)", "PROVENANCE (Vietnam time)")))
	const label = 24
	put := func(name, value string) {
		first := name + strings.Repeat(" ", max(1, label-width(name)))
		t.write(plain, first, strings.Repeat(" ", label), value)
	}
	for _, r := range t.origin() {
		put(r.Label, r.Value)
	}
	if reached := peers(t.doc.Assessment); len(reached) > 0 {
		var shown []string
		for _, p := range reached {
			shown = append(shown, outside(p, 60))
		}
		put(t.in(lang.T("Địa chỉ đã kết nối", "Addresses reached")), strings.Join(firstFew(shown, maxPlaces), ", "))
	}
	for _, h := range t.hashes() {
		if h.SHA256 == t.Policy.SHA256 { // told above
			continue
		}
		put(h.Of, strings.TrimPrefix(h.Name+", SHA-256 "+short(h.SHA256), ", "))
	}
}

func (t *text) severity(res judge.Result) string {
	s := t.in(lang.T("mức ", "")) + t.in(res.Severity.Text())
	if why := t.aside(res); why != "" {
		s += ", " + why
	}
	return s
}

func (t *text) placeLines(ps []place) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return firstFew(out, maxPlaces)
}

func (t *text) placeNames(ps []place) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Name)
	}
	return strings.Join(firstFew(out, maxPlaces), ", ")
}

func sawLine(saw []seen) string {
	var out []string
	for _, s := range saw {
		told := s.Label + ": " + s.Value
		if s.From != "" {
			told += " (" + s.From + ")"
		}
		out = append(out, told)
	}
	return strings.Join(out, "; ")
}

// firstFew keeps the first of a list and says how many follow.
func firstFew(ss []string, n int) []string {
	if len(ss) <= n {
		return ss
	}
	return append(ss[:n:n], more(len(ss)-n))
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// sentence makes a sentence of a phrase.
func sentence(s string) string {
	if s == "" || strings.ContainsRune(".!?:", rune(s[len(s)-1])) {
		return upperFirst(s)
	}
	return upperFirst(s) + "."
}
