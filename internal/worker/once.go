package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// once is something that one of many asks for and all wait for.
type once struct {
	done chan struct{}
	got  jobs.Report
	err  error
}

func (o *once) over() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

// first asks for something unless somebody has already, and waits for it.
func (w *process) first(ctx context.Context, of subject, order func() jobs.Order) (jobs.Report, error) {
	w.mu.Lock()
	one, asked := w.onces[of]
	if !asked {
		one = &once{done: make(chan struct{})}
		w.onces[of] = one
	}
	w.mu.Unlock()
	if !asked {
		c := w.ask(of, order())
		w.pool.gate.stay()
		w.pool.work.Go(func() {
			defer w.pool.gate.leave()
			one.got, one.err = w.wait(c, times.prepare, of)
			close(one.done)
			if of.what == "open" && w.pool.place([]int{of.id}) == nil { // it was closed meanwhile
				w.shut(of.id)
			}
		})
	}
	select {
	case <-one.done:
		return one.got, one.err
	case <-ctx.Done():
		return jobs.Report{}, ctx.Err()
	}
}

// keyOf names a template by its file, from which what the engine is given
// follows, or else by that.
func keyOf(t *templates.Template) string {
	if t.SHA256 != "" {
		return t.SHA256
	}
	sum := sha256.Sum256(t.Data)
	return hex.EncodeToString(sum[:])
}

// load has the worker take the template, and tells how many requests it makes.
func (w *process) load(ctx context.Context, t *templates.Template) (int, error) {
	key := keyOf(t)
	r, err := w.first(ctx, subject{what: "load", key: key}, func() jobs.Order { return jobs.Order{Load: &jobs.Template{Key: key, Data: t.Data}} })
	switch {
	case err != nil:
		return 0, err
	case r.Loaded.Error != "":
		return 0, fact.Because(fact.Broken, "the engine does not take the template: "+r.Loaded.Error)
	}
	return max(r.Loaded.Requests, t.Steps), nil
}

// open has the worker make the target ready.
func (w *process) open(ctx context.Context, t jobs.Target) error {
	r, err := w.first(ctx, subject{what: "open", id: t.ID}, func() jobs.Order { o := t; return jobs.Order{Open: &o} })
	if err == nil && r.Opened.Error != "" {
		err = fact.Because(fact.Broken, "the worker cannot open the target: "+r.Opened.Error)
	}
	return err
}
