package fleet

import (
	"fmt"
	"testing"

	"github.com/sansang/sansang/internal/store"
)

// What takes long neither comes first nor last; what hung comes last.
func TestWhatTakesLongIsSpread(t *testing.T) {
	var tasks []store.Task
	for i := range 130 {
		tasks = append(tasks, store.Task{TaskKey: store.TaskKey{Unit: fmt.Sprint(i)}, Priority: []int{1, 1, 1, long, last}[i%13%5]})
	}
	for name, tasks := range map[string][]store.Task{"all": tasks, "one": tasks[:1], "none": nil, "long alone": {tasks[3], tasks[8]}} {
		got := spread(tasks)
		seen, run := map[string]bool{}, 0
		for i, task := range got {
			seen[task.Unit] = true
			if run++; task.Priority != long {
				run = 0
			}
			if name == "all" && (run > 1 || task.Priority == long && i > len(got)*4/5 || task.Priority == last && i < len(got)*4/5) {
				t.Errorf("%s: priority %d at %d of %d", name, task.Priority, i, len(got))
			}
		}
		if len(seen) != len(tasks) || len(got) != len(tasks) {
			t.Errorf("%s: of %d tasks there are %d, %d of them other ones", name, len(tasks), len(got), len(seen))
		}
	}
}
