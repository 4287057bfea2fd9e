package fleet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// places tells of each place that a look was to look at whether it answered,
// and if not why. Said are those of which something is known by what they sent.
func places(t Task, rec *record.Assessment, said map[string]bool) []store.Place {
	planned := map[string]bool{}
	for _, p := range rec.Header.Plan {
		planned[p.Endpoint] = true
	}
	seen := map[string][]*fact.Unknown{} // nil: known
	for _, of := range [][]fact.Observation{rec.Unanswered(), rec.Observations} {
		for i := range of {
			seen[of[i].Endpoint] = append(seen[of[i].Endpoint], of[i].Unknown)
		}
	}
	made := rec.Connections()
	var out []store.Place
	for _, e := range rec.Header.Unit.Places() {
		if !planned[e.ID] {
			continue
		}
		p := store.Place{Unit: t.Unit.ID(), Vantage: t.Vantage.Zone, Endpoint: e.ID, Target: e.Target, Kind: string(e.Kind), Connections: made[e.ID]}
		if !said[e.ID] && !foundOut(e.Kind, seen[e.ID]) {
			p.Cause, p.Detail = cause(seen[e.ID])
		}
		out = append(out, p)
	}
	return out
}

// foundOut tells whether silence is the answer: of a host or a domain it is, if
// it was found out. A port that is open and mute did not answer.
func foundOut(k inventory.Kind, seen []*fact.Unknown) bool {
	return (k == inventory.Host || k == inventory.Domain) && slices.Contains(seen, nil)
}

// secondary are causes that tell nothing of the place by themselves.
var secondary = []fact.Cause{fact.Prerequisite, fact.Skipped, fact.Elsewhere, fact.OtherWay, fact.Broken}

// cause gives the cause that most observations have, with the words that most
// of those have.
func cause(seen []*fact.Unknown) (why, detail string) {
	causes, details := map[fact.Cause]int{}, map[fact.Unknown]int{}
	for _, u := range seen {
		if u != nil {
			causes[u.Cause]++
			details[*u]++
		}
	}
	most := fact.Skipped
	for c := range causes {
		if n := cmp.Or(order(slices.Contains(secondary, most), slices.Contains(secondary, c)), causes[c]-causes[most], strings.Compare(string(most), string(c))); n > 0 {
			most = c
		}
	}
	best := fact.Unknown{Cause: most}
	for u := range details {
		if u.Cause == most && (details[u] > details[best] || details[u] == details[best] && u.Detail < best.Detail) {
			best = u
		}
	}
	return string(most), best.Detail
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
