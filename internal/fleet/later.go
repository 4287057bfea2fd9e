package fleet

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/sansang/sansang/internal/store"
)

// later tells how long the look of a job must wait, before its task is taken: one
// that waits for its hours is nobody's, and any machine may do it then.
func (s *session) later(ctx context.Context, j *river.Job[look]) (d time.Duration, err error) {
	if s.o.Later == nil {
		return 0, nil
	}
	err = s.patiently(ctx, func(ctx context.Context) error {
		r, err := s.runOf(ctx, j.Args.Run)
		if err != nil {
			return err
		}
		of := s.o.Later(r)
		if of == nil {
			return nil
		}
		var u store.ListUnit
		if u, err = s.o.DB.ListUnit(ctx, r.List, j.Args.Unit); err == nil {
			d = of(u)
		}
		return err
	})
	return d, err
}
