package fleet

import (
	"context"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// patiently does again what the database could not do for being away, until ctx
// ends or the session is stopped for good.
func (s *session) patiently(ctx context.Context, f func(context.Context) error) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 3*time.Second) {
		err := f(ctx)
		if store.Full(err) {
			s.fatal(err)
			return err
		}
		if err == nil || !store.Away(err) {
			return err
		}
		s.trouble(err)
		if s.ctx.Err() != nil { // stopping: what cannot be kept now is looked at anew
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-s.ctx.Done():
		case <-time.After(wait):
		}
	}
}
