package fleet

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// silent is a database whose line was cut: it answers nothing.
type silent struct {
	riverdriver.Executor
	asked int
}

func (s *silent) JobSetStateIfRunningMany(ctx context.Context, _ *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	s.asked++
	<-ctx.Done()
	return nil, errors.New("the engine's own words for it")
}

// At the end of a session River is told that asking again is of no use, in the
// one way that it listens to.
func TestEnding(t *testing.T) {
	t.Parallel()
	db := &silent{}
	ending, end := context.WithCancel(t.Context())
	e := mortalExecutor{db, ending}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := e.JobSetStateIfRunningMany(short, nil); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("while the session goes on: %v", err)
	}
	time.AfterFunc(10*time.Millisecond, end)
	for range 2 {
		if _, err := e.JobSetStateIfRunningMany(t.Context(), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("at its end: %v", err)
		}
	}
	if db.asked != 2 {
		t.Errorf("asked %d times", db.asked)
	}
}
