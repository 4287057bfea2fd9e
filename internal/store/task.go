package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// TaskState is how far a task is.
type TaskState string

// The states of a task.
const (
	TaskPlanned   TaskState = "planned"
	TaskRunning   TaskState = "running"
	TaskDone      TaskState = "done"
	TaskCancelled TaskState = "cancelled"
	TaskFailed    TaskState = "failed" // given up, by a defect or a disk of ours; never for what a unit does
)

// TaskKey names a task: one look at a unit, from one place.
type TaskKey struct {
	Run     int64
	Unit    string
	Vantage inventory.Zone
}

// Task is how a task stands. A result lands only while the task is running and
// has the generation that it was taken with.
type Task struct {
	TaskKey
	State      TaskState
	Generation int64
	Worker     string
	Lease      time.Time // until when the worker that has it must be heard of
	Attempts   int
	Error      string // of the last attempt that failed
	Priority   int
	Began      time.Time
	Ended      time.Time
}

const taskColumns = "run, unit, vantage, state, generation, worker, lease, attempts, error, priority, began, ended"

func scanTask(scan func(...any) error) (t Task, err error) {
	var lease, began, ended int64
	err = scan(&t.Run, &t.Unit, &t.Vantage, &t.State, &t.Generation, &t.Worker, &lease, &t.Attempts, &t.Error, &t.Priority, &began, &ended)
	t.Lease, t.Began, t.Ended = moment(lease), moment(began), moment(ended)
	return t, err
}

// Any is the generation of whoever takes a task whatever its generation is.
const Any int64 = -1

// Take gives a planned task to a worker, for as long as the lease. It must have
// the generation that it was planned with, or want must be Any. The generation
// that it gives is a new one, which no taker before had; ok is false where the
// task is not to be had: taken, done, planned anew, or of a run that is not open.
func (t *Tx) Take(ctx context.Context, k TaskKey, want int64, worker string, lease time.Duration) (generation int64, ok bool, err error) {
	now, err := t.Now(ctx)
	if err != nil {
		return 0, false, err
	}
	q := `UPDATE tasks SET state = 'running', generation = generation + 1, attempts = attempts + 1, worker = $4, lease = $5, began = $6, ended = 0
		WHERE run = $1 AND unit = $2 AND vantage = $3 AND state = 'planned' AND (CAST($7 AS BIGINT) < 0 OR generation = $7)
		AND EXISTS (SELECT 1 FROM runs WHERE id = $1 AND state = 'open') RETURNING generation`
	err = t.row(ctx, q, k.Run, k.Unit, string(k.Vantage), worker, micros(now.Add(lease)), micros(now), want).Scan(&generation)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return generation, err == nil, err
}

