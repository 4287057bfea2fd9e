package main

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/record"
)

// The day on which the example units are judged.
const unitsDay = "2026-11-24"

// TestUnitReports holds the stored assessments of the example units to their
// sources, judges them as a user would, and holds the reports still, in both
// languages, to be read in review.
func TestUnitReports(t *testing.T) {
	for unit, want := range map[string]int{"province": exitReady, "ministry": exitNotReady, "commune": exitUndetermined} {
		hold(t, filepath.Join(units, unit, "ho-so.jsonl"), enact(t, unit))
		for _, l := range []string{"vi", "en"} {
			for format, ext := range map[string]string{"text": "txt", "html": "html"} {
				var out, errs bytes.Buffer
				args := []string{"judge", filepath.Join(units, unit, "ho-so.jsonl"), "--policy", defaultPolicy, "--at", unitsDay, "--format", format, "--lang", l}
				if got := run(context.Background(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" }); got != want {
					t.Fatalf("%s: exit code %d, want %d: %s", unit, got, want, errs.String())
				}
				hold(t, filepath.Join(units, unit, "bao-cao."+l+"."+ext), out.Bytes())
			}
		}
	}
}

func judgedUnit(t *testing.T, unit string) judge.Report {
	t.Helper()
	assessed, err := record.Open(filepath.Join(units, unit, "ho-so.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := loadPolicy(defaultPolicy)
	if err != nil {
		t.Fatal(err)
	}
	at, err := parseAt(unitsDay)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Judge(caseOf(assessed, at))
}

// TestTheProvinceIsReadyInEverything: of a unit that did all, every requirement
// passes, but for the one whose document cannot exist yet.
func TestTheProvinceIsReadyInEverything(t *testing.T) {
	r := judgedUnit(t, "province")
	for _, res := range r.Requirements {
		if res.ID == "ORG-11" { // the yearly report: its figures end on 14 December
			if res.Verdict != judge.Manual || res.Decides {
				t.Errorf("ORG-11: %v, decides: %v", res.Verdict, res.Decides)
			}
			continue
		}
		if res.Verdict != judge.Pass && res.Verdict != judge.NotApplicable {
			t.Errorf("%s: %v: %+v", res.ID, res.Verdict, res.Findings)
		}
	}
	for _, n := range r.NotJudged {
		t.Errorf("%s is not judged", n.ID)
	}
}

// TestTheMinistryHasEveryVerdict: the unit that did half shows every way in
// which a requirement can come out, and every trouble with documents.
func TestTheMinistryHasEveryVerdict(t *testing.T) {
	r := judgedUnit(t, "ministry")
	var verdicts []judge.Verdict
	var causes []string
	for _, res := range r.Requirements {
		verdicts = append(verdicts, res.Verdict)
		for _, f := range res.Findings {
			for _, m := range f.Missing {
				causes = append(causes, string(m.Cause))
			}
		}
	}
	for _, v := range judge.Verdicts {
		if !slices.Contains(verdicts, v) {
			t.Errorf("nothing is %v", v)
		}
	}
	for _, c := range []string{"no-evidence", "expired", "changed", "rejected", "blocked"} {
		if !slices.Contains(causes, c) {
			t.Errorf("nothing is missing because of %s", c)
		}
	}
}
