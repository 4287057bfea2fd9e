package foreign

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return short(f[0])
	}
	return ""
}

// unix reads seconds since 1970, as a number or in quotes; zero: neither.
func unix(raw json.RawMessage) time.Time {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func isNumber(raw json.RawMessage) bool {
	_, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	return err == nil
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// names gives what is not empty, each once.
func names(all ...string) (out []string) {
	for _, n := range all {
		if n = strings.Trim(short(n), "[]"); n != "" && !slices.Contains(out, n) && len(n) <= 255 {
			out = append(out, n)
		}
	}
	return out
}

// port reads a port; 0 where it is none.
func port(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		return 0
	}
	return n
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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
