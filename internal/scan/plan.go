package scan

import (
	"slices"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
)

// Task is everything to look at on one endpoint, in order: what a check
// requires comes before it.
type Task struct {
	Endpoint inventory.Endpoint
	Checks   []*checks.Check
}

// Plan lists the tasks for the checks that a policy needs, and for those that
// they require in turn. An ID that no check has is left to the policy's own
// type check, which knows its line. Checks that are made for this scan alone
// are found before those that there always are.
func Plan(u inventory.Unit, needs []string, own ...*checks.Check) []Task {
	var wanted []*checks.Check
	var add func(c *checks.Check)
	have := map[*checks.Check]bool{}
	add = func(c *checks.Check) {
		if have[c] {
			return
		}
		have[c] = true
		for _, r := range c.Before() {
			add(r)
		}
		wanted = append(wanted, c)
	}
	for _, id := range needs {
		if i := slices.IndexFunc(own, func(c *checks.Check) bool { return c.ID == id }); i >= 0 {
			add(own[i])
		} else if c, ok := checks.Find(id); ok {
			add(c)
		}
	}
	// the port first: whether it is open explains everything after it
	slices.SortStableFunc(wanted, func(a, b *checks.Check) int { return first(a) - first(b) })
	var tasks []Task
	for _, e := range u.Places() {
		t := Task{Endpoint: e}
		for _, c := range wanted {
			if c.AppliesTo(e) {
				t.Checks = append(t.Checks, c)
			}
		}
		tasks = append(tasks, t)
	}
	return tasks
}

func first(c *checks.Check) int {
	if c == checks.TCPOpen {
		return 0
	}
	return 1
}
