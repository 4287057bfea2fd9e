package fleet

import (
	"context"
	"math"
	"runtime/metrics"
	"slices"
	"sync"
	"time"
)

// adjusts moves the gate each second.
func (s *session) adjusts(ctx context.Context) {
	g := &gauge{}
	go g.ring(ctx)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.gate.adjust(g.read())
			s.o.Hooks.Gate(s.gate.Now())
		}
	}
}

// gauge measures how far behind this process is: how long goroutines that could
// run had to wait (the 99th percentile), and how late a timer rings (the 90th),
// which the load of other processes shows in too.
type gauge struct {
	before []uint64

	mu   sync.Mutex
	late []time.Duration
}

const (
	latencies = "/sched/latencies:seconds"
	living    = "/gc/heap/live:bytes"
	stacks    = "/memory/classes/heap/stacks:bytes"
)

// ring lets a timer ring until ctx ends.
func (g *gauge) ring(ctx context.Context) {
	const every = 20 * time.Millisecond
	for {
		begun := time.Now()
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
		g.mu.Lock()
		g.late = append(g.late, time.Since(begun)-every)
		g.mu.Unlock()
	}
}

// read gives the lateness since the last time, and the memory in use: what lived
// at the last collection, and the stacks. Garbage is left out, for what is mapped
// says how seldom is collected rather than how much is needed.
func (g *gauge) read() (late time.Duration, memory uint64) {
	s := []metrics.Sample{{Name: latencies}, {Name: living}, {Name: stacks}}
	metrics.Read(s)
	if s[1].Value.Kind() == metrics.KindUint64 && s[2].Value.Kind() == metrics.KindUint64 {
		memory = s[1].Value.Uint64() + s[2].Value.Uint64()
	}
	if s[0].Value.Kind() == metrics.KindFloat64Histogram {
		h := s[0].Value.Float64Histogram()
		late = percentile(h, g.before, 0.99)
		g.before = slices.Clone(h.Counts)
	}
	g.mu.Lock()
	rung := g.late
	g.late = nil
	g.mu.Unlock()
	if len(rung) > 0 {
		slices.Sort(rung)
		late = max(late, rung[len(rung)*9/10])
	}
	return late, memory
}

// percentile is the value below which that part of what came since lies.
func percentile(h *metrics.Float64Histogram, before []uint64, part float64) time.Duration {
	var total uint64
	since := make([]uint64, len(h.Counts))
	for i, n := range h.Counts {
		if since[i] = n; i < len(before) {
			since[i] -= before[i]
		}
		total += since[i]
	}
	var seen uint64
	for i, n := range since {
		if seen += n; total > 0 && float64(seen) >= part*float64(total) {
			if upper := h.Buckets[i+1]; !math.IsInf(upper, 1) {
				return time.Duration(upper * float64(time.Second))
			}
			return time.Duration(h.Buckets[i] * float64(time.Second))
		}
	}
	return 0
}