// Renew keeps the tasks of a worker for as long as the lease, and gives them:
// what a worker has and is not among them was taken from it or cancelled, and
// its look is to end.
func (t *Tx) Renew(ctx context.Context, worker string, lease time.Duration) ([]Task, error) {
	now, err := t.Now(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := t.query(ctx, `UPDATE tasks SET lease = $2 WHERE worker = $1 AND state = 'running' RETURNING `+taskColumns, worker, micros(now.Add(lease)))
	return all(rows, err, scanTask)
}

// Free gives back what workers have whose lease ran out, and what the named
// workers have, whatever their lease. Each task that it gives is planned again
// with a new generation.
func (t *Tx) Free(ctx context.Context, workers ...string) ([]Task, error) {
	now, err := t.Now(ctx)
	if err != nil {
		return nil, err
	}
	const set = `UPDATE tasks SET state = 'planned', generation = generation + 1, worker = '', lease = 0 WHERE state = 'running' AND `
	rows, err := t.query(ctx, set+`lease < $1 RETURNING `+taskColumns, micros(now))
	freed, err := all(rows, err, scanTask)
	for _, w := range workers {
		if err != nil {
			return nil, err
		}
		var more []Task
		rows, err = t.query(ctx, set+`worker = $1 RETURNING `+taskColumns, w)
		more, err = all(rows, err, scanTask)
		freed = append(freed, more...)
	}
	return freed, err
}

// Fail tells that a task came to nothing: it is planned again if again says so,
// else given up. ok is false where it is no longer the caller's.
func (t *Tx) Fail(ctx context.Context, k TaskKey, generation int64, why string, again bool) (ok bool, err error) {
	now, err := t.Now(ctx)
	if err != nil {
		return false, err
	}
	state, ended := TaskFailed, micros(now)
	if again {
		state, ended = TaskPlanned, 0
	}
	n, err := t.exec(ctx, `UPDATE tasks SET state = $5, error = $6, ended = $7, worker = '', lease = 0
		WHERE run = $1 AND unit = $2 AND vantage = $3 AND generation = $4 AND state = 'running'`,
		k.Run, k.Unit, string(k.Vantage), generation, string(state), plain(why), ended)
	return n == 1, err
}

// Replan gives the planned tasks of a run (0: of every open run) a new
// generation, so that jobs that wait for them are stale, and gives them.
func (t *Tx) Replan(ctx context.Context, run int64) ([]Task, error) {
	rows, err := t.query(ctx, `UPDATE tasks SET generation = generation + 1 WHERE state = 'planned'
		AND run IN (SELECT id FROM runs WHERE state = 'open' AND (CAST($1 AS BIGINT) = 0 OR id = $1)) RETURNING `+taskColumns, run)
	return all(rows, err, scanTask)
}

// Cancel ends a run: what is not done is not done any more.
func (t *Tx) Cancel(ctx context.Context, run int64) error {
	now, err := t.Now(ctx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE tasks SET state = 'cancelled', ended = $2, worker = '', lease = 0 WHERE run = $1 AND state IN ('planned', 'running')`, run, micros(now)); err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE runs SET state = 'cancelled', ended = $2 WHERE id = $1 AND state = 'open'`, run, micros(now))
	return err
}

// Reopen opens a run again, and gives the tasks that were cancelled or given up
// and are planned again, each with a new generation.
func (t *Tx) Reopen(ctx context.Context, run int64) ([]Task, error) {
	rows, err := t.query(ctx, `UPDATE tasks SET state = 'planned', generation = generation + 1, worker = '', lease = 0, ended = 0
		WHERE run = $1 AND state IN ('cancelled', 'failed') RETURNING `+taskColumns, run)
	planned, err := all(rows, err, scanTask)
	if err != nil {
		return nil, err
	}
	_, err = t.exec(ctx, `UPDATE runs SET state = 'open', ended = 0 WHERE id = $1 AND EXISTS (SELECT 1 FROM tasks WHERE run = $1 AND state IN ('planned', 'running'))`, run)
	return planned, err
}

// EndIfDone ends a run of which no task is planned or running any more. Of those
// that end the last tasks of a run at the same time one goes on after the other:
// else each would see the task of the other as it was, and nobody ended the run.
func (t *Tx) EndIfDone(ctx context.Context, run int64) (ended bool, err error) {
	now, err := t.Now(ctx)
	if err != nil {
		return false, err
	}
	if t.engine == PostgreSQL {
		if _, err := t.exec(ctx, `SELECT 1 FROM runs WHERE id = $1 FOR UPDATE`, run); err != nil {
			return false, err
		}
	}
	n, err := t.exec(ctx, `UPDATE runs SET state = 'done', ended = $2 WHERE id = $1 AND state = 'open'
		AND NOT EXISTS (SELECT 1 FROM tasks WHERE run = $1 AND state IN ('planned', 'running'))`, run, micros(now))
	return n == 1, err
}

// Tasks gives the tasks of a run (0: of all) that are in one of the states; of
// all states where none is named.
func (r reader) Tasks(ctx context.Context, run int64, states ...TaskState) ([]Task, error) {
	q, args := `SELECT `+taskColumns+` FROM tasks WHERE (CAST($1 AS BIGINT) = 0 OR run = $1)`, []any{run}
	for i, s := range states {
		q += []string{" AND state IN (", ", "}[min(i, 1)] + parameter(len(args)+1)
		args = append(args, string(s))
	}
	if len(states) > 0 {
		q += ")"
	}
	rows, err := r.query(ctx, q+` ORDER BY run, priority, unit, vantage`, args...)
	return all(rows, err, scanTask)
}

// Task gives one task.
func (r reader) Task(ctx context.Context, k TaskKey) (Task, error) {
	t, err := scanTask(r.row(ctx, `SELECT `+taskColumns+` FROM tasks WHERE run = $1 AND unit = $2 AND vantage = $3`, k.Run, k.Unit, string(k.Vantage)).Scan)
	return t, r.none(err, "lượt rà quét của", "task of", k.Unit)
}

// Left counts the tasks of a run (0: of open runs) and vantage that are planned
// or running.
func (r reader) Left(ctx context.Context, run int64, v inventory.Zone) (n int, err error) {
	err = r.row(ctx, `SELECT COUNT(*) FROM tasks WHERE vantage = $2 AND state IN ('planned', 'running')
		AND run IN (SELECT id FROM runs WHERE state = 'open' AND (CAST($1 AS BIGINT) = 0 OR id = $1))`, run, string(v)).Scan(&n)
	return n, err
}
