package worker

import (
	"context"
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// subject is what an order and its one answer are about.
type subject struct {
	what string // ready, load, open or run
	key  string // of a template
	id   int    // of a target, or of a run
}

func (s subject) String() string {
	if s.what == "load" {
		return s.what + " " + s.key
	}
	return s.what + " " + strconv.Itoa(s.id)
}

// ask gives an order and makes a place for its answer.
func (w *process) ask(of subject, o jobs.Order) <-chan jobs.Report {
	c := make(chan jobs.Report, 1)
	w.mu.Lock()
	w.waits[of] = c
	w.mu.Unlock()
	w.tell(o)
	return c
}

// wait waits for an answer, for the worker's end, or for within to pass, upon
// which the worker is ended.
func (w *process) wait(c <-chan jobs.Report, within time.Duration, of subject) (jobs.Report, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case r := <-c:
		return r, nil
	case <-w.gone:
	case <-timer.C:
		w.kill("it hung: " + of.String())
		<-w.gone
	}
	select {
	case r := <-c:
		return r, nil
	default:
		return jobs.Report{}, &ended{why: w.reason, blamed: of.what == "run" && w.reason == "it hung: "+of.String()}
	}
}

// grace is how long a run that was told to stop may still take: parts of
// nuclei do not hear of it before their own time is over.
func (w *process) grace() time.Duration { return 10*w.pool.opts.Timeout + times.grace }

// run runs a template and gives the answer, or the error of ctx at its end.
// The worker takes its time to stop; keep is called where it has not when this
// returns, and what it gives once it has, or has ended.
func (w *process) run(ctx context.Context, id int, key string, requests int, keep func() (over func())) (jobs.Answer, error) {
	of := subject{what: "run", id: w.pool.number()}
	c := w.ask(of, jobs.Order{Run: &jobs.Run{Seq: of.id, Target: id, Template: key}})
	bound := time.NewTimer(w.bound(requests))
	defer bound.Stop()
	select {
	case r := <-c:
		return *r.Answer, nil
	case <-w.gone:
		select {
		case r := <-c: // it came just before
			return *r.Answer, nil
		default:
			return jobs.Answer{}, &ended{why: w.reason}
		}
	case <-ctx.Done():
	case <-bound.C:
	}
	return w.halt(ctx, of, c, keep())
}

// halt has a run stopped that is late, or that nobody waits for any more. What
// it found nevertheless is an answer.
func (w *process) halt(ctx context.Context, of subject, c <-chan jobs.Report, over func()) (jobs.Answer, error) {
	var a jobs.Answer
	var err error
	stopped := make(chan struct{})
	w.pool.work.Go(func() {
		defer over()
		defer close(stopped)
		w.tell(jobs.Order{Stop: &jobs.Stop{Seq: of.id}})
		r, gone := w.wait(c, w.grace(), of)
		switch {
		case gone != nil:
			err = gone
		case r.Answer.Found:
			a = *r.Answer
		default:
			err = context.DeadlineExceeded
		}
	})
	select {
	case <-stopped:
		return a, err
	case <-ctx.Done():
		return jobs.Answer{}, ctx.Err()
	}
}

// bound is how long a run may take: each request may be made twice, each time
// with as long as the relay lets a whole exchange be.
func (w *process) bound(requests int) time.Duration {
	return times.run + 2*(1+wholeExchange)*w.pool.opts.Timeout*time.Duration(min(requests, 100))
}
