package inventory

import (
	"testing"
	"time"
)

// A term of months ends on the same day of the month, or with the month that
// has no such day; a longer one, or one that began later, never ends earlier.
func TestTermsOfMonths(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string // the first day after
	}{
		{"2026-03-15", 12, "2027-03-15"},
		{"2026-08-28", 6, "2027-02-28"},
		{"2026-08-29", 6, "2027-03-01"},
		{"2026-08-31", 6, "2027-03-01"},
		{"2027-08-31", 6, "2028-03-01"},
		{"2027-08-29", 6, "2028-02-29"},
		{"2024-02-29", 12, "2025-03-01"},
		{"2026-03-31", 1, "2026-05-01"},
		{"2026-12-31", 1, "2027-01-31"},
	} {
		d, err := ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.AfterMonths(c.months).Format(time.DateOnly); got != c.want {
			t.Errorf("%d months from %s end before %s, want %s", c.months, c.from, got, c.want)
		}
	}
	first, _ := ParseDate("2023-01-01")
	for day := range 1500 {
		d := Date{first.AddDate(0, 0, day)}
		for months := 1; months < 40; months++ {
			end := d.AfterMonths(months)
			if Date.AfterMonths(Date{d.AddDate(0, 0, 1)}, months).Before(end) || d.AfterMonths(months+1).Before(end) {
				t.Fatalf("from %s: a later begin or a longer term ends before %s", d.Format(time.DateOnly), end)
			}
		}
	}
}
