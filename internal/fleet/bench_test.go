package fleet

import (
	"path/filepath"
	"testing"
	"time"
)

// What a task costs beside the look itself: planned, handed out, taken, landed.
func BenchmarkTask(b *testing.B) {
	const units = 3377
	for b.Loop() {
		db := openAt(b, filepath.Join(b.TempDir(), "x.db"))
		begun := time.Now()
		run := planned(b, db, units)
		b.ReportMetric(time.Since(begun).Seconds(), "s/plan")
		begun = time.Now()
		if err := newWorker(b, db, (&fake{}).look, func(o *Options) { o.Least, o.Most = 64, 64 }).Work(b.Context(), run.ID); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(units/time.Since(begun).Seconds(), "tasks/s")
	}
}
