package report

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
)

// TestWaysAreTold: how a fact is known stands beside the finding, once for each
// way; that it was observed goes without saying but in the details.
func TestWaysAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		ways []fact.Way
		text string // in the text report; empty: no line
		html string
	}{
		"observed":          {[]fact.Way{fact.Observed}, "", "biết bằng cách: quan sát"},
		"probed":            {[]fact.Way{fact.Probed}, "Cách biết   thử", "biết bằng cách: thử"},
		"several":           {[]fact.Way{fact.Inferred, fact.Observed, fact.Inferred}, "Cách biết   quan sát, suy ra", "biết bằng cách: quan sát, suy ra"},
		"another tool":      {[]fact.Way{fact.Reported}, "Cách biết   theo công cụ khác (testssl 3.0.8, web.json)", "biết bằng cách: theo công cụ khác (testssl 3.0.8, web.json)"},
		"records of before": {[]fact.Way{""}, "", ""},
	} {
		res := catalogue[4]
		res.Decides, res.Verdict = true, judge.Fail
		f := judge.Finding{Scope: judge.PerEndpoint, Endpoint: "web", Target: "https://web.example/", Decides: true, Verdict: judge.Fail}
		for _, w := range c.ways {
			s := saw("tls.versions.tls10", "TLS 1.0", "TLS 1.0", true)
			if s.Known = w; w == fact.Reported {
				s.ToldBy = &fact.Teller{Tool: "testssl", Version: "3.0.8", File: "web.json"}
			}
			f.Saw = append(f.Saw, s)
		}
		res.Findings = []judge.Finding{f}
		s := start()
		s.results = []judge.Result{res}
		d := s.document(judge.NotReady)
		text, html := string(render(t, "text", d, Options{})), string(render(t, "html", d, Options{}))
		if !strings.Contains(text, c.text) || c.text == "" && strings.Contains(text, "Cách biết") {
			t.Errorf("%s: text\n%s", name, text)
		}
		if !strings.Contains(html, c.html) || c.html == "" && strings.Contains(html, "iết bằng cách") {
			t.Errorf("%s: not in HTML: %s", name, c.html)
		}
	}
}
