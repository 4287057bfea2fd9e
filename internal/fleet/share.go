package fleet

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// everywhere stands for the network of the rate that all connections together
// have.
var everywhere netip.Prefix

// present is the key that each worker holds that has taken note of the others.
const present = "+"

// keyOf is under which key the rate of a network is held.
func keyOf(network netip.Prefix) string {
	if network == everywhere {
		return "*"
	}
	return network.String()
}

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
	held    map[netip.Prefix]*share
	alone   bool          // no other worker lives
	known   bool          // every other worker that lives has taken note of this one, and holds what it uses
	until   time.Time     // what is known holds until then, by both clocks
	stalled [2]time.Time  // when last nothing held, from and to
	changed chan struct{} // closed, and made anew, when something of it changed
}

// share is what a worker holds of one rate.
type share struct {
	holders int
	ready   time.Time // when the others have learned of it
	used    time.Time
	asking  bool // the database is being asked; the rest is not known yet
}

func newShares(db *store.DB, lease time.Duration) *shares {
	return &shares{db: db, lease: lease, held: map[netip.Prefix]*share{}, changed: make(chan struct{})}
}

// Share gives the part of a rate that this worker may use for a network: of the
// rate for the network, or, for the zero prefix, of that for all connections
// together. It waits while that is not known. It is called often, and asks the
// database only when a network is new and other workers live.
func (w *Worker) Share(ctx context.Context, network netip.Prefix) (float64, error) {
	return w.shares.of(ctx, network.Masked())
}

func (s *shares) of(ctx context.Context, network netip.Prefix) (float64, error) {
	for {
		part, wait, changed := s.look(network)
		if part > 0 {
			return part, nil
		}
		if wait == 0 {
			if err := s.take(ctx, network); err != nil {
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
// again; 0: the network is new here, and the caller is the one to take it.
func (s *shares) look(network netip.Prefix) (part float64, wait time.Duration, changed chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch h := s.held[network]; {
	case s.id == "" || !s.known || past(now, s.until):
		return 0, s.lease, s.changed // until a beat
	case h == nil && s.alone:
		s.held[network] = &share{holders: 1, used: now}
		return 1, 0, nil
	case h == nil:
		s.held[network] = &share{asking: true, used: now}
		return 0, 0, nil
	case h.asking:
		return 0, s.lease, s.changed
	case now.Before(h.ready):
		return 0, h.ready.Sub(now), s.changed
	default:
		h.used = now
		return 1 / float64(max(h.holders, 1)), 0, nil
	}
}

// past tells whether a moment is over by either clock: the monotonic one stands
// still while a machine sleeps, and the other may be set back.
func past(now, until time.Time) bool {
	return now.After(until) || now.Round(0).After(until.Round(0))
}

// beat is how often what is held is renewed.
func (s *shares) beat() time.Duration { return s.lease / 6 }

// learned is for how long a worker that is not alone believes what it was told.
// After it every other one has seen what was held before, or connects no more.
func (s *shares) learned() time.Duration { return s.beat() + s.beat()/2 }

// take holds a network that is new here. That we hold it is kept before holders are
// counted, so that of two who come at once one at least sees the other.
func (s *shares) take(ctx context.Context, network netip.Prefix) error {
	s.mu.Lock()
	id := s.id
	s.mu.Unlock()
	key, n := keyOf(network), map[string]int{}
	err := within(ctx, func(ctx context.Context) (err error) {
		if n, err = s.hold(ctx, id, []string{key}); err == nil {
			n, err = s.hold(ctx, id, []string{key})
		}
		return err
	})
	s.mu.Lock()
	if s.id == id { // else it was held under a name that is no more
		delete(s.held, network)
		if err == nil {
			h := &share{holders: n[key], used: time.Now()}
			if h.holders > 1 {
				h.ready = time.Now().Add(s.learned())
			}
			s.held[network] = h
		}
		s.tell()
	}
	s.mu.Unlock()
	if err != nil && away(ctx, err) {
		return wait(ctx, time.Second)
	}
	return err
}

func (s *shares) hold(ctx context.Context, id string, keys []string) (n map[string]int, err error) {
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		n, err = tx.Hold(ctx, id, keys, s.lease)
		return err
	})
	return n, err
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
