package fleet

import (
	"runtime/metrics"
	"testing"
	"time"
)

// The bound grows only when slots lack and the process keeps up, shrinks when it
// is behind, and stays between its ends.
func TestTheGateFollowsTheLoad(t *testing.T) {
	g := newGate(Options{Least: 2, Most: 50, Memory: 100}, 2)
	if limit, _ := g.Now(); limit != 8 {
		t.Fatalf("begins at %d", limit)
	}
	g.adjust(0, 0)
	if limit, _ := g.Now(); limit != 8 {
		t.Errorf("grew to %d, and no slot lacked", limit)
	}
	var next int64
	fill := func() int {
		n := g.reserve("q", 1000)
		var ids []int64
		for range n {
			next++
			ids = append(ids, next)
		}
		g.fetched("q", n, ids)
		g.reserve("q", 1)
		limit, at := g.Now()
		if at > limit {
			t.Errorf("%d are in, and %d may be", at, limit)
		}
		return limit
	}
	for range 40 {
		before := fill()
		g.adjust(0, 0)
		if limit, _ := g.Now(); limit > before+4 {
			t.Errorf("grew from %d to %d at once", before, limit)
		}
	}
	if limit := fill(); limit != 50 {
		t.Errorf("grew to %d only", limit)
	}
	g.adjust(0, 110)
	if limit, _ := g.Now(); limit != 50 {
		t.Errorf("moved to %d for memory that is not much too much", limit)
	}
	for range 30 { // until some have ended, nothing tells what the first step did
		g.adjust(time.Second, 0)
		g.adjust(0, 200)
	}
	if limit, _ := g.Now(); limit != 45 {
		t.Errorf("shrank to %d", limit)
	}
	if n := g.reserve("q", 1); n != 0 {
		t.Errorf("lets %d in beyond the bound", n)
	}
	for job := range next {
		g.leave(job + 1)
		if !g.has(job + 1) {
			t.Fatal("a job of which River still writes what became of it counts as lost")
		}
		g.adjust(time.Second, 0)
	}
	if limit, _ := g.Now(); limit != 2 {
		t.Errorf("shrank to %d", limit)
	}
}

// A queue that was empty is not asked again at once, and a shut gate lets
// nothing in.
func TestTheGateSparesTheDatabase(t *testing.T) {
	g := newGate(Options{Least: 2, Most: 8}, 1)
	g.fetched("q", g.reserve("q", 3), nil)
	if n := g.reserve("q", 3); n != 0 {
		t.Errorf("asks again for %d", n)
	}
	if n := g.reserve("r", 3); n != 3 {
		t.Errorf("asks another queue for %d", n)
	}
	g.shut(true)
	if n := g.reserve("s", 1); n != 0 {
		t.Errorf("a shut gate lets %d in", n)
	}
}

func TestPercentileOfWhatCameSince(t *testing.T) {
	h := &metrics.Float64Histogram{Counts: []uint64{1000, 90, 5, 5}, Buckets: []float64{0, 0.001, 0.01, 0.1, 1}}
	if got := percentile(h, []uint64{1000, 0, 0, 0}, 0.99); got != time.Second {
		t.Errorf("p99 is %v", got)
	}
	if got := percentile(h, nil, 0.9); got != time.Millisecond {
		t.Errorf("p90 is %v", got)
	}
	if got := percentile(h, h.Counts, 0.99); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// Only a wall clock that was moved counts as a jump.
func TestJumps(t *testing.T) {
	now := time.Now()
	j := newJumps(func() time.Time { return now })
	now = now.Add(2 * time.Second)
	if by := j.jumped(); by != 0 {
		t.Errorf("a drift of seconds is a jump by %v", by)
	}
	now = now.Add(-time.Hour)
	if by := j.jumped(); by.Round(time.Minute) != -time.Hour {
		t.Errorf("jumped by %v", by)
	}
	if by := j.jumped(); by != 0 {
		t.Errorf("jumped again by %v", by)
	}
}

func TestNext(t *testing.T) {
	at := time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC) // Thursday 22:00 in Vietnam
	for _, c := range []struct{ every, at, want string }{
		{Daily, "22:00", "2026-11-27T22:00:00+07:00"},
		{Daily, "22:01", "2026-11-26T22:01:00+07:00"},
		{Weekly, "thu 22:00", "2026-12-03T22:00:00+07:00"},
		{Weekly, "SUN 01:30", "2026-11-29T01:30:00+07:00"},
		{Weekly, "22:00", ""}, {Daily, "sun 22:00", ""}, {Daily, "25:00", ""}, {"hourly", "22:00", ""},
	} {
		got, err := Next(c.every, c.at, at)
		if (err != nil) != (c.want == "") || err == nil && got.Format(time.RFC3339) != c.want {
			t.Errorf("%s %s: %v %v", c.every, c.at, got, err)
		}
	}
}
