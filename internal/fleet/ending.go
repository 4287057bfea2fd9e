package fleet

import (
	"context"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Once the looks of a session that stops are over, River has this long to write
// down what became of their jobs. It would try for 40 s where the database is
// away. Nothing rests on that: a job of a worker that is gone is found by
// whoever goes on.
const endingPatience = 3 * time.Second

// mortal is a driver of River that gives up writing what became of jobs when the
// session comes to its end.
type mortal struct {
	driver
	end context.Context
}

func (d mortal) GetExecutor() riverdriver.Executor {
	return mortalExecutor{d.driver.GetExecutor(), d.end}
}

type mortalExecutor struct {
	riverdriver.Executor
	end context.Context
}

func (e mortalExecutor) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.end, cancel)() //nolint:contextcheck // two ends: that of the call, and that of the session
	if e.end.Err() != nil {
		return nil, context.Canceled // by which River knows that trying again is of no use
	}
	jobs, err := e.Executor.JobSetStateIfRunningMany(ctx, p)
	if err != nil && e.end.Err() != nil {
		err = context.Canceled
	}
	return jobs, err
}

// ends ends the patience with the database some time after the last look of the
// session is over. Over is closed when that does not matter any more.
func (s *session) ends(over <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for last := time.Now(); time.Since(last) < endingPatience; {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		if _, at := s.gate.Now(); at > 0 {
			last = time.Now()
		}
	}
	s.endRiver()
}
