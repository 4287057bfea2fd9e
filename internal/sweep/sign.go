package sweep

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

const (
	witnesses = 3  // open ports that are asked at most whether the host lives
	spread    = 32 // ports, among which one open and one closed port are asked again
	limit     = 2  // of those that may be lost
)

// sign asks for a sign of life: an open port must still accept and a closed
// one still answer, as far as such are known. Both, for some blocks refuse
// everything, and others let pass what is open to everybody. Of a host that
// never answered, its neighbour is asked.
func (l *look) sign(ctx context.Context) bool {
	if l.spent != nil {
		return false
	}
	if l.source != Itself {
		return l.neighbour(ctx)
	}
	open, shut := l.witness()
	l.lives = (len(open) > 0 || shut != 0) && l.accepting(ctx, open) && (shut == 0 || l.answering(ctx, shut))
	return l.lives
}

// witness gives the open ports to ask, the most usual first, and a closed one,
// 0 when none ever refused.
func (l *look) witness() (open []int, shut int) {
	for i := range l.ports {
		switch p := &l.ports[i]; {
		case p.State == Open && len(open) < witnesses:
			open = append(open, p.Number)
		case p.State == Closed && shut == 0:
			shut = p.Number
		}
	}
	if shut == 0 {
		shut = l.refused
	}
	return open, shut
}

// mixed gives ports in an order by chance, and among them, at even distances,
// some that were seen to answer, so that a limit on how many of us are let in a
// second shows among the questions and not after them.
func (l *look) mixed(some []*port) (out []*port) {
	open, shut := l.witness()
	for i, j := range rand.Perm(len(some)) {
		out = append(out, some[j])
		if i%spread != spread-1 {
			continue
		}
		if len(open) > 0 {
			out = append(out, &port{Port: Port{Number: open[0], State: Open}, witness: true})
		}
		if shut != 0 && (len(open) == 0 || i%(2*spread) == spread-1) {
			out = append(out, &port{Port: Port{Number: shut, State: Closed}, witness: true})
		}
	}
	return out
}

// parted takes the witnesses and their answers out of what was mixed.
func parted(mixed []*port, all []answer, witness bool) (some []*port, answers []answer) {
	for i, p := range mixed {
		if p.witness == witness {
			some, answers = append(some, p), append(answers, all[i])
		}
	}
	return some, answers
}

// steady tells whether the ports among the others answered as they did before.
func (l *look) steady(among []*port, answers []answer) bool {
	ok := true
	for i, p := range among {
		switch {
		case answers[i] == accepts, answers[i] == refuses && p.State == Closed:
		case answers[i] == refuses:
			l.strikes, ok = limit, false
		default:
			l.strikes++
			ok = false
		}
	}
	return ok
}

// hurried tells that the host is to be asked more slowly. A packet may be lost
// without that.
func (l *look) hurried() bool { return l.blocks == 0 && l.strikes >= limit }

// accepting tells whether one of the open ports accepts, where any is known.
func (l *look) accepting(ctx context.Context, open []int) bool {
	for _, p := range open {
		for range 2 {
			if a := l.once(ctx, p); a == accepts {
				return true
			} else if a == refuses {
				break
			}
		}
	}
	return len(open) == 0
}

// answering tells whether a port answers at all; a packet may be lost.
func (l *look) answering(ctx context.Context, p int) bool {
	for range 2 {
		if a := l.once(ctx, p); a == accepts || a == refuses {
			return true
		}
	}
	return false
}

// once asks one port, with much patience.
func (l *look) once(ctx context.Context, p int) answer {
	if l.spent != nil {
		return nothing
	}
	if l.blocks > 0 {
		sleep(ctx, apart)
	}
	took, err := l.Ask(ctx, p, l.within(2))
	a, why := read(ctx, err)
	switch a {
	case accepts, refuses:
		l.learn(took)
	case nothing:
		l.spent = why
	default: // as good as silence
	}
	return a
}

// neighbour asks another host of the network for a sign of life.
func (l *look) neighbour(ctx context.Context) bool {
	if l.Other == nil {
		return false
	}
	lives, known := l.Other(ctx)
	if l.lives = known && lives; l.lives {
		l.source = Neighbour
	} else {
		l.source = NoSign
	}
	return l.lives
}

// forget lets silences count no more: the host lives after all, so that its
// neighbour proves nothing, nor what was decided by it.
func (l *look) forget() {
	for i := range l.ports {
		p := &l.ports[i]
		if p.quiet = 0; p.State == Filtered {
			p.State = Undecided
		}
	}
}

// calm lets a host be that answered and does so no more. It is then asked
// slowly, and not at all if that happened before, or if it stays silent.
func (l *look) calm(ctx context.Context) {
	if l.spent != nil {
		return
	}
	l.blocks++
	blocked := fact.Because(fact.Blocked, "the host answered at first, and then no more")
	if l.blocks > 1 {
		l.spent = blocked
		return
	}
	for _, pause := range []time.Duration{l.Pause, 4 * l.Pause} {
		if !sleep(ctx, pause) {
			l.spent = over(ctx)
			return
		}
		if l.sign(ctx) || l.spent != nil {
			return
		}
	}
	l.spent = blocked
}
