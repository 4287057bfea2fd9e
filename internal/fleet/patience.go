package fleet

import (
	"context"
	"errors"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// answerIn is how long the database may take for one thing. A line that was cut
// says nothing, for many minutes.
const answerIn = 15 * time.Second

// within does one thing with the database, in the time that it may take.
func within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	return f(ctx)
}

// away tells whether the database did not do something for not being there, or
// for others who hold it, although ctx would have let it.
func away(ctx context.Context, err error) bool {
	return store.Away(err) || store.Held(err) || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
}

// patiently does again what the database could not do for being away or held, until ctx
// ends or the session is stopped for good.
func (s *session) patiently(ctx context.Context, f func(context.Context) error) error {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 3*time.Second) {
		err := within(ctx, f)
		if store.Full(err) {
			s.fatal(err)
			return err
		}
		if err == nil || !away(ctx, err) {
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
		case <-time.After(pause):
		}
	}
}
