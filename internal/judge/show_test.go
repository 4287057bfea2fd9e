package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
)

const telling = "  scope: endpoint\n  expect: 'door.state.names.size() < 2'\n  show:\n    - {say: {vi: x, en: the names}, value: 'door.state.names.filter(n, n != \"a\")'}\n    - {say: {vi: y, en: the locks}, value: 'door.state.locks'}\n"

// What a rule shows stands with the answer, is left out where it is empty or
// not known, and reads no check that the rule does not rest on.
func TestShow(t *testing.T) {
	told := func(d door) (out []string) {
		r := judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, d)}}, telling)
		for _, s := range r.Requirements[0].Findings[0].Saw {
			if s.aside {
				out = append(out, s.Label.En)
			}
			if s.aside && s.answered() {
				t.Error("what is told aside counts as the sight of a system")
			}
		}
		return out
	}
	some := whole()
	some.Names = []string{"a", "b"}
	if got := told(some); !slices.Equal(got, []string{"the names", "the locks"}) {
		t.Errorf("told %q", got)
	}
	blind := whole()
	blind.Locks = fact.Not[int](fact.Because(fact.Timeout, "x"))
	if got := told(blind); got != nil {
		t.Errorf("of nothing told %q", got)
	}
	_, err := policyOf(t, "  scope: endpoint\n  expect: 'attest.met'\n  show:\n    - {say: {vi: x, en: x}, value: 'door.state.names'}\n")
	if err == nil || !strings.Contains(err.Error(), "door.state") {
		t.Errorf("shows what it does not read: %v", err)
	}
}
