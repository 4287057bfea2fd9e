package checks

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Room is how much may go on at the same time on one endpoint: every check
// under way has taken a place, and gives it back when it is done. Without one
// (nil) there is room for one thing at a time.
type Room chan struct{}

// NewRoom has n places.
func NewRoom(n int) Room { return make(Room, n) }

// beside does n things, some at the same time where the endpoint's room
// allows it. A thing that finds no place is done in the place of the check
// itself, so nothing ever waits for room.
func (p *Probe) beside(n int, do func(i int)) {
	var others sync.WaitGroup
	panics := make([]any, n)
	for i := range n {
		select {
		case p.room <- struct{}{}:
			others.Go(func() {
				defer func() {
					if r := recover(); r != nil {
						panics[i] = fmt.Sprintf("%v\n%s", r, debug.Stack())
					}
					<-p.room
				}()
				do(i)
			})
		default:
			do(i)
		}
	}
	others.Wait()
	for _, r := range panics {
		if r != nil {
			panic(r) // where Observe makes an answer of it
		}
	}
}
