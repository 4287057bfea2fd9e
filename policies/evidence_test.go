package policies_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// By every policy that comes with the tool: as days pass and documents end,
// nothing that awaited evidence passes, and no review makes a fail a pass.
func TestEndsAndReviewsNeverImprove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { endsNeverImprove(t, anyPolicy(t)) })
}

func endsNeverImprove(t *rapid.T, p *judge.Policy) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	c := anyCase(t, p, at)
	c.Unit.Attestations = slices.Clone(c.Unit.Attestations)
	for i := range c.Unit.Attestations {
		a := &c.Unit.Attestations[i]
		a.SHA256 = rapid.SampledFrom([]string{sha, sha, sha, "another"}).Draw(t, fmt.Sprint("sha ", i))
		if rapid.Bool().Draw(t, fmt.Sprint("ends ", i)) {
			a.Until = inventory.Date{Time: a.Issued.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, fmt.Sprint("until ", i)))}
		}
		if rapid.IntRange(0, 3).Draw(t, fmt.Sprint("reviewed ", i)) == 0 {
			c.Unit.Reviews = append(c.Unit.Reviews, anyReview(t, *a))
		}
	}
	before := p.Judge(c)
	later := c
	later.At = at.AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "days"))
	compare(t, "days passed", before, p.Judge(later), judge.Manual)
	if len(c.Unit.Attestations) > 0 {
		reviewed := c
		reviewed.Unit.Reviews = append(slices.Clone(c.Unit.Reviews), anyReview(t, rapid.SampledFrom(c.Unit.Attestations).Draw(t, "which")))
		compare(t, "a review", before, p.Judge(reviewed), judge.Fail)
	}
}

func anyReview(t *rapid.T, a inventory.Attestation) inventory.Review {
	return inventory.Review{Requirement: a.Requirement, Document: a.Document, SHA256: a.SHA256, Reason: "r", By: "b", On: a.Issued,
		Result: rapid.SampledFrom([]inventory.Acceptance{inventory.Accepted, inventory.Refused}).Draw(t, "result")}
}

// compare wants no finding of a verdict to become a pass.
func compare(t *rapid.T, by string, before, after judge.Report, was judge.Verdict) {
	for i, res := range before.Requirements {
		for j, f := range res.Findings {
			if got := after.Requirements[i].Findings; f.Verdict == was && j < len(got) && got[j].Verdict == judge.Pass {
				t.Fatalf("%s: by %s %v became %v\n%+v\n%+v", res.ID, by, f.Verdict, got[j].Verdict, f.Papers, got[j].Papers)
			}
		}
	}
}
