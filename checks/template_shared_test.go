package checks

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// queued is an engine whose controls wait for their turn.
type queued struct {
	mu       sync.Mutex
	controls int
	turn     chan struct{}
}

func (q *queued) Run(ctx context.Context, _ *templates.Template) (jobs.Answer, error) {
	q.mu.Lock()
	q.controls++
	q.mu.Unlock()
	<-q.turn
	Turned(ctx)
	<-q.turn // until it is answered
	return jobs.Answer{Requests: 1, Answers: 1, Statuses: []int{404}}, nil
}

// A control stands for all that was answered before its turn came, and for
// nothing that was answered after that.
func TestControlIsSharedUntilItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queued{turn: make(chan struct{})}
		var c Controls
		var group sync.WaitGroup
		look := func() {
			group.Go(func() {
				if _, u := c.after(t.Context(), &q, Control); u != nil {
					t.Error(u)
				}
			})
			synctest.Wait()
		}
		for range 3 {
			look()
		}
		q.turn <- struct{}{}
		synctest.Wait()
		look() // while the first is under way
		look()
		if q.controls != 1 {
			t.Errorf("%d controls are asked at a time", q.controls)
		}
		close(q.turn)
		group.Wait()
		if q.controls != 2 {
			t.Errorf("%d controls, and not one for three and one for two more", q.controls)
		}
	})
}
