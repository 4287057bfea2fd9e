package fleet

import (
	"context"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// The priorities of tasks, beside 1.
const (
	long = 2 // it takes long by itself, whatever this machine does
	last = 4 // looked at when nothing else is left
)

// Plan plans a run: its rows and its jobs in one transaction. Units that hung
// when the list was looked at before come last, and those that take long, as
// their hosts' ports are asked one by one, not at the end.
func Plan(ctx context.Context, db *store.DB, n store.NewRun) (store.Run, error) {
	run, _, err := begin(ctx, db, n, func(*store.Tx, store.NewRun) (store.Run, bool, error) { return store.Run{}, false, nil })
	return run, err
}

// Begin finds the run that is open over the same list with the same policy,
// settings and vantages, or plans it as Plan does. Of several who ask at the same
// time one plans, and the others find.
func Begin(ctx context.Context, db *store.DB, n store.NewRun) (run store.Run, found bool, err error) {
	return begin(ctx, db, n, func(tx *store.Tx, n store.NewRun) (store.Run, bool, error) {
		if err := tx.HoldList(ctx, n.List); err != nil {
			return store.Run{}, false, err
		}
		return tx.OpenRun(ctx, n)
	})
}

func begin(ctx context.Context, db *store.DB, n store.NewRun, find func(*store.Tx, store.NewRun) (store.Run, bool, error)) (run store.Run, found bool, err error) {
	c, err := planner(db, nil)
	if err != nil {
		return run, false, err
	}
	if n.Priority == nil {
		if n.Priority, err = priorities(ctx, db, n.List); err != nil {
			return run, false, err
		}
	}
	err = db.Tx(ctx, func(tx *store.Tx) (err error) {
		if run, found, err = find(tx, n); err != nil || found {
			return err
		}
		run, err = plan(ctx, c, tx, n)
		return err
	})
	return run, found, err
}

func plan(ctx context.Context, c *client, tx *store.Tx, n store.NewRun) (store.Run, error) {
	run, err := tx.AddRun(ctx, n)
	if err != nil {
		return run, err
	}
	tasks, err := tx.Tasks(ctx, run.ID, store.TaskPlanned)
	if err != nil {
		return run, err
	}
	return run, insert(ctx, c, tx, tasks)
}

func priorities(ctx context.Context, db *store.DB, list int64) (map[string]int, error) {
	out := map[string]int{}
	err := db.EachListUnit(ctx, list, func(u store.ListUnit) error {
		if len(u.Declared.Hosts) > 0 {
			out[u.ID()] = long
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	hung, err := db.Hung(ctx, list, string(fact.Timeout), string(fact.Blocked))
	for u := range hung {
		out[u] = last
	}
	return out, err
}

// spread puts the tasks that take long evenly among the first four fifths of the
// others: together they would keep the rest from beginning, and at the end they
// alone would be waited for.
func spread(tasks []store.Task) []store.Task {
	var slow, rest, end []store.Task
	for _, t := range tasks {
		switch t.Priority {
		case long:
			slow = append(slow, t)
		case last:
			end = append(end, t)
		default:
			rest = append(rest, t)
		}
	}
	out, n := make([]store.Task, 0, len(tasks)), 0
	for i, t := range rest {
		for n < len(slow) && n*4*len(rest) <= i*5*len(slow) {
			out = append(out, slow[n])
			n++
		}
		out = append(out, t)
	}
	return slices.Concat(out, slow[n:], end)
}

// Resume opens a run again that was cancelled, or of which tasks were given up,
// and plans anew whatever is not done. It gives how many tasks that are. A run
// that is open and at work elsewhere goes on as it is.
func Resume(ctx context.Context, db *store.DB, run int64) (int, error) {
	c, err := planner(db, nil)
	if err != nil {
		return 0, err
	}
	n := 0
	err = db.Tx(ctx, func(tx *store.Tx) error {
		r, err := tx.Run(ctx, run)
		if err != nil {
			return err
		}
		if _, err := tx.Reopen(ctx, run); err != nil {
			return err
		}
		if err := dropJobs(ctx, c, tx, r); err != nil {
			return err
		}
		planned, err := tx.Replan(ctx, run)
		if err != nil {
			return err
		}
		n = len(planned)
		return insert(ctx, c, tx, planned)
	})
	return n, err
}

// Cancel ends a run: what is done stays, what is under way is stopped within
// some seconds, by whomever. It may be resumed.
func Cancel(ctx context.Context, db *store.DB, run int64) error {
	c, err := planner(db, nil)
	if err != nil {
		return err
	}
	return db.Tx(ctx, func(tx *store.Tx) error {
		r, err := tx.Run(ctx, run)
		if err != nil {
			return err
		}
		if r.State != store.RunOpen {
			is := r.State.Text()
			return &store.Fault{Text: lang.Tf("đợt rà quét số %[1]d không còn chạy: %[2]s", "run number %[1]d is not open any more: it is %[3]s", run, is.Vi, is.En)}
		}
		return cancelRun(ctx, c, tx, r)
	})
}

func cancelRun(ctx context.Context, c *client, tx *store.Tx, r store.Run) error {
	if err := tx.Cancel(ctx, r.ID); err != nil {
		return err
	}
	return dropJobs(ctx, c, tx, r)
}
