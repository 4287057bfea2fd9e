package fleet

import (
	"context"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// beats tells the database that we live, several times a lease, and sees what
// it has to say: tasks that are no longer ours, workers that are dead.
func (s *session) beats(ctx context.Context) {
	next := s.o.Lease / 6
	for {
		if wait(ctx, next) != nil {
			return
		}
		within, cancel := context.WithTimeout(ctx, s.o.Lease/3)
		err := s.beat(within)
		cancel()
		s.trouble(err)
		if next = s.o.Lease / 6; err != nil || s.shares.waiting() {
			next /= 5
		}
	}
}

// pulse is what one beat learned.
type pulse struct {
	ours    []store.Task
	alive   []store.Worker
	freed   []store.Task
	retired bool // others took us for dead
}

func (s *session) beat(ctx context.Context) error {
	jumped := s.clock.jumped()
	if jumped != 0 {
		s.o.Log.Warn().Dur("by", jumped).Msg("the clock of this machine was moved; what waits is planned anew")
	}
	s.mu.Lock()
	cut := !s.heard.IsZero() && time.Since(s.heard) > s.o.Lease
	if cut || jumped != 0 {
		s.lenient = time.Now().Add(s.o.Lease) // others may have been cut off as we were
	}
	lenient := time.Now().Before(s.lenient)
	s.mu.Unlock()
	begun, id, before := time.Now(), s.name(), s.taken()
	var p pulse
	err := s.o.DB.Tx(ctx, func(tx *store.Tx) error {
		p = pulse{}
		return s.pulse(ctx, tx, id, lenient, &p)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.heard = begun
	s.mu.Unlock()
	if p.retired {
		return s.rejoin(ctx)
	}
	switch {
	case cut:
		s.stopLooks(errCut)
	case jumped != 0: // connections may have died of sleep, and moments before and after do not go together
		s.stopLooks(errMoved)
	}
	s.compare(ctx, before, p.ours)
	if err := s.shares.renew(ctx, begun, len(p.alive)); err != nil {
		return err
	}
	if jumped != 0 {
		return s.planAnew(ctx)
	}
	if len(p.freed) > 0 {
		return s.mendAll(ctx)
	}
	return nil
}

// pulse is the transaction of a beat.
func (s *session) pulse(ctx context.Context, tx *store.Tx, id string, lenient bool, p *pulse) error {
	if err := tx.Alive(ctx, id); err != nil {
		return err
	}
	var err error
	if p.ours, err = tx.Renew(ctx, id, s.o.Lease); err != nil {
		return err
	}
	now, err := tx.Now(ctx)
	if err != nil {
		return err
	}
	all, err := tx.Workers(ctx, time.Unix(0, 1), false)
	if err != nil {
		return err
	}
	var dead []string
	for _, w := range all {
		silent := now.Sub(w.Seen) > s.o.Lease
		switch {
		case w.ID == id:
			p.alive = append(p.alive, w)
		case w.Host == s.host && !running(w.PID), silent && !lenient:
			dead = append(dead, w.ID)
		case !silent:
			p.alive = append(p.alive, w)
		}
	}
	p.retired = !slices.ContainsFunc(p.alive, func(w store.Worker) bool { return w.ID == id })
	for _, d := range dead {
		if err := tx.Leave(ctx, d); err != nil {
			return err
		}
	}
	if lenient && len(dead) == 0 {
		return nil
	}
	if p.freed, err = tx.Free(ctx, dead...); err != nil {
		return err
	}
	return insert(ctx, s.insert, tx, p.freed)
}

// taken gives what this worker has taken, with its generations.
func (s *session) taken() map[store.TaskKey]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[store.TaskKey]int64{}
	for k, h := range s.held {
		if h.generation != 0 {
			out[k] = h.generation
		}
	}
	return out
}

// compare ends looks at tasks that the database gives to us no longer, and
// gives back tasks that it thinks we have and that we have not: their taking
// was kept, and the word of it lost.
func (s *session) compare(ctx context.Context, before map[store.TaskKey]int64, ours []store.Task) {
	kept := map[store.TaskKey]int64{}
	for _, t := range ours {
		kept[t.TaskKey] = t.Generation
	}
	s.mu.Lock()
	for k, generation := range before {
		if h := s.held[k]; h != nil && h.generation == generation && kept[k] != generation {
			h.cancel(ErrLost)
		}
	}
	var back []store.Task
	strange := map[store.TaskKey]int64{}
	for _, t := range ours {
		if _, have := s.held[t.TaskKey]; have {
			continue
		}
		strange[t.TaskKey] = t.Generation
		if s.strange[t.TaskKey] == t.Generation {
			back = append(back, t)
		}
	}
	s.strange = strange
	s.mu.Unlock()
	for _, t := range back {
		s.trouble(s.o.DB.Tx(ctx, func(tx *store.Tx) error {
			ok, err := tx.Fail(ctx, t.TaskKey, t.Generation, "", true)
			if err != nil || !ok {
				return err
			}
			return insert(ctx, s.insert, tx, []store.Task{t})
		}))
	}
}

// rejoin makes the worker known anew after others took it for dead. What it had
// is theirs now.
func (s *session) rejoin(ctx context.Context) error {
	s.stopLooks(ErrLost)
	return s.join(ctx)
}
