package sweep

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/sansang/sansang/internal/fact"
)

const (
	many   = 8  // open ports from which on a host is doubted, if they are most of all
	long   = 64 // a list of which nobody has nine in ten open
	decoys = 3  // ports asked on which nothing is likely to listen
	saying = 64 // open ports that are listened to at most
)

// doubt finds hosts on which every port accepts: a proxy before them answers
// for all (SYN proxy), or a trap does (tarpit). Then only what sends a byte by
// itself is believed to be open, if the ports that cannot be open send none.
// Where that can be asked no more, none is believed.
func (l *look) doubt(ctx context.Context) bool {
	var open []*port
	for i := range l.ports {
		if p := &l.ports[i]; p.State == Open {
			open = append(open, p)
		}
	}
	all := len(open) > 2 && len(open) == len(l.ports)
	if !all && (len(open) < many || 2*len(open) <= len(l.ports)) {
		return false
	}
	if l.spent == nil && !l.everything(ctx, len(open)) && l.spent == nil {
		return false
	}
	if l.spent != nil {
		for _, p := range open {
			p.State, p.Why = Undecided, l.spent
		}
		return false
	}
	speaks := l.speaking(ctx, open)
	for i, p := range open {
		if !speaks[i] {
			p.State, p.Why = Undecided, fact.Because(fact.Unanswered, "the host accepts connections on every port, whether or not anything listens there")
		}
	}
	return true
}

// everything tells whether ports accept that nobody chose, or nearly all of a
// long list.
func (l *look) everything(ctx context.Context, open int) bool {
	if len(l.ports) >= long && 10*open > 9*len(l.ports) {
		return true
	}
	accepted := 0
	for _, p := range l.unlikely() {
		if l.once(ctx, p) == accepts {
			accepted++
		}
	}
	return accepted > 1
}

// unlikely picks high ports that are not in the list; none where the list has
// all.
func (l *look) unlikely() (out []int) {
	const low, high = 20000, 32767 // below the ports that systems hand out for a while
	for range 100 {
		p := low + rand.IntN(high-low)
		if len(out) < decoys && !slices.Contains(out, p) && !slices.Contains(l.Ports, p) {
			out = append(out, p)
		}
	}
	return out
}

// speaking tells of each port whether it sends a byte by itself. Where ports
// that cannot be open do so too, none is believed.
func (l *look) speaking(ctx context.Context, open []*port) []bool {
	out := make([]bool, len(open))
	if l.Says == nil {
		return out
	}
	var ask []int
	for _, p := range open[:min(saying, len(open))] {
		ask = append(ask, p.Number)
	}
	ask = append(ask, l.unlikely()...)
	says := make([]bool, len(ask))
	room := make(chan struct{}, l.window())
	var all sync.WaitGroup
	for i, p := range ask {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			says[i] = l.Says(ctx, p)
		})
	}
	all.Wait()
	if heard := min(saying, len(open)); !slices.Contains(says[heard:], true) {
		copy(out, says[:heard])
	}
	return out
}
