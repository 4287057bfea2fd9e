package foreign

import (
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// moment reads a time as ISO 8601 has it; without a zone it is in the one given.
// Zero: it is none.
func moment(s string, zone *time.Location) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// untold says that a tool saw nothing of a target.
func untold(said string) lang.Text {
	return lang.Tf("công cụ ấy không xem được: %s", "the tool could not look at it: %s", said)
}

func leftUntold(said string) Left { return Left{said, untold(said)} }
