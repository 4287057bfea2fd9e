package worker

import (
	"context"
	"slices"

	"github.com/sansang/sansang/internal/templates"
)

// slots are places among those that run at a time of what the engine stands
// little of. Nil: it needs none.
type slots []chan struct{}

// slots waits for what a template needs. What was had so far is given with an error.
func (p *Pool) slots(ctx context.Context, t *templates.Template) (had slots, err error) {
	for _, bound := range []struct {
		protocol string
		of       chan struct{}
	}{{"javascript", p.scripts}, {"ssl", p.tls}} {
		if !slices.Contains(t.Protocols, bound.protocol) {
			continue
		}
		select {
		case bound.of <- struct{}{}:
			had = append(had, bound.of)
		case <-ctx.Done():
			return had, ctx.Err()
		}
	}
	return had, nil
}

func (s slots) free() {
	for _, of := range s {
		<-of
	}
}
