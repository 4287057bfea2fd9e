package fleet

import (
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// newClient makes the client of River that works the jobs. It only asks, and
// does not listen: a line that breaks then costs nothing but a question.
func (s *session) newClient() (*client, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &lookWorker{s: s})
	queues := map[string]river.QueueConfig{"idle": {MaxWorkers: 1}} // of which there never is a job: River wants one queue to begin with
	if s.run == 0 && s.o.Schedules != nil {
		river.AddWorker(workers, &dueWorker{s: s})
		queues[scheduleQueue] = river.QueueConfig{MaxWorkers: 1}
	}
	c := &river.Config{
		ID: s.name(), Queues: queues, Workers: workers, PeriodicJobs: []*river.PeriodicJob{dueJob()}, PollOnly: true,
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 50 * time.Millisecond,
		JobTimeout: s.o.UnitTimeout + time.Hour, RescueStuckJobsAfter: s.o.UnitTimeout + 2*time.Hour, // the truth about tasks is in our tables; this only tidies up
		CompletedJobRetentionPeriod: time.Hour, RetryPolicy: soon{s.now},
		Logger: slog.New(riverLog{s.o.Log}), MaxAttempts: 25,
	}
	if s.o.Now != nil {
		c.Test.Time = riverClock{s.o.Now}
	}
	return river.NewClient(gated{mortal{driverOf(s.o.DB.SQL(), s.o.DB.Engine()), s.ending}, s.gate}, c)
}

// soon tells River when to try again what did not even begin, for want of the
// database.
type soon struct{ now func() time.Time }

func (s soon) NextRetry(j *rivertype.JobRow) time.Time {
	return s.now().Add(min(time.Duration(j.Attempt)*2*time.Second, 30*time.Second))
}
