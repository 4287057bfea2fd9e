package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sansang/sansang/internal/change"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Compact writes a value of ours as JSON that no terminal obeys, both languages
// at once.
func Compact(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(visible(b.Bytes()))
	return err
}

// diffText is a difference as text for a terminal.
type diffText struct {
	textPage
	valuer
}

// Diff tells what changed, and why, as text. The schema names the parts of what
// was seen.
func Diff(w io.Writer, d change.Diff, schema fact.Schema, o Options) error {
	t := &diffText{textPage{width: max(o.Width, 40), colour: o.Colour}, valuer{o.Lang, schema}}
	t.head(d)
	for _, c := range []struct {
		course change.Course
		title  lang.Text
	}{
		{change.Worse, lang.T("XẤU ĐI", "WORSE")},
		{change.Unclear, lang.T("KHÔNG CÒN XÁC ĐỊNH ĐƯỢC", "CAN NO LONGER BE TOLD")},
		{change.NotWorse, lang.T("THAY ĐỔI KHÁC", "OTHER CHANGES")},
	} {
		t.section(c.title, alikeChanges(d.Findings, c.course))
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (t *diffText) in(x lang.Text) string { return x.In(t.lang) }

func (t *diffText) head(d change.Diff) {
	t.write(bold, "", "", outside(d.Unit.Name, maxString)+" ("+outside(d.Unit.ID, 20)+")")
	t.end(lang.T("Trước", "Before"), d.Old)
	t.end(lang.T("Nay", "Now"), d.New)
	t.write(plain, "", "", t.in(lang.Tf("%[1]d trên %[2]d kết quả (yêu cầu tại từng nơi) thay đổi.", "%[1]d of %[2]d findings (a requirement at a place) changed.", len(d.Findings), d.Compared)))
	if len(d.Why) > 0 {
		t.write(plain, "", "", t.in(lang.T("Kết luận thay đổi vì: ", "The verdict changed because: "))+t.sets(d.Why))
	}
}

func (t *diffText) end(label lang.Text, e change.End) {
	var zones []string
	for _, z := range e.Zones {
		zones = append(zones, t.in(z.Text()))
	}
	t.field(0, t.in(label), t.in(e.Verdict.Text())+" · "+outside(e.File, 40)+" · "+outside(e.Policy.ID+" "+e.Policy.Version, 40)+" · "+
		t.in(lang.T("xét lúc ", "as of "))+moment(e.At, t.lang)+" · "+t.in(lang.T("nhìn từ ", "seen from "))+strings.Join(zones, ", "))
}

// changed is findings of one requirement that changed alike.
type changed struct {
	change.Finding
	places []string
}

// alikeChanges puts together what changed alike in several places.
func alikeChanges(fs []change.Finding, course change.Course) []changed {
	var out []changed
	index := map[string]int{}
	for _, f := range fs {
		if f.Course() != course {
			continue
		}
		name := f.Endpoint
		if name == "" {
			name = f.System
		}
		if f.Target != "" && f.Target != name && !strings.HasSuffix(name, ":"+f.Target) {
			name += " – " + f.Target
		}
		key := fmt.Sprint(f.Requirement, f.Old, f.New, f.Why)
		i, ok := index[key]
		if !ok {
			i, index[key] = len(out), len(out)
			out = append(out, changed{Finding: f})
		}
		out[i].places = addNew(out[i].places, outside(name, 100))
	}
	return out
}

func (t *diffText) section(title lang.Text, cs []changed) {
	if len(cs) == 0 {
		return
	}
	t.heading(t.in(title) + fmt.Sprintf(" (%d)", len(cs)))
	for i, c := range cs {
		if i > 0 {
			t.gap()
		}
		t.write(bold, "", "  ", c.Requirement+" · "+t.in(c.Severity.Text())+" · "+t.in(c.Title))
		places := firstFew(c.places, maxPlaces)
		for i, p := range places {
			places[i] = t.in(placeName(p))
		}
		if len(places) == 0 {
			places = []string{t.in(lang.T("toàn đơn vị", "the whole unit"))}
		}
		t.textPage.list(2, t.in(labelWhere), places)
		t.field(2, t.in(lang.T("Kết quả", "Result")), t.state(c.Old)+" → "+t.state(c.New))
		t.field(2, t.in(lang.T("Vì", "Because")), t.sets(c.Why))
	}
}

func (t *diffText) state(s change.State) string {
	switch {
	case s.Absent:
		return t.in(lang.T("(không có)", "(not there)"))
	case s.Decides || s.Verdict == judge.NotApplicable:
		return t.in(s.Verdict.Text())
	}
	return t.in(s.Verdict.Text()) + t.in(lang.T(" (không quyết định)", " (does not decide)"))
}

// sets tells causes: those that act together are joined, and any of several
// would be enough.
func (t *diffText) sets(sets []change.Set) string {
	var out []string
	for _, s := range sets {
		var told []string
		for _, c := range s {
			told = append(told, t.cause(c))
		}
		out = append(out, strings.Join(told, t.in(lang.T("; cùng với: ", "; together with: "))))
	}
	return strings.Join(out, t.in(lang.T("; hoặc, riêng nó cũng đủ: ", "; or, enough by itself: ")))
}

func (t *diffText) cause(c change.Cause) string {
	var facts []string
	for _, p := range c.Facts {
		facts = append(facts, t.in(p.Label)+": "+t.value(p.Path, p.Old)+" → "+t.value(p.Path, p.New))
	}
	facts = firstFew(facts, maxParts)
	if len(facts) == 0 {
		return outside(t.in(c.What), 2*maxString)
	}
	return outside(t.in(c.What), 2*maxString) + " (" + strings.Join(facts, "; ") + ")"
}

func (t *diffText) value(path string, x any) string {
	if x == nil {
		return t.in(lang.T("chưa thấy", "not seen"))
	}
	return t.at(path, x)
}
