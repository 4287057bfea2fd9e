package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// micros is a moment as it is kept: microseconds since 1970 UTC, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// plain is a text that both engines take: PostgreSQL refuses a zero byte and
// what is not UTF-8.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// encoded is a value as JSON; nothing is an empty list where empty says so.
func encoded(v any, empty string) (string, error) {
	b, err := json.Marshal(v)
	if err == nil && string(b) == "null" {
		return empty, nil
	}
	return string(b), err
}

// decode reads JSON that the column of a table holds.
func decode(column, text string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("column %s holds no JSON of its kind: %w", column, err)
	}
	return nil
}

// parameter names the nth parameter of a statement.
func parameter(n int) string { return "$" + strconv.Itoa(n) }

// Size is a number of bytes for people: "12.3 MB".
func Size(n int64) string {
	of, unit := float64(n)/1e3, "kB"
	for _, next := range []string{"MB", "GB", "TB"} {
		if of < 999.95 {
			break
		}
		of, unit = of/1e3, next
	}
	return fmt.Sprintf("%.1f %s", of, unit)
}
