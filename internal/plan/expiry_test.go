package plan

import (
	"slices"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// What ends at one moment is parted among the ends that it can come from; what
// none of them explains is told by itself.
func TestConsequencesArePartedAmongEnds(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	on := now.AddDate(0, 0, 10)
	ends := []Expiry{{On: on, Kind: Document, What: lang.T("a", "a"), of: []string{"R-1"}}, {On: on, Kind: Waiver, What: lang.T("b", "b"), of: []string{"R-2"}},
		{On: on, Kind: Law, What: lang.T("c", "c"), of: []string{"R-9"}}}
	met := []Consequent{{ID: "R-1", Old: judge.Pass, New: judge.Manual}, {ID: "R-3", Old: judge.Pass, New: judge.Fail}}
	got := map[Kind][]string{}
	for _, e := range told(ends, met, now) {
		got[e.Kind] = []string{}
		for _, a := range e.Affects {
			got[e.Kind] = append(got[e.Kind], a.ID)
		}
		if e.Days != 10 {
			t.Errorf("%s in %d days, want 10", e.Kind, e.Days)
		}
	}
	want := map[Kind][]string{Document: {"R-1"}, Waiver: {}, Other: {"R-3"}}
	for k, ids := range want {
		if !slices.Equal(got[k], ids) {
			t.Errorf("%s: %v, want %v", k, got[k], ids)
		}
	}
	if _, idle := got[Law]; idle {
		t.Error("a date on which nothing changes is told")
	}
}
