package policies_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

// BenchmarkJudge judges one unit of four endpoints and sixty requirements.
func BenchmarkJudge(b *testing.B) {
	p := load(b)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	c := rapid.Custom(func(t *rapid.T) judge.Case { return anyCase(t, p, at) }).Example(1)
	for b.Loop() {
		p.Judge(c)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "units/s")
}
