package plan

import (
	"time"

	"github.com/sansang/sansang/internal/judge"
)

// Next is when the first thing ends, after the moment of judgement, that can be
// renewed: a document, a waiver, or a date within what was seen, as of a
// certificate. The zero time: no such date is known. Unlike Make it judges
// nothing, so what ends need not change a verdict.
func Next(p *judge.Policy, c judge.Case, r judge.Report) time.Time {
	var next time.Time
	for _, e := range candidates(p, c, r) {
		switch e.Kind {
		case Document, Waiver, Certificate:
			if e.On.After(r.At) && (next.IsZero() || e.On.Before(next)) {
				next = e.On
			}
		default: // laws and the age of facts end for all units alike
		}
	}
	return next
}
