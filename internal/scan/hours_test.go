package scan

import (
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

func TestOpens(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, inventory.Vietnam)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ hours, now, want string }{
		{"", "2026-11-10 12:00", "2026-11-10 12:00"},
		{"", "2026-10-01 12:00", "2026-11-01 00:00"}, // the days have not begun
		{"", "2026-12-01 00:00", ""},
		{"", "2026-11-30 23:59", "2026-11-30 23:59"}, // no later moment is better
		{"22:00-05:00", "2026-11-10 12:00", "2026-11-10 22:00"},
		{"22:00-05:00", "2026-11-10 22:00", "2026-11-10 22:00"},
		{"22:00-05:00", "2026-11-11 04:00", "2026-11-11 04:00"},
		{"22:00-05:00", "2026-11-11 04:55", "2026-11-11 22:00"}, // too little of the night is left
		{"22:00-05:00", "2026-10-01 12:00", "2026-11-01 00:00"},
		{"08:00-17:00", "2026-11-10 18:00", "2026-11-11 08:00"},
		{"08:00-17:00", "2026-11-30 18:00", ""},
		{"08:00-17:00", "2026-11-30 16:55", "2026-11-30 16:55"},
		{"08:00-08:10", "2026-11-10 08:04", "2026-11-10 08:04"}, // half of a short time is enough
		{"08:00-08:10", "2026-11-10 08:06", "2026-11-11 08:00"},
	} {
		from, _ := inventory.ParseDate("2026-11-01")
		until, _ := inventory.ParseDate("2026-11-30")
		s, err := NewScope(inventory.Unit{Authorisation: &inventory.Authorisation{From: from, Until: until, Hours: c.hours}})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := s.Opens(at(c.now).UTC(), 10*time.Minute)
		if ok != (c.want != "") || ok && !got.Equal(at(c.want)) {
			t.Errorf("hours %q at %s: %v %v, want %s", c.hours, c.now, got.In(inventory.Vietnam), ok, c.want)
		}
	}
}
