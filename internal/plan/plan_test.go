package plan

import (
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// A step closes a requirement only where nothing else of it fails, in another
// place or by facts of another kind, and says where something is still open.
func TestWhatAStepCloses(t *testing.T) {
	at := func(v judge.Verdict, endpoint, path string) judge.Finding {
		return judge.Finding{Scope: judge.PerEndpoint, System: "s", Endpoint: endpoint, Decides: true, Verdict: v, Saw: []judge.Saw{{Path: path}}}
	}
	for name, c := range map[string]struct {
		findings    []judge.Finding
		steps       int
		whole, open bool
	}{
		"one place":             {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x")}, 1, true, false},
		"two places alike":      {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Fail, "b", "tls.versions.x")}, 1, true, false},
		"two kinds, one place":  {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Fail, "a", "ssh.kex.x")}, 2, false, false},
		"two kinds, two places": {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Fail, "b", "ssh.kex.x")}, 2, false, false},
		"another not seen":      {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Inconclusive, "b", "")}, 1, true, true},
		"a paper awaited":       {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Manual, "", "")}, 1, true, true},
		"another holds":         {[]judge.Finding{at(judge.Fail, "a", "tls.versions.x"), at(judge.Pass, "b", "tls.versions.x")}, 1, true, false},
	} {
		r := judge.Report{Requirements: []judge.Result{{ID: "RR-01", Severity: judge.High, Verdict: judge.Fail, Decides: true, Findings: c.findings}}}
		got := steps(&judge.Policy{}, r)
		if len(got) != c.steps {
			t.Errorf("%s: %d steps, want %d", name, len(got), c.steps)
		}
		for _, s := range got {
			if one := s.Closes[0]; one.Whole != c.whole || one.Open != c.open {
				t.Errorf("%s: %+v, want whole %v, open %v", name, one, c.whole, c.open)
			}
		}
	}
}

// What holds through a day is told with that day and as many days as reports
// tell, whatever the hour and the zone of the moment.
func TestDaysOfAnEnd(t *testing.T) {
	last, _ := inventory.ParseDate("2026-11-30")
	p := &judge.Policy{}
	for at, want := range map[string]int{
		"2026-11-26T00:00:00+07:00": 4, "2026-11-25T17:00:00Z": 4, "2026-11-26T23:59:59+07:00": 4,
		"2026-11-29T16:59:59Z": 1, "2026-11-29T17:00:00Z": 0, "2026-11-30T23:59:59+07:00": 0,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		c := judge.Case{At: now, Unit: inventory.Unit{Waivers: []inventory.Waiver{{Requirement: "RR-01", Expires: last}}}}
		got := Make(p, c).Expiring
		if len(got) != 1 || got[0].Days != want || !got[0].Last.Equal(last.Time) || !got[0].On.Equal(last.End()) {
			t.Errorf("as of %s: %+v, want %d days", at, got, want)
		}
	}
}
