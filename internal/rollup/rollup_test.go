package rollup

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

func unit(id string, kind inventory.UnitKind, parent string, v judge.UnitVerdict, fs ...Finding) Unit {
	return Unit{Identity: inventory.Identity{ID: id, Name: "Đơn vị " + id, Kind: kind, Parent: parent}, Verdict: &v, Complete: true, Findings: fs,
		Places: []Place{{Endpoint: "web", Target: "https://" + id, Vantage: inventory.Internet}}}
}

func finding(id string, v judge.Verdict, causes ...fact.Cause) Finding {
	return Finding{Requirement: id, Decides: true, Verdict: v, Severity: judge.High, Places: 1, Causes: causes}
}

func count(us ...Unit) Rollup {
	c := New(Run{ID: 1}, nil, nil)
	for _, u := range us {
		c.Add(u)
	}
	return c.Rollup()
}

// TestDenominators: what was not looked at in full is not checked, and is
// neither ready nor not.
func TestDenominators(t *testing.T) {
	partly := unit("H02", inventory.Province, "", judge.Ready)
	partly.Complete = false
	waiting := unit("H03", inventory.Province, "", judge.Ready)
	waiting.Verdict, waiting.Places = nil, nil
	mute := unit("H04", inventory.Province, "", judge.Undetermined)
	mute.Places[0].Cause = fact.Timeout
	r := count(unit("H01", inventory.Province, "", judge.Ready), partly, waiting, mute, unit("G01", inventory.Ministry, "", judge.NotReady))
	if want := (Count{Listed: 5, Checked: 3, Ready: 1, NotReady: 1, Undetermined: 1, Partly: 1, Unchecked: 1, Silent: 1}); r.Total != want {
		t.Errorf("counted %+v, want %+v", r.Total, want)
	}
	if len(r.Kinds) != 2 || r.Kinds[0].Kind != inventory.Ministry || r.Kinds[0].Count != (Count{Listed: 1, Checked: 1, NotReady: 1}) {
		t.Errorf("by kind: %+v", r.Kinds)
	}
	if r.Units[1].Outcome != Partly || r.Units[1].Verdict != Ready {
		t.Errorf("a unit looked at in part is told as %s, so far %s", r.Units[1].Outcome, r.Units[1].Verdict)
	}
}

// TestSumsAgree: over any run the parts make the whole, by kind and by province.
func TestSumsAgree(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 7))
	kinds := []inventory.UnitKind{inventory.Ministry, inventory.Province, inventory.Commune, inventory.Other, "new-kind"}
	for range 200 {
		var us []Unit
		for i := range rnd.IntN(40) {
			u := unit(fmt.Sprintf("U%d", i), kinds[rnd.IntN(len(kinds))], fmt.Sprintf("U%d", rnd.IntN(45)), judge.UnitVerdict(rnd.IntN(3)))
			if u.Complete = rnd.IntN(4) > 0; rnd.IntN(5) == 0 {
				u.Verdict = nil
			}
			us = append(us, u)
		}
		r := count(us...)
		var byKind, byProvince int
		for _, k := range r.Kinds {
			byKind += k.Listed
			whole(t, k.Count)
		}
		for _, p := range r.Provinces {
			byProvince += p.Listed
			whole(t, p.Count)
		}
		whole(t, r.Total)
		if byKind != len(us) || byProvince+r.Elsewhere != len(us) || r.Total.Listed != len(us) || len(r.Units) != len(us) {
			t.Fatalf("%d units: %d by kind, %d by province and %d outside, %d in all, %d lines", len(us), byKind, byProvince, r.Elsewhere, r.Total.Listed, len(r.Units))
		}
	}
}

func whole(t *testing.T, c Count) {
	t.Helper()
	if c.Listed != c.Checked+c.Partly+c.Unchecked || c.Checked != c.Ready+c.NotReady+c.Undetermined || c.Silent > c.Checked {
		t.Errorf("the parts do not make the whole: %+v", c)
	}
}

func TestProvinces(t *testing.T) {
	c := New(Run{}, nil, []Merger{{"H77", "H78"}, {"H78", "H01"}})
	for _, u := range []Unit{
		unit("H01", inventory.Province, "", judge.Ready),
		unit("H01.1", inventory.Commune, "H01", judge.NotReady),
		unit("H01.1.1", inventory.Other, "H01.1", judge.NotReady), // below a commune
		unit("H77.1", inventory.Commune, "H77", judge.Ready),      // its province was merged, twice
		unit("H50.1", inventory.Commune, "H50", judge.Ready),      // its province is not listed
		unit("X1", inventory.Other, "X2", judge.Ready),            // in a circle
		unit("X2", inventory.Other, "X1", judge.Ready),
		unit("G01", inventory.Ministry, "", judge.Ready),
	} {
		c.Add(u)
	}
	r := c.Rollup()
	if len(r.Provinces) != 2 || r.Provinces[0].Listed != 4 || r.Provinces[0].Outcome != Ready || r.Provinces[1].ID != "H50" || r.Provinces[1].Name != "" || r.Elsewhere != 3 {
		t.Errorf("provinces %+v, %d elsewhere", r.Provinces, r.Elsewhere)
	}
}

