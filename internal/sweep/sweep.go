// Package sweep finds out which TCP ports of one host are open, closed or
// filtered, and of which nobody can say.
//
// A port that answers says itself what it is. Silence says nothing unless the
// host is known to live and to let us in: it counts only between two signs of
// life, from ports that were seen to answer before. See docs/decisions/0015.
package sweep

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// State is what is known of a port.
type State uint8

// The states of a port.
const (
	Undecided State = iota
	Open            // a connection was made
	Closed          // it was refused
	Filtered        // twice and more no answer, from a host that lives
)

// Ask tries to connect to a port of the host. An answer may take within, and
// took says how long it did take; waiting for one's turn counts in neither.
type Ask func(ctx context.Context, port int, within time.Duration) (took time.Duration, err error)

// Sweep is what to ask of a host, and how.
type Sweep struct {
	Ports   []int // the most telling first; each once
	Ask     Ask
	Timeout time.Duration // the longest wait for one answer
	AtOnce  int           // questions under way at the same time
	Pause   time.Duration // before anything more is asked of a host that fell silent

	// Other asks a host of the same network for a sign of life; known is false
	// while none was seen to answer. It may be nil.
	Other func(ctx context.Context) (lives, known bool)
	// Says connects to a port and tells whether the host sends a byte by itself.
	// It may be nil.
	Says func(ctx context.Context, port int) bool
}

// Port is what came of asking a port.
type Port struct {
	Number int
	State  State
	Why    *fact.Unknown // it is undecided
}

// Result is what a sweep saw.
type Result struct {
	Ports []Port // in the order of the sweep
	Alive Alive
	// Everything tells that connections are made on ports on which nothing can
	// listen: not the services answer, but something before them.
	Everything bool
	Rounds     []Round
}

// Alive is by what a host was seen to live.
type Alive string

// The signs of life.
const (
	Itself    Alive = "itself"    // a port of it answered
	Neighbour Alive = "neighbour" // it never answered, another host of its network did, before and after
	NoSign    Alive = "none"
)

// Of lists the ports in a state, in order.
func (r *Result) Of(s State) []int {
	out := []int{}
	for _, p := range r.Ports {
		if p.State == s {
			out = append(out, p.Number)
		}
	}
	slices.Sort(out)
	return out
}

const (
	first     = 8                      // ports asked at a time until one answers
	batch     = 128                    // ports asked between two signs of life
	enough    = 2                      // silences that make a port filtered
	maxRounds = 6                      // of asking again what did not answer
	apart     = 500 * time.Millisecond // before each question to a host that fell silent once
)

// port is the state of one port under way.
type port struct {
	Port
	quiet   uint8 // silences that count
	barred  bool  // this machine may not ask it
	witness bool  // it is asked again to see whether it still answers
}

// look is a sweep under way.
type look struct {
	Sweep
	ports   []port
	rtt     time.Duration // of the slowest answer that was not late
	lives   bool          // the last sign of life was given
	source  Alive         // by what
	refused int           // the first port that refused, 0: none did
	blocks  int           // times that a host fell silent that had answered
	strikes int           // ports that had answered and did not among others
	spent   *fact.Unknown // why nothing more can be asked
	rounds  []Round
}

// Run asks all ports, of which there is at least one. It ends with ctx at the latest; what is not decided then
// is undecided, with the reason.
func Run(ctx context.Context, s Sweep) *Result {
	l := &look{Sweep: s, source: NoSign, ports: make([]port, len(s.Ports))}
	for i, n := range s.Ports {
		l.ports[i].Number = n
	}
	// some first, so that the others are asked by one who knows that the host lives, and how fast it answers
	for some := range slices.Chunk(l.left()[:min(5*first, len(l.ports))], first) {
		if l.batch(ctx, 0, some); l.source == Itself || l.spent != nil {
			break
		}
	}
	for round := 1; round <= maxRounds && l.spent == nil; round++ {
		left := l.left()
		if len(left) == 0 || round > enough && l.source == NoSign {
			break
		}
		rand.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
		heard := l.round(ctx, round, left)
		for _, p := range left {
			if round > 1 && heard > 0 {
				p.quiet = min(p.quiet, 1) // what was silent answers: packets are lost, and silence is worth less
			}
			if p.State == Undecided && p.quiet >= enough {
				p.State, p.Why = Filtered, nil
			}
		}
	}
	return l.result(ctx)
}

// round asks ports, with a sign of life after each batch. It gives how many
// answered.
func (l *look) round(ctx context.Context, n int, left []*port) (heard int) {
	for some := range slices.Chunk(left, batch) {
		if l.spent != nil {
			return heard
		}
		heard += l.batch(ctx, n, some)
	}
	return heard
}

// left lists what is not decided and may be asked again.
func (l *look) left() (out []*port) {
	for i := range l.ports {
		if p := &l.ports[i]; p.State == Undecided && !p.barred {
			out = append(out, p)
		}
	}
	return out
}

// result says what came of it all.
func (l *look) result(ctx context.Context) *Result {
	r := &Result{Ports: make([]Port, 0, len(l.ports)), Alive: l.source, Rounds: l.rounds}
	r.Everything = l.doubt(ctx)
	for i := range l.ports {
		p := &l.ports[i]
		if p.State == Filtered && r.Alive == NoSign {
			r.Alive = Neighbour // which lived when that was decided
		}
		if p.State == Undecided {
			p.Why = l.because(p)
		}
		r.Ports = append(r.Ports, p.Port)
	}
	return r
}

// because says why a port is undecided.
func (l *look) because(p *port) *fact.Unknown {
	silent := p.Why == nil || p.Why.Cause == fact.Timeout || p.Why.Cause == fact.Unreachable
	switch {
	case l.spent != nil && (silent || p.Why == l.spent):
		return l.spent
	case silent && l.source == NoSign:
		return fact.Because(fact.Unreachable, fmt.Sprintf("none of %d ports gave any answer", len(l.ports)))
	case silent:
		return fact.Because(fact.Timeout, "no answer, between signs of life that did not all come")
	}
	return p.Why
}
