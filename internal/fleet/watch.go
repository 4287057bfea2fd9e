package fleet

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/sansang/sansang/internal/store"
)

// Between two looks at how far a run is, and at which runs are open.
const (
	watchEvery = 250 * time.Millisecond
	runsEvery  = 2 * time.Second
)

// watch returns when there is nothing left to do, or ctx ends. Trouble with the
// database does not end it; the beats tell of it.
func (s *session) watch(ctx context.Context) error {
	if err := s.patiently(ctx, func(ctx context.Context) error { return within(ctx, s.openQueues) }); err != nil {
		if ctx.Err() != nil { // stopped while the database was away
			return context.Cause(ctx)
		}
		return err
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for asked := time.Now(); ; {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		_, at := s.gate.Now()
		switch {
		case s.run != 0 && at == 0, s.run != 0 && time.Since(asked) > runsEvery:
			asked = time.Now()
			if s.nothingLeft(ctx) && at == 0 {
				return nil
			}
		case s.run == 0 && time.Since(asked) > runsEvery:
			asked = time.Now()
			s.trouble(within(ctx, s.openQueues))
		}
		if s.gate.idle() > mendAfter {
			s.gate.came()
			s.trouble(within(ctx, s.mendAll))
		}
	}
}

// nothingLeft tells whether no task of the run is left for our vantage; where
// that cannot be told, something is.
func (s *session) nothingLeft(ctx context.Context) bool {
	left := 1
	err := within(ctx, func(ctx context.Context) error {
		n, err := s.o.DB.Left(ctx, s.run, s.o.Vantage.Zone)
		if err == nil {
			left = n
		}
		return err
	})
	s.trouble(err)
	return left == 0
}

// trouble tells of an error of the database that will be tried again.
func (s *session) trouble(err error) {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
	case store.Full(err):
		s.fatal(err)
	default:
		s.o.Log.Debug().Err(err).Msg("the database did not do what was asked")
		s.o.Hooks.Trouble(err)
	}
}

// openQueues works the queues of the runs that this worker may work, and leaves
// those of runs that have ended.
func (s *session) openQueues(ctx context.Context) error {
	open, err := s.openRuns(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, r := range open {
		q := queue(r.ID, s.o.Vantage.Zone)
		wanted[q] = true
		s.mu.Lock()
		_, have := s.queues[q]
		s.mu.Unlock()
		if have {
			continue
		}
		if !s.accepts(r) {
			continue
		}
		if err := s.river.Queues().Add(q, river.QueueConfig{MaxWorkers: s.o.Most}); err != nil {
			return err
		}
		s.mu.Lock()
		s.queues[q] = r
		s.mu.Unlock()
		if err := s.mend(ctx, r); err != nil {
			return err
		}
	}
	s.mu.Lock()
	var ended []string
	for q := range s.queues {
		if !wanted[q] {
			ended = append(ended, q)
			delete(s.queues, q)
		}
	}
	s.mu.Unlock()
	for _, q := range ended {
		go func() { _ = s.river.Queues().Remove(ctx, q) }() // which waits for its jobs
	}
	return nil
}

// openRuns gives the runs that are to be worked here.
func (s *session) openRuns(ctx context.Context) ([]store.Run, error) {
	if s.run != 0 {
		r, err := s.o.DB.Run(ctx, s.run)
		return []store.Run{r}, err
	}
	all, err := s.o.DB.Runs(ctx)
	var open []store.Run
	for _, r := range all {
		if r.State == store.RunOpen && slices.Contains(r.Vantages, s.o.Vantage.Zone) {
			open = append(open, r)
		}
	}
	return open, err
}

// refusedFor is how long a run that cannot be worked here is not asked about
// again: to ask means to read the policy and the templates.
const refusedFor = time.Minute

// accepts tells whether a run can be worked here, and says once of one that
// cannot.
func (s *session) accepts(r store.Run) bool {
	if s.run != 0 || s.o.Accept == nil {
		return true
	}
	at, told := s.refused[r.ID]
	if told && time.Since(at) < refusedFor {
		return false
	}
	why := s.o.Accept(r)
	if why == nil {
		return true
	}
	s.refused[r.ID] = time.Now()
	if !told {
		s.o.Hooks.Refused(r, why)
	}
	return false
}