func TestRequirements(t *testing.T) {
	beside := finding("WEB-01", judge.Fail)
	beside.Decides = false
	partly := unit("C", inventory.Commune, "", judge.NotReady, finding("TLS-02", judge.Fail))
	partly.Complete = false
	r := count(
		unit("A", inventory.Commune, "", judge.NotReady, finding("TLS-02", judge.Fail), beside, finding("ORG-01", judge.Manual, fact.NoEvidence), finding("SSH-01", judge.NotApplicable)),
		unit("B", inventory.Commune, "", judge.NotReady, finding("TLS-02", judge.Pass), finding("ORG-01", judge.Inconclusive, fact.Timeout, fact.NoEvidence, fact.Timeout)),
		partly)
	if len(r.Failed) != 2 || r.Failed[0].ID != "TLS-02" || r.Failed[0].Units != 1 || r.Failed[0].Applies != 2 || r.Failed[1].Units != 0 || r.Failed[1].Beside != 1 {
		t.Errorf("failed: %+v", r.Failed)
	}
	want := []Missing{{Requirement{ID: "ORG-01", Severity: judge.High}, 2, 2, []Cause{{fact.NoEvidence, 2}, {fact.Timeout, 1}}}}
	if !reflect.DeepEqual(r.Missing, want) {
		t.Errorf("missing: %+v", r.Missing)
	}
}

// TestDead: an endpoint that answers somebody is not dead.
func TestDead(t *testing.T) {
	u := unit("A", inventory.Commune, "", judge.Undetermined)
	u.Places = []Place{
		{Endpoint: "db", Vantage: inventory.Internet, Cause: fact.Timeout}, {Endpoint: "db", Vantage: inventory.Internal},
		{Endpoint: "web", Vantage: inventory.Internet, Cause: fact.Unreachable}, {Endpoint: "web", Vantage: inventory.Internal, Cause: fact.Reset},
	}
	r := count(u)
	if r.Endpoints.Looked != 2 || r.Endpoints.Answered != 1 || len(r.Dead) != 1 || r.Dead[0].Endpoint != "web" || len(r.Dead[0].From) != 2 || !reflect.DeepEqual(r.Endpoints.Causes, []Cause{{fact.Unreachable, 1}}) {
		t.Errorf("endpoints %+v, dead %+v", r.Endpoints, r.Dead)
	}
}

func TestChanges(t *testing.T) {
	c := New(Run{Policy: Policy{SHA256: "a"}}, nil, []Merger{{"O1", "N"}, {"O2", "N"}})
	c.Since(Run{Policy: Policy{SHA256: "a"}})
	for _, u := range []Unit{
		unit("A", inventory.Commune, "", judge.Ready, finding("TLS-02", judge.Pass), finding("ORG-01", judge.Fail)),
		unit("O1", inventory.Commune, "", judge.Ready, finding("TLS-02", judge.Pass)),
		unit("O2", inventory.Commune, "", judge.NotReady, finding("TLS-02", judge.Fail)),
		unit("Z", inventory.Commune, "", judge.Ready),
	} {
		c.AddBefore(u)
	}
	waiting := unit("Z2", inventory.Commune, "", judge.Ready)
	waiting.Verdict = nil
	for _, u := range []Unit{
		unit("A", inventory.Commune, "", judge.NotReady, finding("TLS-02", judge.Fail), finding("ORG-01", judge.Manual)),
		unit("N", inventory.Commune, "", judge.Ready, finding("TLS-02", judge.Pass)),
		waiting,
	} {
		c.Add(u)
	}
	ch := c.Rollup().Changes
	if ch.Compared != 2 || ch.New != 1 || ch.Merged != 2 || ch.OtherPolicy || len(ch.Gone) != 1 || ch.Gone[0].ID != "Z" {
		t.Errorf("changes: %+v", ch)
	}
	wantUnits := []UnitChange{
		{"A", "Đơn vị A", inventory.Commune, Ready, NotReady, nil},
		{"N", "Đơn vị N", inventory.Commune, NotReady, Ready, []string{"O1", "O2"}},
	}
	if !reflect.DeepEqual(ch.Units, wantUnits) {
		t.Errorf("units: %+v", ch.Units)
	}
	want := []RequirementChange{
		{Requirement: Requirement{ID: "TLS-02", Severity: judge.High}, Mended: 1, Failed: 1},
		{Requirement: Requirement{ID: "ORG-01", Severity: judge.High}, Lost: 1},
	}
	if !reflect.DeepEqual(ch.Requirements, want) {
		t.Errorf("requirements: %+v", ch.Requirements)
	}
}

// TestMergedUnknown: if one of the units that were merged was not checked, it is
// not known what they were together.
func TestMergedUnknown(t *testing.T) {
	c := New(Run{}, nil, []Merger{{"O1", "N"}, {"N", "O1"}, {"O2", "N"}})
	c.Since(Run{})
	waiting := unit("O2", inventory.Commune, "", judge.Ready)
	waiting.Verdict = nil
	c.AddBefore(unit("O1", inventory.Commune, "", judge.NotReady))
	c.AddBefore(waiting)
	c.Add(unit("N", inventory.Commune, "", judge.Ready))
	r := c.Rollup()
	if r.Changes.Compared != 0 || r.Units[0].Before != Unchecked || len(r.Units[0].Merged) != 2 {
		t.Errorf("compared %d, the unit was %s, made of %v", r.Changes.Compared, r.Units[0].Before, r.Units[0].Merged)
	}
}
