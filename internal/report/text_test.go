package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// TestTextFits: a terminal cuts what is too wide, and a cut reason is a lost
// reason.
func TestTextFits(t *testing.T) {
	for name, d := range documents() {
		for _, l := range lang.All {
			for _, columns := range []int{0, 40, 80, 132} {
				got := string(render(t, "text", d, Options{Lang: l, Width: columns}))
				most := columns
				if most == 0 {
					most = 80
				}
				for i, line := range strings.Split(got, "\n") {
					if w := width(line); w > most {
						t.Errorf("%s %s: line %d has %d columns, more than %d: %q", name, l, i+1, w, most, line)
					}
				}
				checkHarmless(t, got)
			}
		}
	}
}

// checkHarmless looks for anything that a terminal would obey.
func checkHarmless(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("the text holds %U", r)
		}
	}
}

func TestVerdictComesFirst(t *testing.T) {
	for name, word := range map[string]lang.Text{
		"ready":        lang.T("SẴN SÀNG · Ủy ban", "READY · Ủy ban"),
		"not-ready":    lang.T("CHƯA ĐẠT · Ủy ban", "NOT READY · Ủy ban"),
		"undetermined": lang.T("CHƯA ĐỦ CĂN CỨ · Ủy ban", "UNDETERMINED · Ủy ban"),
	} {
		for _, l := range lang.All {
			got := string(render(t, "text", documents()[name], Options{Lang: l}))
			if !strings.HasPrefix(got, word.In(l)) {
				t.Errorf("%s %s begins with %q", name, l, got[:40])
			}
			flat := strings.Join(strings.Fields(got), " ")
			if !strings.HasSuffix(flat, caveat.In(l)) {
				t.Errorf("%s %s does not end with the caveat", name, l)
			}
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// TestColourChangesNothing: without its colours a coloured report is the plain
// one, so no meaning hangs on them.
func TestColourChangesNothing(t *testing.T) {
	for name, d := range documents() {
		plain := string(render(t, "text", d, Options{}))
		coloured := string(render(t, "text", d, Options{Colour: true}))
		if coloured == plain {
			t.Errorf("%s: no colour when asked for", name)
		}
		if escapes.ReplaceAllString(coloured, "") != plain {
			t.Errorf("%s: colour changes the text", name)
		}
	}
}

// TestAlikeTogether: twenty endpoints that fail in one way are one thing to
// fix, told once.
func TestAlikeTogether(t *testing.T) {
	res := catalogue[4] // TLS-02, whose fix is long
	res.Decides, res.Verdict = true, judge.Fail
	for i := range 20 {
		res.Findings = append(res.Findings, judge.Finding{Scope: judge.PerEndpoint, Endpoint: fmt.Sprintf("web-%02d", i), Target: fmt.Sprintf("https://web-%02d.example/", i), Decides: true, Verdict: judge.Fail,
			Saw: []judge.Saw{saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", true)}})
	}
	s := start()
	s.results = []judge.Result{res}
	got := string(render(t, "text", s.document(judge.NotReady), Options{}))
	for phrase, want := range map[string]int{"TLS-02 ·": 1, "Đã thấy": 1, "ssl_protocols": 1, "web-00 – https": 1, "web-19": 0, "… (+8)": 1} {
		if n := strings.Count(got, phrase); n != want {
			t.Errorf("%q stands %d times, want %d:\n%s", phrase, n, want, got)
		}
	}
}

// TestNothingUnsaid: a requirement without a verdict is never left out of what
// to supply, even when its reason was lost.
func TestNothingUnsaid(t *testing.T) {
	s := start()
	res := catalogue[4]
	res.Decides = true
	res.Findings = []judge.Finding{{Scope: judge.PerUnit, Decides: true, Verdict: judge.Inconclusive}}
	s.results = []judge.Result{res}
	for _, l := range lang.All {
		got := string(render(t, "text", s.document(judge.Undetermined), Options{Lang: l}))
		if !strings.Contains(got, "TLS-02") || !strings.Contains(strings.ToLower(got), strings.ToLower(fact.Broken.Text().In(l)[:12])) {
			t.Errorf("%s: an inconclusive requirement without a reason is not told:\n%s", l, got)
		}
	}
}
