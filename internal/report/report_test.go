package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// TestUnknownFormat: never a silent default, always the names to choose from.
func TestUnknownFormat(t *testing.T) {
	_, err := Find("xlsx")
	var unknown *UnknownFormat
	if !errors.As(err, &unknown) {
		t.Fatalf("Find gave %v", err)
	}
	for _, l := range lang.All {
		if said := unknown.In(l); !strings.Contains(said, `"xlsx"`) || !strings.Contains(said, "text, html, json") {
			t.Errorf("in %s it says %q", l, said)
		}
	}
	for _, f := range Formats() {
		if got, err := Find(f.Name); err != nil || got.Name != f.Name || !got.About.Whole() {
			t.Errorf("%s: found %q, %v", f.Name, got.Name, err)
		}
	}
}

func TestNoAssessmentNoReport(t *testing.T) {
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Render(&b, Document{Judged: ready().Judged}, Options{}); err == nil || b.Len() > 0 {
			t.Errorf("%s: wrote %d bytes, error %v", f.Name, b.Len(), err)
		}
	}
}

// TestJSONIsTheJudgement: a program reads back what was judged, whole and in
// both languages, and where it comes from.
func TestJSONIsTheJudgement(t *testing.T) {
	for name, d := range documents() {
		vi, en := render(t, "json", d, Options{Lang: lang.Vi}), render(t, "json", d, Options{Lang: lang.En})
		if !bytes.Equal(vi, en) {
			t.Errorf("%s: JSON depends on the language", name)
		}
		if !bytes.HasSuffix(vi, []byte("}\n")) {
			t.Errorf("%s: JSON does not end its last line", name)
		}
		var got result
		if err := json.Unmarshal(vi, &got); err != nil {
			t.Fatal(err)
		}
		if got.Format != ResultFormat || got.Judged.Verdict != d.Judged.Verdict || got.Judged.Tally != d.Judged.Tally || len(got.Judged.Requirements) != len(d.Judged.Requirements) {
			t.Errorf("%s: read back %s %v %v", name, got.Format, got.Judged.Verdict, got.Judged.Tally)
		}
		if p := got.Provenance; p.Assessment != d.Assessment.SHA256 || !reflect.DeepEqual(p.Limits, d.Assessment.Header.Limits) || p.Complete != (name != "undetermined" && name != "joined") {
			t.Errorf("%s: provenance %+v", name, p)
		}
		for _, r := range string(vi) {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%s: JSON holds %U as it is", name, r)
			}
		}
	}
}

// TestVisibleKeepsTheValue: escaping what a terminal obeys changes no string.
func TestVisibleKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(rapid.String().Draw(t, "s")+"\u202e\u009b\U000e0041", "?")
		b, _ := json.Marshal(s)
		var got string
		if err := json.Unmarshal(visible(b), &got); err != nil || got != s {
			t.Fatalf("%q became %q, %v", s, got, err)
		}
	})
}

// TestAnyServer: whatever servers and unit files say, text fits and is
// harmless, and the page stays whole.
func TestAnyServer(t *testing.T) {
	nasty := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{hostile, "\n\n", "x" + strings.Repeat("\u0301", 50), strings.Repeat("国", 300), "</ul></section>", "{{.}}", "\"><a href=//evil>"}))
	value := rapid.OneOf(rapid.Custom(func(t *rapid.T) any { return nasty.Draw(t, "s") }),
		rapid.Custom(func(t *rapid.T) any {
			return []any{nasty.Draw(t, "a"), map[string]any{"name": nasty.Draw(t, "n"), nasty.Draw(t, "k"): nasty.Draw(t, "v")}}
		}))
	rapid.Check(t, func(rt *rapid.T) {
		d := notReady()
		for i := range d.Judged.Requirements {
			for j := range d.Judged.Requirements[i].Findings {
				f := &d.Judged.Requirements[i].Findings[j]
				if rapid.IntRange(0, 9).Draw(rt, "touch") > 0 {
					continue
				}
				f.Endpoint, f.Target = nasty.Draw(rt, "id"), nasty.Draw(rt, "target")
				for k := range f.Saw {
					f.Saw[k].Value = value.Draw(rt, "value")
				}
				for k := range f.Missing {
					f.Missing[k].Detail = nasty.Draw(rt, "detail")
				}
			}
		}
		d.Judged.Unit.Name, d.Judged.Unit.ID = nasty.Draw(rt, "unit"), nasty.Draw(rt, "unit id")
		d.Assessment.Header.Vantage.Name = nasty.Draw(rt, "vantage")
		d.Assessment.Observations[0].Peers = []string{nasty.Draw(rt, "peer")}
		text := string(render(t, "text", d, Options{}))
		for _, line := range strings.Split(text, "\n") {
			if width(line) > 80 {
				rt.Fatalf("%d columns: %q", width(line), line)
			}
		}
		checkHarmless(t, text)
		if rapid.IntRange(0, 3).Draw(rt, "page") > 0 { // pages take long
			return
		}
		elements(t, string(render(t, "html", d, Options{})), func(string, map[string]string) {})
		if !json.Valid(render(t, "json", d, Options{})) {
			rt.Fatal("no JSON")
		}
	})
}

// TestEmpty: a report of nothing is still a report.
func TestEmpty(t *testing.T) {
	for _, f := range Formats() {
		if len(render(t, f.Name, Document{Assessment: &record.Assessment{}, Judged: judge.Report{}}, Options{})) == 0 {
			t.Errorf("%s: nothing", f.Name)
		}
	}
}

// TestLookedAdd: planned is facts, Unknowns and what has no answer.
func TestLookedAdd(t *testing.T) {
	for name, d := range documents() {
		l := look(d.Assessment)
		if l.Facts+l.Unknown+l.Unanswered != l.Planned || l.Unanswered != len(d.Assessment.Missing()) {
			t.Errorf("%s: %+v", name, l)
		}
	}
}
