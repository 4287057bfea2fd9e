package judge

import (
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

// TestWays holds that a fact known in a way that nobody asked for is as good as
// not seen: it neither passes nor fails.
func TestWays(t *testing.T) {
	good := see(t, whole())
	bad := whole()
	bad.Open = true
	for name, c := range map[string]struct {
		door   fact.Observation
		said   fact.Way   // in the record
		is     fact.Way   // by the check's definition
		policy []fact.Way // that the policy takes
		rest   string     // of the requirement
		want   Verdict
		known  fact.Way
	}{
		"nobody asks":                     {good, fact.Inferred, fact.Inferred, nil, "", Pass, fact.Inferred},
		"as the policy wants":             {good, fact.Probed, fact.Probed, []fact.Way{fact.Observed, fact.Probed}, "", Pass, fact.Probed},
		"as the requirement wants":        {good, fact.Observed, fact.Observed, nil, "  known: [observed]\n", Pass, fact.Observed},
		"otherwise, and it would pass":    {good, fact.Inferred, fact.Inferred, []fact.Way{fact.Observed, fact.Probed}, "", Inconclusive, ""},
		"otherwise, and it would fail":    {see(t, bad), fact.Inferred, fact.Inferred, []fact.Way{fact.Observed}, "", Inconclusive, ""},
		"the requirement narrows":         {good, fact.Probed, fact.Observed, []fact.Way{fact.Observed, fact.Probed}, "  known: [observed]\n", Inconclusive, ""},
		"the requirement does not widen":  {good, fact.Observed, fact.Observed, []fact.Way{fact.Probed}, "  known: [observed]\n", Inconclusive, ""},
		"a record of before":              {good, "", fact.Probed, []fact.Way{fact.Probed}, "", Pass, fact.Probed},
		"a record of before, and not so":  {good, "", fact.Inferred, []fact.Way{fact.Probed}, "", Inconclusive, ""},
		"the record says, not the check":  {good, fact.Inferred, fact.Observed, []fact.Way{fact.Observed}, "", Inconclusive, ""},
		"a record of before, of no check": {good, "", "", []fact.Way{fact.Observed}, "", Inconclusive, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policyOf(t, closed+c.rest)
			if err != nil {
				t.Fatal(err)
			}
			p.schema["door.state"].Known, p.Known = c.is, c.policy
			c.door.Known = c.said
			f := p.Judge(Case{Unit: unit(), Observations: []fact.Observation{c.door}, At: day}).Requirements[0].Findings[0]
			if f.Verdict != c.want {
				t.Fatalf("%v, want %v: %+v", f.Verdict, c.want, f)
			}
			if c.want == Inconclusive && (len(f.Saw) > 0 || f.Missing[0].Cause != fact.OtherWay || !strings.Contains(f.Missing[0].Detail, "only ")) {
				t.Errorf("saw %+v, missing %+v", f.Saw, f.Missing)
			}
			if c.want == Pass && f.Saw[0].Known != c.known {
				t.Errorf("known by %q, want %q", f.Saw[0].Known, c.known)
			}
		})
	}
}

// TestUnseenStaysUnseen: why a fact was not seen is told before how it would
// have been known.
func TestUnseenStaysUnseen(t *testing.T) {
	p, err := policyOf(t, closed)
	if err != nil {
		t.Fatal(err)
	}
	p.Known = []fact.Way{fact.Probed}
	o := fact.Observation{Check: "door.state", Endpoint: "e", At: day, Known: fact.Observed, Unknown: fact.Because(fact.Timeout, "x")}
	f := p.Judge(Case{Unit: unit(), Observations: []fact.Observation{o}, At: day}).Requirements[0].Findings[0]
	if f.Missing[0].Cause != fact.Timeout {
		t.Errorf("%+v", f.Missing)
	}
}

// TestMistakesAboutWays: a way that does not exist, and one that can never be.
func TestMistakesAboutWays(t *testing.T) {
	for rest, want := range map[string]string{
		"  known: [guessed]\n":  "write one of: observed, probed, inferred",
		"  known: []\n":         "the list is too short",
		"  known: [inferred]\n": "takes only facts that are inferred",
		"  known: [observed]\n": "",
	} {
		_, err := policyOf(t, closed+rest)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", rest, err, want)
		}
	}
}
