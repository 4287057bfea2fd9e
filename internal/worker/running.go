package worker

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// ask gives an order and makes a place for its answer.
func (w *process) ask(name string, o jobs.Order) <-chan jobs.Report {
	c := make(chan jobs.Report, 1)
	w.mu.Lock()
	w.waits[name] = c
	w.mu.Unlock()
	w.tell(o)
	return c
}

// wait waits for an answer, for the worker's end, or for within to pass, upon
// which the worker is ended.
func (w *process) wait(c <-chan jobs.Report, within time.Duration, what string) (jobs.Report, error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case r := <-c:
		return r, nil
	case <-w.gone:
	case <-timer.C:
		w.kill("it hung: " + what)
		<-w.gone
	}
	select {
	case r := <-c:
		return r, nil
	default:
		return jobs.Report{}, &ended{why: w.reason, blamed: w.reason == "it hung: "+what && strings.HasPrefix(what, "run ")}
	}
}

// grace is how long a run that was told to stop may still take: parts of
// nuclei do not hear of it before their own time is over.
func (w *process) grace() time.Duration { return 10*w.pool.opts.Timeout + times.grace }

// run runs a template and gives the answer. Until then, or until the worker
// has ended, it does not return: somebody waits for ctx elsewhere.
func (w *process) run(ctx context.Context, id int, key string, requests int) (jobs.Answer, error) {
	seq := w.pool.number()
	c := w.ask("run "+strconv.Itoa(seq), jobs.Order{Run: &jobs.Run{Seq: seq, Target: id, Template: key}})
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
	r, err := w.wait(c, w.grace(), "run "+strconv.Itoa(seq))
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
