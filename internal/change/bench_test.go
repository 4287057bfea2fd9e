package change

import (
	"fmt"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// BenchmarkTenThousand compares two judgements of 10,000 findings of which one
// in a hundred changed. The ratio is against judging them, which comes before.
func BenchmarkTenThousand(b *testing.B) {
	old := side(b)
	old.Policy = policyOf(b, "2026-01-01", "!door.state.open", "door.state.locks > 0", "door.state.locks > 1", "door.state.locks < 9", "!door.state.open || door.state.locks > 1")
	old.Case.Unit.Endpoints, old.Case.Observations = nil, nil
	now := old
	for i := range 2000 {
		e := fmt.Sprint("e", i)
		old.Case.Unit.Endpoints = append(old.Case.Unit.Endpoints, inventory.Endpoint{ID: e, System: "s", Target: fmt.Sprint("127.0.0.1:", i+1), Kind: inventory.TCP, Zone: inventory.Internet})
		o := see(door{Locks: 2})
		o.Endpoint = e
		old.Case.Observations = append(old.Case.Observations, o)
		if i%20 == 0 {
			o.Value = see(door{Locks: 2, Open: true}).Value
		}
		now.Case.Observations = append(now.Case.Observations, o)
	}
	now.Case.Unit = old.Case.Unit
	if f := differing(old, now); f != facts {
		b.Fatalf("they differ in %b", f)
	}
	t := newTable(old, now)
	x, y := old.Policy.Judge(old.Case), now.Policy.Judge(now.Case)
	b.ResetTimer()
	for b.Loop() {
		t.corners = map[factor]*judged{0: index(x), facts: index(y)}
		if d := t.compare(); len(d.Findings) != 100 || d.Compared != 10_000 {
			b.Fatalf("%d of %d changed", len(d.Findings), d.Compared)
		}
	}
	compared := b.Elapsed().Seconds() / float64(b.N)
	begun := time.Now()
	for range 3 {
		old.Policy.Judge(old.Case)
	}
	b.ReportMetric(compared/(time.Since(begun).Seconds()/3), "of-judging")
}
