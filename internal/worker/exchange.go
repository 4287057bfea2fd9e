package worker

import (
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// wholeExchange is how many times the timeout a question and its answer may
// take as a whole, so that a drip does not last for ever.
const wholeExchange = 4

// exchange is the clock of one relayed connection.
type exchange struct {
	timeout time.Duration

	mu       sync.Mutex
	began    time.Time // of the question under way
	last     time.Time // at which anything went either way
	awaited  bool      // nothing came since the last question, or since the beginning
	finished bool      // the client has nothing more to say
}

func newExchange(timeout time.Duration, now time.Time) *exchange {
	return &exchange{timeout: timeout, began: now, last: now, awaited: true}
}

// send notes bytes of the client; the first after an answer begin a question.
func (e *exchange) send(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.awaited {
		e.began, e.awaited = now, true
	}
	e.last = now
}

// receive notes bytes of the target.
func (e *exchange) receive(now time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last, e.awaited = now, false
}

// finish notes that the client has gone, or at least says no more.
func (e *exchange) finish() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.finished = true
}

// linger is how long a target may stay on after the client has gone.
const linger = 2 * time.Second

// due says when the connection ends if nothing happens until then.
func (e *exchange) due() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	whole, silent := e.began.Add(wholeExchange*e.timeout), e.last.Add(e.timeout)
	if e.finished {
		silent = e.last.Add(min(linger, e.timeout))
	}
	if whole.Before(silent) {
		return whole
	}
	return silent
}

// over says, at a moment at which the connection was due, why it ends, and
// whether an answer was awaited: a connection that idles is no failure.
func (e *exchange) over(now time.Time) (u *fact.Unknown, awaited bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.finished && !e.awaited && now.Sub(e.last) < e.timeout { // it still drips
		return fact.Because(fact.Timeout, "the answer did not come to an end in the time given"), true
	}
	return fact.Because(fact.Timeout, "no complete answer in the time given"), e.awaited && !e.finished
}

// awaits tells whether an answer is awaited.
func (e *exchange) awaits() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.awaited && !e.finished
}
