package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

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

// first asks for something unless somebody has already, and waits for it.
func (w *process) first(ctx context.Context, of map[string]*once, key, name string, o jobs.Order) (jobs.Report, error) {
	w.mu.Lock()
	one, asked := of[key]
	if !asked {
		one = &once{done: make(chan struct{})}
		of[key] = one
	}
	w.mu.Unlock()
	if !asked {
		one.got, one.err = w.wait(w.ask(name, o), times.prepare, name)
		close(one.done)
	}
	select {
	case <-one.done:
		return one.got, one.err
	case <-ctx.Done():
		return jobs.Report{}, ctx.Err()
	}
}

// keyOf names a template by what the engine is given.
func keyOf(t *templates.Template) string {
	sum := sha256.Sum256(t.Data)
	return hex.EncodeToString(sum[:])
}

// load has the worker take the template, and tells how many requests it makes.
func (w *process) load(ctx context.Context, t *templates.Template) (int, error) {
	key := keyOf(t)
	r, err := w.first(ctx, w.loads, key, "load "+key, jobs.Order{Load: &jobs.Template{Key: key, Data: t.Data}})
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
	id := strconv.Itoa(t.ID)
	r, err := w.first(ctx, w.opens, id, "open "+id, jobs.Order{Open: &t})
	if err == nil && r.Opened.Error != "" {
		err = fact.Because(fact.Broken, "the worker cannot open the target: "+r.Opened.Error)
	}
	return err
}
