package judge

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// retold makes of the views that begin with "told." what another tool reported.
func retold(t *testing.T, zone inventory.Zone, all ...string) Case {
	t.Helper()
	var plain []string
	for _, v := range all {
		plain = append(plain, strings.TrimPrefix(v, "told."))
	}
	c := views(t, zone, plain...)
	for i, v := range all {
		if !strings.HasPrefix(v, "told.") {
			continue
		}
		c.Vantages[i].Told = true
		for j, o := range c.Observations {
			if o.Vantage == c.Vantages[i].Name {
				c.Observations[j].Known, c.Observations[j].ToldBy = fact.Reported, &fact.Teller{Tool: "testssl", Version: "3.0.8", File: "web.json"}
			}
		}
	}
	return c
}

// A good door is shut. What another tool told counts where nobody of ours was to
// look, and is a remark where somebody was.
func TestToldByOthers(t *testing.T) {
	for _, c := range []struct {
		name, told string
		from       string
		want       Verdict
		warn       int
	}{
		{"alone, good", "told.internet:shut", "", Pass, 0},
		{"alone, bad", "told.internet:open", "", Fail, 0},
		{"alone, and it could not tell", "told.internet:unseen", "", Inconclusive, 0},
		{"two tools, one bad", "told.internet:shut told.internet:open", "", Fail, 0},
		{"we saw it good", "internet:shut told.internet:open", "", Pass, 1},
		{"we saw it bad", "internet:open told.internet:shut", "", Fail, 0},
		{"we did not see it", "internet:unseen told.internet:shut", "", Inconclusive, 0},
		{"we did not see it, they say bad", "internet:unseen told.internet:open", "", Inconclusive, 1},
		{"they could not tell", "internet:shut told.internet:unseen", "", Pass, 0},
		{"we were not to look", "internet:unasked told.internet:shut", "", Pass, 0},
		{"we stood elsewhere, and a rule asks for their zone", "internal:shut told.internet:open", "internet", Fail, 0},
		{"a rule asks for our zone", "internet:shut told.internal:open", "internet", Pass, 0},
	} {
		rule := "  scope: endpoint\n  expect: '!door.state.open'\n"
		if c.from != "" {
			rule = "  scope: endpoint\n  from: [" + c.from + "]\n  expect: '!door.state.open'\n"
		}
		f := judged(t, retold(t, "internet", strings.Fields(c.told)...), rule).Requirements[0].Findings[0]
		if f.Verdict != c.want || len(f.Warnings) != c.warn {
			t.Errorf("%s: %v with the warnings %v, want %v with %d", c.name, f.Verdict, f.Warnings, c.want, c.warn)
		}
		for _, w := range f.Warnings {
			if !strings.Contains(w.En, "testssl 3.0.8, web.json") || !strings.Contains(w.Vi, "testssl 3.0.8, web.json") {
				t.Errorf("%s: %v does not name the tool", c.name, w)
			}
		}
		for _, s := range f.Saw {
			if (s.Known == fact.Reported) != (s.ToldBy != nil) {
				t.Errorf("%s: saw %+v", c.name, s)
			}
		}
	}
}

// A policy or a requirement may refuse what was only reported; then it is as
// good as not seen. One that takes nothing else can be told of any fact.
func TestReportedCanBeRefused(t *testing.T) {
	for known, want := range map[string]Verdict{"": Pass, "  known: [observed, probed, inferred]\n": Inconclusive, "  known: [reported]\n": Pass} {
		f := judged(t, retold(t, "internet", "told.internet:shut"), "  scope: endpoint\n  expect: '!door.state.open'\n"+known).Requirements[0].Findings[0]
		if f.Verdict != want || want == Inconclusive && f.Missing[0].Cause != fact.OtherWay {
			t.Errorf("%q: %+v, want %v", known, f, want)
		}
	}
}
