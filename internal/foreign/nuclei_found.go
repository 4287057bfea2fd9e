package foreign

import (
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/checks"
)

// nucleiFound is what was found at one target, by the set of ours that it is
// about. What none of ours is about counts as of templates that the unit chose.
type nucleiFound struct {
	target Target
	sets   map[string][]checks.Finding
	at     time.Time
}

func (f *nucleiFound) add(e nucleiEvent, at time.Time) {
	if f.at.IsZero() || !at.IsZero() && at.Before(f.at) {
		f.at = at // the oldest: a set of facts is as old as its oldest part
	}
	found := checks.Finding{ID: short(e.Template), Name: short(e.Info.Name), Severity: checks.SeverityOf(e.Info.Severity), At: short(e.Matched), CVEs: []string{}, Extracted: []string{}}
	for _, cve := range e.Info.Classification.CVE {
		found.CVEs = append(found.CVEs, strings.ToUpper(short(strings.TrimSpace(cve))))
	}
	for _, x := range e.Extracted[:min(len(e.Extracted), 8)] {
		found.Extracted = append(found.Extracted, short(x))
	}
	for _, set := range append(checks.SetsAbout(e.Template, found.CVEs), "templates.given") {
		same := func(have checks.Finding) bool { return have.ID == found.ID && have.At == found.At }
		if !slices.ContainsFunc(f.sets[set], same) {
			f.sets[set] = append(f.sets[set], found)
		}
	}
}

// told leaves open every list that has nothing in it.
func (f *nucleiFound) told() (out []Told) {
	for _, set := range sortedKeys(f.sets) {
		found := f.sets[set]
		fields := map[string]any{"found": found, "shown": found}
		for _, severity := range []string{"critical", "high", "medium", "low"} {
			var these []checks.Finding
			for _, x := range found {
				if x.Severity == severity {
					these = append(these, x)
				}
			}
			if len(these) > 0 {
				fields[severity] = these
			}
		}
		out = append(out, Told{Target: f.target, At: f.at, Check: set, Fields: fields})
	}
	return out
}
