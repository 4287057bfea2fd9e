package sweep

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// answer is what came of asking a port once.
type answer int

const (
	silence answer = iota // nothing, or word from elsewhere that it cannot be reached
	accepts
	refuses
	cut     // the connection was made and cut at once
	ours    // this machine could not ask, and may later
	barred  // this machine may not ask this port
	nothing // no more may be asked at all
)

// Bounds of how long to wait for an answer. A kernel asks again after a second
// (RFC 6298 §2), so an answer later than that took a packet that was lost.
const (
	unknownWait = 1300 * time.Millisecond // while nothing has answered yet
	lateAnswer  = 900 * time.Millisecond
)

// within is how long an answer may take, by how long others took; twice as
// long for what was silent before.
func (l *look) within(round int) time.Duration {
	wait := unknownWait
	if l.rtt > 0 {
		wait = 8*l.rtt + 100*time.Millisecond
	}
	if round > 1 {
		wait *= 2
	}
	if runtime.GOOS == "windows" {
		wait = max(wait, windowsWait)
	}
	return min(wait, l.Timeout)
}

// windowsWait is for Windows, which asks three times, half a second apart,
// before it believes that a connection is refused.
const windowsWait = 2500 * time.Millisecond

// learn takes note of how long an answer took.
func (l *look) learn(took time.Duration) {
	if took > l.rtt && (took < lateAnswer || l.rtt == 0) || l.rtt >= lateAnswer && took < lateAnswer {
		l.rtt = took
	}
}

// exhausted are the errors of a machine that has no more sockets or ports; the
// numbers are those of Winsock.
var exhausted = []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL, syscall.EAGAIN, syscall.EADDRINUSE, 10024, 10048, 10049, 10055}

// read makes an answer of what came of asking.
func read(ctx context.Context, err error) (answer, *fact.Unknown) {
	var told *fact.Unknown
	switch {
	case err == nil:
		return accepts, nil
	case fact.Refused(err):
		return refuses, nil
	case ctx.Err() != nil:
		return nothing, over(ctx)
	case errors.As(err, &told):
		return nothing, told
	}
	for _, e := range exhausted {
		if errors.Is(err, e) {
			return ours, fact.Because(fact.Denied, "this machine had no socket left to ask with")
		}
	}
	u := fact.FromError(err)
	switch u.Cause {
	case fact.Timeout, fact.Unreachable:
		return silence, u
	case fact.Reset:
		return cut, u
	default:
		return barred, u
	}
}

// batch asks ports and then for a sign of life, and takes what it heard for
// what it is worth. It gives how many answered.
func (l *look) batch(ctx context.Context, round int, some []*port) (heard int) {
	before, source, within := l.lives, l.source, l.within(round)
	mixed := l.mixed(some)
	all := l.ask(ctx, within, mixed)
	steady := l.steady(parted(mixed, all, true))
	some, answers := parted(mixed, all, false)
	for i, p := range some {
		switch answers[i] {
		case accepts:
			p.State, p.Why = Open, nil
		case refuses:
			if l.refused == 0 {
				l.refused = p.Number
			}
		default: // no answer of the host
			continue
		}
		l.source = Itself
		heard++
	}
	if source == Neighbour && l.source == Itself {
		l.forget()
	}
	after := l.sign(ctx)
	for i, p := range some {
		switch {
		case !after || !steady:
		case answers[i] == refuses:
			p.State, p.Why = Closed, nil
		case answers[i] == silence && before && source == l.source:
			p.quiet++
		}
	}
	l.write(Round{Number: round, Within: within, Sign: after && steady}, some, answers)
	if l.source == Itself && (!after || l.hurried()) {
		l.calm(ctx)
	}
	return heard
}

// ask asks each of the ports once.
func (l *look) ask(ctx context.Context, within time.Duration, some []*port) []answer {
	answers := make([]answer, len(some))
	took := make([]time.Duration, len(some))
	room := make(chan struct{}, l.window())
	var all sync.WaitGroup
	for i, p := range some {
		room <- struct{}{}
		if l.blocks > 0 {
			sleep(ctx, apart)
		}
		all.Go(func() {
			defer func() { <-room }()
			var err error
			took[i], err = l.Ask(ctx, p.Number, within)
			answers[i], p.Why = read(ctx, err)
		})
	}
	all.Wait()
	for i, p := range some {
		switch answers[i] {
		case accepts, refuses:
			l.learn(took[i])
		case barred:
			p.barred = true
		case nothing:
			l.spent = p.Why
		default: // it may be asked again
		}
	}
	return answers
}

// window is how many questions may be under way.
func (l *look) window() int {
	if l.blocks > 0 {
		return 1
	}
	return max(1, l.AtOnce)
}

// over says why no more can be asked when ctx has ended.
func over(ctx context.Context) *fact.Unknown {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fact.Because(fact.Timeout, "the time for this host is spent")
	}
	return fact.FromError(ctx.Err())
}

// sleep waits; it tells whether the whole time passed.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
