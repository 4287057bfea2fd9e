package change

import (
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Cause is one thing that changed, and what is known of it.
type Cause struct {
	Kind  Kind      `json:"kind"`
	What  lang.Text `json:"what"`
	Facts []Pair    `json:"facts,omitempty"` // that were seen otherwise
}

// Pair is a fact before and after. Either is nil where it was not seen.
type Pair struct {
	Path  string    `json:"path"`
	Label lang.Text `json:"label"`
	Old   any       `json:"old"`
	New   any       `json:"new"`
}

// Kind is what sort of thing changed.
type Kind string

// The kinds.
const (
	Target       Kind = "target"         // it is seen to be otherwise
	TargetOrTool Kind = "target-or-tool" // as Target, but another version of the tool looked
	Tool         Kind = "tool"           // this version looks at what the other did not
	Elsewhere    Kind = "vantage"        // looked at from somewhere else
	Seen         Kind = "newly-seen"
	Unseen       Kind = "no-longer-seen"
	PolicyKind   Kind = "policy"
	UnitFile     Kind = "unit-file" // the unit declares something else
	WaiverIn     Kind = "waiver-added"
	WaiverOut    Kind = "waiver-removed"
	WaiverEnded  Kind = "waiver-ended"
	EvidenceKind Kind = "evidence" // supplied, withdrawn or exchanged
	EvidenceEnd  Kind = "evidence-ended"
	Stale        Kind = "facts-too-old"
	Date         Kind = "date" // a date has passed: of a law, a due date, a certificate
)

// cause tells what a factor does to a finding: before and after are what it
// comes to without and with the factor. For the unit as a whole both are nil.
func (t *table) cause(f factor, before, after *judged, k key) Cause {
	var x, y []*judge.Finding
	if before != nil {
		x, y = before.at[k], after.at[k]
	}
	switch f {
	case facts:
		return t.saw(x, y)
	case vantage:
		return Cause{Kind: Elsewhere, What: t.places()}
	case policy:
		return t.rule(k.id)
	case unit:
		return t.declaration(k)
	case papers:
		return t.paper(x, y, k)
	case moment:
		return t.clock(before, after, x, y, k)
	}
	return Cause{}
}

// saw tells what was seen otherwise. Where two versions of the tool looked, what
// they saw of one target may differ by the tool alone, and that is said.
func (t *table) saw(x, y []*judge.Finding) Cause {
	was, is := lacks(x), lacks(y)
	otherTool := !slices.Equal(t.old.Tools, t.now.Tools)
	switch {
	case x == nil && y == nil:
		return t.byTool(Cause{Kind: Target, What: lang.T("điều nhìn thấy khác trước", "what was seen is not the same")}, otherTool)
	case len(was) > 0 && len(is) == 0:
		if otherTool && !slices.ContainsFunc(was, func(m judge.Missing) bool { return !strings.HasSuffix(m.Detail, " was not looked at") }) {
			return Cause{Kind: Tool, What: lang.T("phiên bản trước của công cụ chưa xem điều này", "the earlier version of the tool did not look at it"), Facts: pairs(x, y)}
		}
		return Cause{Kind: Seen, What: lang.Tf("nay đã nhìn thấy (trước: %[1]s)", "now it was seen (before: %[2]s)", why(was).Vi, why(was).En), Facts: pairs(x, y)}
	case len(is) > 0 && len(was) == 0:
		return Cause{Kind: Unseen, What: lang.Tf("không còn nhìn thấy: %[1]s", "no longer seen: %[2]s", why(is).Vi, why(is).En)}
	case len(is) > 0:
		return Cause{Kind: Unseen, What: lang.Tf("chưa nhìn thấy vì lý do khác: %[1]s", "not seen, for another reason: %[2]s", why(is).Vi, why(is).En)}
	}
	c := Cause{Kind: Target, What: lang.T("máy chủ nay khác trước", "the target is not as it was"), Facts: pairs(x, y)}
	if a, b := t.old.zones(), t.now.zones(); !slices.Equal(a, b) {
		c.Kind, c.What = Elsewhere, lang.Tf("%[1]s; máy chủ có thay đổi hay không thì chưa phân biệt được", "%[2]s; whether the target changed as well cannot be told", t.places().Vi, t.places().En)
		return c
	}
	return t.byTool(c, otherTool)
}

func (t *table) byTool(c Cause, otherTool bool) Cause {
	if otherTool {
		c.Kind = TargetOrTool
		c.What = lang.Tf("máy chủ thay đổi, hoặc do hai lần dùng hai phiên bản công cụ (%[1]s, %[2]s): không phân biệt được",
			"the target changed, or it is that two versions of the tool looked (%[1]s, %[2]s): which cannot be told", t.old.versions(), t.now.versions())
	}
	return c
}

func (s Side) versions() string {
	var out []string
	for _, tool := range s.Tools {
		v := tool.Version
		if tool.Commit != "" {
			v += "/" + tool.Commit
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, "+")
}

func (t *table) places() lang.Text {
	name := func(zs []inventory.Zone, l lang.Lang) string {
		var out []string
		for _, z := range zs {
			out = append(out, z.Text().In(l))
		}
		return strings.Join(out, ", ")
	}
	a, b := t.old.zones(), t.now.zones()
	return lang.Tf("nhìn từ nơi khác: trước từ %[1]s, nay từ %[2]s", "looked at from elsewhere: before from %[3]s, now from %[4]s",
		name(a, lang.Vi), name(b, lang.Vi), name(a, lang.En), name(b, lang.En))
}

// paper tells what a waiver or a document does. A waiver is the cause only where
// the fail that it excuses is there on both sides.
func (t *table) paper(x, y []*judge.Finding, k key) Cause {
	was, is := waived(x), waived(y)
	switch {
	case was == nil && is != nil && fails(x):
		return Cause{Kind: WaiverIn, What: lang.Tf("có miễn trừ mới, đến hết ngày %[1]s", "a waiver was added, until %[1]s", is.Expires.Format(time.DateOnly))}
	case was != nil && is == nil && fails(y):
		what := lang.T("miễn trừ không còn trong tệp đơn vị", "the waiver is no longer in the unit file")
		if slices.ContainsFunc(t.now.Case.Unit.Waivers, func(w inventory.Waiver) bool { return w.Requirement == k.id }) {
			what = lang.T("miễn trừ trong tệp đơn vị nay khác trước: hết hạn sớm hơn, hoặc không nói về nơi này", "the waiver in the unit file is not as it was: it ends earlier, or is not about this place")
		}
		return Cause{Kind: WaiverOut, What: what}
	}
	a, b := lacks(x), lacks(y)
	switch {
	case len(a) > 0 && len(b) == 0:
		return Cause{Kind: EvidenceKind, What: lang.Tf("đã có tài liệu chứng minh (trước: %[1]s)", "a document was supplied (before: %[2]s)", why(a).Vi, why(a).En)}
	case len(b) > 0 && slices.ContainsFunc(b, func(m judge.Missing) bool { return m.Cause == fact.Expired }):
		return Cause{Kind: EvidenceEnd, What: lang.Tf("tài liệu chứng minh: %[1]s", "the document: %[2]s", why(b).Vi, why(b).En)}
	case len(b) > 0:
		return Cause{Kind: EvidenceKind, What: lang.Tf("tài liệu chứng minh nay không dùng được: %[1]s", "the document cannot be used now: %[2]s", why(b).Vi, why(b).En)}
	}
	return Cause{Kind: EvidenceKind, What: lang.T("tài liệu chứng minh hoặc xác nhận đã thay đổi", "documents or what they attest have changed")}
}

// fails tells whether any of the findings is a fail that nothing excuses.
func fails(fs []*judge.Finding) bool {
	return slices.ContainsFunc(fs, func(f *judge.Finding) bool { return f.Verdict == judge.Fail })
}

func waived(fs []*judge.Finding) *inventory.Waiver {
	for _, f := range fs {
		if f.Waiver != nil {
			return f.Waiver
		}
	}
	return nil
}

// lacks lists what findings that are open lack.
func lacks(fs []*judge.Finding) []judge.Missing {
	var out []judge.Missing
	for _, f := range fs {
		if f.Verdict == judge.Inconclusive || f.Verdict == judge.Manual {
			out = append(out, f.Missing...)
		}
	}
	return out
}

// why names the causes for which something is missing.
func why(ms []judge.Missing) lang.Text {
	var vi, en []string
	for _, m := range ms {
		if t := m.Cause.Text(); !slices.Contains(en, t.En) {
			vi, en = append(vi, t.Vi), append(en, t.En)
		}
	}
	return lang.T(strings.Join(vi, ", "), strings.Join(en, ", "))
}
