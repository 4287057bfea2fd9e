package worker

import (
	"context"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
)

// Nobody waits for a run that is stopped, but as long as it goes on in the
// worker it has its place there.
func TestStoppedRunKeepsItsPlace(t *testing.T) {
	p := pool(t, "fake")
	s := p.Open(jobs.Target{Host: "127.0.0.1", Addr: "127.0.0.1", Port: 1}, direct)
	if _, err := s.Run(t.Context(), word("ok")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	asked := func() bool {
		p.current.mu.Lock()
		defer p.current.mu.Unlock()
		return len(p.current.waits) > 0
	}
	go func() {
		for len(p.scripts) == 0 || !asked() { // with a script under way, what is asked is the run
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := s.Run(ctx, word("hangs", "javascript")); cause(err) != fact.Skipped {
		t.Errorf("%v", err)
	}
	places := func() (inside, scripts int) {
		p.gate.mu.Lock()
		defer p.gate.mu.Unlock()
		return p.gate.inside, len(p.scripts)
	}
	if inside, scripts := places(); inside != 1 || scripts != 1 {
		t.Errorf("%d inside and %d scripts while it goes on", inside, scripts)
	}
	p.Close()
	if inside, scripts := places(); inside+scripts != 0 {
		t.Errorf("%d inside and %d scripts after the end", inside, scripts)
	}
}

// Whoever stays at the gate alone keeps all others out until he leaves again.
func TestGateStay(t *testing.T) {
	var g gate
	if err := g.enter(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	g.stay()
	g.leave()
	now, cancel := context.WithCancel(t.Context())
	cancel()
	for _, alone := range []bool{false, true} {
		if g.enter(now, alone) == nil {
			t.Fatal("let in beside one who is alone")
		}
	}
	g.leave()
	if err := g.enter(now, true); err != nil {
		t.Error("not let in:", err)
	}
}
