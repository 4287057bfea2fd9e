package fleet

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// everywhere is the key of the rate that all connections together have. Present
// is held by each worker that has taken note of the others.
const (
	everywhere = "*"
	present    = "+"
)

// unusedFor is after how long a network that nothing connects to is let go.
const unusedFor = time.Minute

// shares tells what part of a rate this worker may use: the rate, divided by
// how many workers hold it. Nothing is believed longer than it was promised: a
// worker that cannot renew what it holds makes no connection.
type shares struct {
	db    *store.DB
	lease time.Duration

	mu      sync.Mutex
	id      string // empty: not joined
	held    map[string]*share
	alone   bool          // no other worker lives
	known   bool          // every other worker that lives has taken note of this one, and holds what it uses
	until   time.Time     // by the monotonic clock, what is known holds until then
	stalled [2]time.Time  // when last nothing held, from and to
	changed chan struct{} // closed, and made anew, when something of it changed
}

// share is what a worker holds of one rate.
type share struct {
	holders int
	ready   time.Time // when the others have learned of it
	used    time.Time
}

func newShares(db *store.DB, lease time.Duration) *shares {
	return &shares{db: db, lease: lease, held: map[string]*share{}, changed: make(chan struct{})}
}

// Share gives the part of a rate that this worker may use for a network: of the
// rate for the network, or, for the zero prefix, of that for all connections
// together. It waits while that is not known. It is called often, and asks the
// database only when a network is new and other workers live.
func (w *Worker) Share(ctx context.Context, network netip.Prefix) (float64, error) {
	key := everywhere
	if network.IsValid() {
		key = network.Masked().String()
	}
	return w.shares.of(ctx, key)
}

func (s *shares) of(ctx context.Context, key string) (float64, error) {
	for {
		part, wait, changed := s.look(key)
		if part > 0 {
			return part, nil
		}
		if wait == 0 {
			if err := s.take(ctx, key); err != nil {
				return 0, err
			}
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return 0, ctx.Err()
		case <-changed:
		case <-t.C:
		}
		t.Stop()
	}
}

// look gives the part that is known, or else how long to wait before looking
// again; 0: the key is not held yet.
func (s *shares) look(key string) (part float64, wait time.Duration, changed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch h := s.held[key]; {
	case s.id == "" || !s.known || now.After(s.until):
		return 0, s.lease, s.changed // until a beat
	case h == nil && s.alone:
		s.held[key] = &share{holders: 1, used: now}
		return 1, 0, nil
	case h == nil:
		return 0, 0, nil
	case now.Before(h.ready):
		return 0, h.ready.Sub(now), s.changed
	default:
		h.used = now
		return 1 / float64(max(h.holders, 1)), 0, nil
	}
}

// beat is how often what is held is renewed.
func (s *shares) beat() time.Duration { return s.lease / 6 }

// learned is for how long a worker that is not alone believes what it was told.
// After it every other one has seen what was held before, or connects no more.
func (s *shares) learned() time.Duration { return s.beat() + s.beat()/2 }

// take holds a key that is new here. That we hold it is kept before holders are
// counted, so that of two who come at once one at least sees the other.
func (s *shares) take(ctx context.Context, key string) error {
	s.mu.Lock()
	id := s.id
	s.mu.Unlock()
	n, err := s.hold(ctx, id, []string{key})
	if err == nil {
		n, err = s.hold(ctx, id, []string{key})
	}
	if err != nil {
		if store.Away(err) && ctx.Err() == nil {
			return wait(ctx, time.Second)
		}
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &share{holders: n[key], used: time.Now()}
	if h.holders > 1 {
		h.ready = time.Now().Add(s.learned())
	}
	s.held[key] = h
	return nil
}

func (s *shares) hold(ctx context.Context, id string, keys []string) (n map[string]int, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		n, err = tx.Hold(ctx, id, keys, s.lease)
		return err
	})
	return n, err
}

// join begins to hold for a worker. It connects to nobody before the others that
// live have taken note of it.
func (s *shares) join(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.held, s.alone, s.known, s.until = id, map[string]*share{}, false, false, time.Time{}
	s.tell()
}

// leave ends all holding; the database forgets with the worker.
func (s *shares) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id = ""
	s.tell()
}

func (s *shares) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// renew makes what is held good for another lease, after a beat that began then
// and found so many workers alive.
func (s *shares) renew(ctx context.Context, begun time.Time, alive int) error {
	s.mu.Lock()
	id, alone := s.id, alive <= 1
	keys, gone := s.using(alone)
	s.mu.Unlock()
	n := map[string]int{}
	if !alone {
		var err error
		if n, err = s.hold(ctx, id, keys); err != nil {
			return err
		}
		if err := s.letGo(ctx, id, gone); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id != id {
		return nil
	}
	for k, h := range s.held {
		switch {
		case alone:
			h.holders = 1
		case n[k] > 0:
			h.holders = n[k]
		default: // first used while we asked: it is to be held first
			delete(s.held, k)
		}
	}
	if h := s.held[everywhere]; h != nil {
		h.ready = earlier(h.ready, time.Now().Add(s.learned()))
	}
	if now := time.Now(); now.After(s.until) && !s.until.IsZero() {
		s.stalled = [2]time.Time{s.until, now}
	}
	s.alone = alone
	s.known = s.known || alone || n[present] >= alive
	s.until = begun.Add(s.learned())
	if alone { // whoever comes waits until we have taken note, or are taken for dead
		s.until = begun.Add(s.lease - s.beat())
	}
	s.tell()
	return nil
}

// using gives the keys that are held on, and drops those that were not used for
// long. A worker that comes to others holds the rate of all connections from
// the beginning, so that its first connection need not wait for that.
func (s *shares) using(alone bool) (keys, gone []string) {
	now := time.Now()
	if !s.known && !alone && s.held[everywhere] == nil {
		s.held[everywhere] = &share{holders: 1, used: now, ready: now.Add(s.lease)} // until it is kept
	}
	keys = []string{present}
	for k, h := range s.held {
		if now.Sub(h.used) > unusedFor {
			gone = append(gone, k)
			delete(s.held, k)
			continue
		}
		keys = append(keys, k)
	}
	return keys, gone
}

// stallOf tells for how long, of a span that ends now, this worker made no
// connection for want of the database.
func (s *shares) stallOf(since time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.After(s.until) && !s.until.IsZero() {
		return now.Sub(later(since, s.until))
	}
	return max(s.stalled[1].Sub(later(since, s.stalled[0])), 0)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// waiting tells whether others have still to take note of this worker.
func (s *shares) waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.known
}

func (s *shares) letGo(ctx context.Context, id string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error { return tx.Release(ctx, id, keys...) })
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
