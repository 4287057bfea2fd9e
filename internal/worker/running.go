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

// run runs a template and gives the answer. Until then, or until the worker
// has ended, it does not return: somebody waits for ctx elsewhere.
func (w *process) run(ctx context.Context, id int, key string, requests int) (jobs.Answer, error) {
	seq := w.pool.number()
	of := subject{what: "run", id: seq}
	c := w.ask(of, jobs.Order{Run: &jobs.Run{Seq: seq, Target: id, Template: key}})
	bound := time.NewTimer(w.bound(requests))
	defer bound.Stop()
	var late error
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
		late = ctx.Err()
	case <-bound.C:
		late = context.DeadlineExceeded
	}
	w.tell(jobs.Order{Stop: &jobs.Stop{Seq: seq}})
	r, err := w.wait(c, w.grace(), of)
	if err != nil {
		return jobs.Answer{}, err
	}
	if r.Answer.Found {
		return *r.Answer, nil
	}
	return jobs.Answer{}, late
}

// bound is how long a run may take: each request may be made twice, each time
// with as long as the relay lets a whole exchange be.
func (w *process) bound(requests int) time.Duration {
	return times.run + 2*(1+wholeExchange)*w.pool.opts.Timeout*time.Duration(min(requests, 100))
}
