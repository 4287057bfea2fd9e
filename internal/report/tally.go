package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// count is one part of the tally.
type count struct {
	Verdict judge.Verdict
	N       int
	Word    lang.Text
}

// counts lists the parts of the tally: the three that a reader looks for, and
// the others where there are any.
func (v view) counts() []count {
	t := v.Tally
	out := []count{
		{judge.Pass, t.Pass, lang.T("đạt", "pass")},
		{judge.Fail, t.Fail, lang.T("không đạt", "fail")},
		{judge.Inconclusive, t.Inconclusive, lang.T("chưa xác định", "inconclusive")},
		{judge.Manual, t.Manual, lang.T("chờ tài liệu", "awaiting documents")},
		{judge.Waived, t.Waived, lang.T("được miễn trừ", "waived")},
	}
	return slices.DeleteFunc(out, func(c count) bool {
		return c.N == 0 && (c.Verdict == judge.Manual || c.Verdict == judge.Waived)
	})
}

// denominators says out of how many: a share without its whole misleads.
func (v view) denominators() lang.Text {
	t := v.Tally
	return lang.Tf("trên %d yêu cầu quyết định; chính sách này xét %d trên %d yêu cầu của danh mục",
		"of %d deciding requirements; this policy judges %d of the catalogue’s %d requirements", t.Deciding, t.Judged, t.Catalogue)
}

// tallySentence is the whole tally in one sentence.
func (v view) tallySentence() string {
	var parts []string
	for _, c := range v.counts() {
		parts = append(parts, fmt.Sprintf("%d %s", c.N, v.in(c.Word)))
	}
	return strings.Join(parts, " / ") + " " + v.in(v.denominators()) + "."
}

// familyRow counts the requirements of a family by verdict.
type familyRow struct {
	Code, Name string
	N          map[judge.Verdict]int
	Judged     int
	NotJudged  int
	results    []judge.Result
}

// familyRows groups everything that was judged, and counts what was not. A
// family that nothing is known of is still a row.
func (v view) familyRows() []familyRow {
	rows := make([]familyRow, 0, len(families))
	for _, f := range families {
		rows = append(rows, familyRow{Code: f.Code, Name: v.in(f.Name), N: map[judge.Verdict]int{}})
	}
	row := func(id string) *familyRow {
		code := familyCode(id)
		i := slices.IndexFunc(rows, func(r familyRow) bool { return r.Code == code })
		if i < 0 {
			i, rows = len(rows), append(rows, familyRow{Code: code, N: map[judge.Verdict]int{}})
		}
		return &rows[i]
	}
	for _, res := range v.Requirements {
		r := row(res.ID)
		r.N[res.Verdict]++
		r.Judged++
		r.results = append(r.results, res)
	}
	for _, n := range v.NotJudged {
		row(n.ID).NotJudged++
	}
	return slices.DeleteFunc(rows, func(r familyRow) bool { return r.Judged+r.NotJudged == 0 })
}

// withVerdict lists the IDs of the requirements with a verdict.
func (v view) withVerdict(x judge.Verdict) []string {
	var out []string
	for _, res := range v.Requirements {
		if res.Verdict == x {
			out = append(out, res.ID)
		}
	}
	return out
}

// unjudged is requirements that are not judged for one reason.
type unjudged struct {
	Why string
	IDs []string
}

func (v view) unjudged() []unjudged {
	var out []unjudged
	for _, n := range v.NotJudged {
		why := v.in(n.Why)
		i := slices.IndexFunc(out, func(u unjudged) bool { return u.Why == why })
		if i < 0 {
			i, out = len(out), append(out, unjudged{Why: why})
		}
		out[i].IDs = append(out[i].IDs, n.ID)
	}
	return out
}
