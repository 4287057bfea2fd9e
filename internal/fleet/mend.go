package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/sansang/sansang/internal/store"
)

// mendAfter is how long this worker has room and gets no job before it looks
// whether jobs are missing.
const mendAfter = 10 * time.Second

// waits are the states of jobs that will be worked by themselves. Those that
// run do if their worker lives.
var waits = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable, rivertype.JobStateRunning}

// worked gives the runs that are worked here.
func (s *session) worked() []store.Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.queues))
}

func (s *session) mendAll(ctx context.Context) error {
	for _, r := range s.worked() {
		if err := s.mend(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// mend plans the tasks of a run anew that no job will come to: a worker was
// killed between being handed the job and taking its task, or the hand was
// given and the word of it lost.
func (s *session) mend(ctx context.Context, r store.Run) error {
	planned, err := s.o.DB.Tasks(ctx, r.ID, store.TaskPlanned)
	planned = slices.DeleteFunc(planned, func(t store.Task) bool { return t.Vantage != s.o.Vantage.Zone })
	if err != nil || len(planned) == 0 {
		return err
	}
	coming, err := s.coming(ctx, r)
	if err != nil {
		return err
	}
	for _, t := range planned {
		if coming[look{Run: t.Run, Unit: t.Unit, Vantage: t.Vantage, Generation: t.Generation}] {
			continue
		}
		if err := s.o.DB.Tx(ctx, func(tx *store.Tx) error { return s.anew(ctx, tx, t) }); err != nil {
			return err
		}
		s.o.Log.Debug().Str("unit", t.Unit).Msg("planned anew, for its job was lost")
	}
	return nil
}

// anew plans a task again, if it is planned still and nobody has done so.
func (s *session) anew(ctx context.Context, tx *store.Tx, t store.Task) error {
	generation, ok, err := tx.Take(ctx, t.TaskKey, t.Generation, "", 0)
	if err != nil || !ok {
		return err
	}
	if _, err := tx.Fail(ctx, t.TaskKey, generation, t.Error, true); err != nil {
		return err
	}
	t.Generation = generation
	return insert(ctx, s.insert, tx, []store.Task{t})
}

// coming gives the jobs of a run and our vantage that will be worked.
func (s *session) coming(ctx context.Context, r store.Run) (map[look]bool, error) {
	alive, err := s.living(ctx)
	if err != nil {
		return nil, err
	}
	out := map[look]bool{}
	const atOnce = 10_000
	p := river.NewJobListParams().Queues(queue(r.ID, s.o.Vantage.Zone)).States(waits...).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(atOnce)
	for {
		page, err := s.river.JobList(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		for _, j := range page.Jobs {
			l, ok := argsOf(j)
			if !ok || j.State == rivertype.JobStateRunning && !s.gate.has(j.ID) && !alive[lastOf(j.AttemptedBy)] {
				continue
			}
			l.Failures = 0
			out[l] = true
		}
		if len(page.Jobs) < atOnce {
			return out, nil
		}
		p = p.After(page.LastCursor)
	}
}

// living gives the other workers that live.
func (s *session) living(ctx context.Context) (map[string]bool, error) {
	now, err := s.o.DB.Now(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.o.DB.Workers(ctx, now.Add(-s.o.Lease), false)
	out := map[string]bool{}
	for _, w := range all {
		if w.ID != s.name() && (w.Host != s.host || running(w.PID)) {
			out[w.ID] = true
		}
	}
	return out, err
}

func lastOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// planAnew gives every waiting task of the runs that are worked here a new job,
// so that none waits for a moment of a clock that was moved.
func (s *session) planAnew(ctx context.Context) error {
	for _, r := range s.worked() {
		err := s.o.DB.Tx(ctx, func(tx *store.Tx) error {
			if err := dropJobs(ctx, s.insert, tx, r); err != nil {
				return err
			}
			planned, err := tx.Replan(ctx, r.ID)
			if err != nil {
				return err
			}
			return insert(ctx, s.insert, tx, planned)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
