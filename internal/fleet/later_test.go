package fleet

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// A unit that must wait for its hours is not begun before, stands in nobody's
// way, and is looked at once when they come.
func TestLater(t *testing.T) {
	t.Parallel()
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	run := planned(t, db, 12)
	f := &fake{}
	opens := time.Now().Add(2 * time.Second)
	w := newWorker(t, db, f.look, func(o *Options) {
		o.Least, o.Most = 2, 2
		o.Later = func(r store.Run) func(store.ListUnit) time.Duration {
			if r.ID != run.ID {
				t.Errorf("asked of run %d", r.ID)
			}
			return func(u store.ListUnit) time.Duration {
				if u.ID() < "u0006" {
					return time.Until(opens)
				}
				return 0
			}
		}
	})
	if err := w.Work(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if c := counts(t, db, run.ID); c.Tasks[store.TaskDone] != 12 || len(f.looks) != 12 {
		t.Errorf("%+v, %d looks", c, len(f.looks))
	}
	tasks, err := db.Tasks(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		if waits := task.Unit < "u0006"; waits == task.Began.Before(opens.Truncate(time.Millisecond)) || task.Attempts != 1 {
			t.Errorf("%s began at %s, %d attempts; the hours begin at %s", task.Unit, task.Began, task.Attempts, opens)
		}
	}
}
