package worker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// asked waits until the worker owes so many answers of a kind.
func asked(p *Pool, what string, many int) {
	for owes := -1; owes < many; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		w := p.current
		p.mu.Unlock()
		if w == nil {
			continue
		}
		owes = 0
		w.mu.Lock()
		for of := range w.waits {
			if of.what == what {
				owes++
			}
		}
		w.mu.Unlock()
	}
}

// Nobody who is told to stop waits for a worker that reads no orders, however
// many of them there are.
func TestStopBesideAWorkerThatReadsNothing(t *testing.T) {
	was := times
	times.end = 100 * time.Millisecond
	t.Cleanup(func() { times = was })
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	run := func(says string) {
		all.Go(func() {
			if _, err := s.Run(ctx, word(says)); cause(err) != fact.Skipped {
				t.Error(err)
			}
		})
	}
	run("freezes")
	asked(p, "run", 1)
	for i := range 400 {
		run(fmt.Sprint(i, " ", strings.Repeat("x", 1<<10)))
	}
	asked(p, "load", 400)
	cancel()
	all.Wait()
	if p.current.closing() {
		t.Error("they waited for as long as the worker was given")
	}
}

// A target that is closed while the worker opens it does not stay open there.
func TestClosedWhileItIsOpened(t *testing.T) {
	p := pool(t, "fake-slow")
	open := func(port int) *Session {
		return p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: port}, direct)
	}
	first := open(1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { asked(p, "open", 1); cancel() }()
	if _, err := first.Run(ctx, word("ok")); cause(err) != fact.Skipped {
		t.Fatal(err)
	}
	first.Close()
	second := open(2)
	for range 50 {
		a, err := second.Run(t.Context(), word("beside"))
		if err != nil {
			t.Fatal(err)
		}
		if !a.Found {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the first target is still open")
}
