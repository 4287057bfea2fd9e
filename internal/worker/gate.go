package worker

import (
	"context"
	"sync"
)

// gate lets many in at a time, or one alone.
type gate struct {
	mu      sync.Mutex
	inside  int
	alone   bool
	waiting int           // to be alone: nobody else is let in before
	changed chan struct{} // closed at the next change; nil: nobody waits for it
}

// enter waits for its turn. Whoever was let in leaves.
func (g *gate) enter(ctx context.Context, alone bool) error {
	g.mu.Lock()
	if alone {
		g.waiting++
		defer func() {
			g.waiting--
			g.change()
			g.mu.Unlock()
		}()
	} else {
		defer g.mu.Unlock()
	}
	for g.alone || alone && g.inside > 0 || !alone && g.waiting > 0 {
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		g.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	g.inside++
	g.alone = alone
	return nil
}

// stay lets somebody who is inside leave twice: what he began goes on there.
func (g *gate) stay() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside++
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.inside == 0 {
		g.alone = false
	}
	g.change()
}

func (g *gate) change() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}
