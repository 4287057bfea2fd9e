package fleet

import (
	"context"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// A unit that must wait for its hours is not begun before, stands in nobody's
// way, and is looked at once when they come: a second after all others are done.
func TestLater(t *testing.T) {
	t.Parallel()
	db := openAt(t, filepath.Join(t.TempDir(), "x.db"))
	run := planned(t, db, 12)
	f := &fake{}
	var others, opens atomic.Int64 // done; when the hours begin, in ms
	look := func(ctx context.Context, task Task, to io.Writer) error {
		err := f.look(ctx, task, to)
		if task.Unit.ID() >= "u0006" && others.Add(1) == 6 {
			opens.Store(time.Now().Add(time.Second).UnixMilli())
		}
		return err
	}
	w := newWorker(t, db, look, func(o *Options) {
		o.Least, o.Most = 2, 2
		o.Later = func(r store.Run) func(store.ListUnit) time.Duration {
			if r.ID != run.ID {
				t.Errorf("asked of run %d", r.ID)
			}
			return func(u store.ListUnit) time.Duration {
				if u.ID() >= "u0006" {
					return 0
				}
				if at := opens.Load(); at > 0 {
					return time.Until(time.UnixMilli(at))
				}
				return 300 * time.Millisecond
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
		if began := task.Began.UnixMilli(); task.Unit < "u0006" == (began < opens.Load()) || task.Attempts != 1 {
			t.Errorf("%s began at %d, %d attempts; the hours begin at %d", task.Unit, began, task.Attempts, opens.Load())
		}
	}
}
