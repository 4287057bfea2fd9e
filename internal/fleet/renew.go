package fleet

import (
	"context"
	"net/netip"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// join begins to hold for a worker. It connects to nobody before the others that
// live have taken note of it.
func (s *shares) join(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.held, s.alone, s.known, s.until = id, map[netip.Prefix]*share{}, false, false, time.Time{}
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
	for network, h := range s.held {
		switch holders := n[keyOf(network)]; {
		case h.asking:
		case alone:
			h.holders = 1
		case holders > 0:
			h.holders = holders
		default: // first used while we asked: it is to be held first
			delete(s.held, network)
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
	for network, h := range s.held {
		if now.Sub(h.used) > unusedFor {
			gone = append(gone, keyOf(network))
			delete(s.held, network)
			continue
		}
		keys = append(keys, keyOf(network))
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
