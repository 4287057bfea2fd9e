package scan

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// slow is an engine whose templates end once three of them are past their turn.
type slow struct {
	mu                        sync.Mutex
	waiting, waitedMost, past int
	three                     chan struct{}
}

func (s *slow) Run(ctx context.Context, _ *templates.Template) (jobs.Answer, error) {
	s.count(&s.waiting, 1)
	s.mu.Lock()
	s.waitedMost = max(s.waitedMost, s.waiting)
	s.mu.Unlock()
	time.Sleep(time.Millisecond) // those that may begin meanwhile do
	s.count(&s.waiting, -1)
	if s.count(&s.past, 1) == 3 {
		close(s.three)
	}
	checks.Turned(ctx)
	select {
	case <-s.three:
		return jobs.Answer{}, nil
	case <-ctx.Done():
		return jobs.Answer{}, ctx.Err()
	}
}

func (s *slow) count(of *int, by int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	*of += by
	return *of
}

func (s *slow) Close() {}

// Of the templates of an endpoint one waits for its turn, and those whose turn
// has come run side by side.
func TestOneTemplateWaitsForItsTurn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	var own []*checks.Check
	var ids []string
	for i := range 20 {
		own = append(own, checks.FromTemplate(fmt.Sprint("a.t", i), &templates.Template{ID: fmt.Sprint("t", i), Protocols: []string{"tcp"}}))
		ids = append(ids, own[i].ID)
	}
	e := inventory.Endpoint{ID: "e", Target: l.Addr().String(), Kind: inventory.SSH}
	sc, k := scanOf(t, loopback(t).Dial, e)
	sc.Tasks = Plan(inventory.Unit{Endpoints: []inventory.Endpoint{e}}, ids, own...)
	s := &slow{three: make(chan struct{})}
	sc.Engine = func(inventory.Endpoint, checks.DialFunc) Engine { return s }
	if err := sc.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	answers(t, sc, k)
	for _, o := range k.obs {
		if o.Unknown != nil {
			t.Errorf("%s: %v", o.Check, o.Unknown)
		}
	}
	if s.past != len(own) || s.waitedMost != 1 {
		t.Errorf("%d templates ran, and %d waited at the same time", s.past, s.waitedMost)
	}
}
