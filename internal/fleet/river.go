package fleet

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/store"
)

type (
	client = river.Client[*sql.Tx]
	driver = riverdriver.Driver[*sql.Tx]
)

// Migrate brings River's tables up to date. Of several processes that find them
// missing at the same time one makes them, each version in a transaction; the
// others fail, and find them made when they try again.
func Migrate(ctx context.Context, db *sql.DB, e store.Engine) error {
	m, err := rivermigrate.New(driverOf(db, e), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	const tries = 20
	for try := 1; ; try++ {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err == nil {
			return nil
		}
		if try == tries || wait(ctx, time.Duration(try)*50*time.Millisecond) != nil {
			return fmt.Errorf("tables of the queue: %w", err)
		}
	}
}

func driverOf(db *sql.DB, e store.Engine) driver {
	if e == store.PostgreSQL {
		return riverdatabasesql.New(db)
	}
	return riversqlite.New(db)
}

// look is the job of a task. The generation is that with which the task was
// planned: a job whose task has another one is stale and does nothing.
type look struct {
	Run        int64          `json:"run"`
	Unit       string         `json:"unit"`
	Vantage    inventory.Zone `json:"vantage"`
	Generation int64          `json:"generation"`
	Failures   int            `json:"failures,omitempty"` // of this program, at this task, so far
}

func (look) Kind() string { return "look" }

func (l look) key() store.TaskKey {
	return store.TaskKey{Run: l.Run, Unit: l.Unit, Vantage: l.Vantage}
}

// queue is where the jobs of a run and vantage wait. Each run has queues of its
// own, so that whoever works one run is not handed the jobs of another.
func queue(run int64, v inventory.Zone) string {
	if v == "" {
		return fmt.Sprintf("run-%d", run)
	}
	return fmt.Sprintf("run-%d-%s", run, v)
}

// jobs makes the jobs of planned tasks. After waits that long before they begin.
func jobs(tasks []store.Task) []river.InsertManyParams {
	out := make([]river.InsertManyParams, 0, len(tasks))
	for _, t := range tasks {
		out = append(out, job(t, 0, time.Time{}))
	}
	return out
}

func job(t store.Task, failures int, at time.Time) river.InsertManyParams {
	priority := min(max(t.Priority, 1), 4)
	if priority == long { // by its place among the others
		priority = 1
	}
	return river.InsertManyParams{
		Args: look{Run: t.Run, Unit: t.Unit, Vantage: t.Vantage, Generation: t.Generation, Failures: failures},
		InsertOpts: &river.InsertOpts{Queue: queue(t.Run, t.Vantage), Priority: priority, MaxAttempts: 25, ScheduledAt: at,
			UniqueOpts: river.UniqueOpts{ByArgs: true}},
	}
}

// insert puts the jobs of planned tasks into the queue, in the transaction that
// planned them.
func insert(ctx context.Context, c *client, tx *store.Tx, tasks []store.Task) error {
	if len(tasks) == 0 {
		return nil
	}
	const atOnce = 1000
	for all := jobs(spread(tasks)); len(all) > 0; {
		n := min(len(all), atOnce)
		if _, err := c.InsertManyFastTx(ctx, tx.SQL(), all[:n]); err != nil {
			return fmt.Errorf("plan jobs: %w", err)
		}
		all = all[n:]
	}
	return nil
}

// planner is a client that works nothing. Now is its clock; nil: the system's.
func planner(db *store.DB, now func() time.Time) (*client, error) {
	c := &river.Config{Logger: quiet}
	if now != nil {
		c.Test.Time = riverClock{now}
	}
	return river.NewClient(driverOf(db.SQL(), db.Engine()), c)
}

// dropJobs removes the jobs of a run that wait. What runs ends by itself, as
// stale.
func dropJobs(ctx context.Context, c *client, tx *store.Tx, run store.Run) error {
	const atOnce = 10_000
	var queues []string
	for _, v := range run.Vantages {
		queues = append(queues, queue(run.ID, v))
	}
	for len(queues) > 0 {
		done, err := c.JobDeleteManyTx(ctx, tx.SQL(), river.NewJobDeleteManyParams().Queues(queues...).First(atOnce).
			States(rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable, rivertype.JobStatePending))
		if err != nil {
			return fmt.Errorf("drop jobs: %w", err)
		}
		if len(done.Jobs) < atOnce {
			break
		}
	}
	return nil
}
