package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// moment writes a time as it is in Vietnam, whatever zone it was stored in.
func moment(t time.Time, l lang.Lang) string {
	if t.IsZero() {
		return unsaid.In(l)
	}
	return t.In(inventory.Vietnam).Format(lang.T("02/01/2006 15:04", "2006-01-02 15:04").In(l))
}

// day writes a date.
func day(t time.Time, l lang.Lang) string {
	if t.IsZero() {
		return unsaid.In(l)
	}
	return t.In(inventory.Vietnam).Format(lang.T("02/01/2006", "2006-01-02").In(l))
}

var unsaid = lang.T("không ghi", "not recorded")

// whole numbers below it stand ungrouped: they are ports and key sizes, which
// nobody writes with a mark in them.
const groupFrom = 100_000

// number writes a number: 1.234.567,8 in Vietnamese, 1,234,567.8 in English.
func number[N int | int64 | float64](n N, l lang.Lang) string {
	s := strconv.FormatFloat(float64(n), 'f', -1, 64)
	if i, ok := any(n).(int64); ok { // beyond 2⁵³ a float64 would round
		s = strconv.FormatInt(i, 10)
	}
	sign, group, point := "", lang.T(".", ",").In(l), lang.T(",", ".").In(l)
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	integer, fraction, _ := strings.Cut(s, ".")
	if n >= groupFrom || n <= -groupFrom {
		for i := len(integer) - 3; i > 0; i -= 3 {
			integer = integer[:i] + group + integer[i:]
		}
	}
	if len(fraction) > 3 {
		fraction = fraction[:3]
	}
	if fraction != "" {
		return sign + integer + point + fraction
	}
	return sign + integer
}

// span writes a length of time given in milliseconds.
func span(millis int64, l lang.Lang) string {
	switch {
	case millis%60_000 == 0 && millis >= 60_000:
		return number(millis/60_000, l) + " " + lang.T("phút", "min").In(l)
	case millis%1000 == 0:
		return number(millis/1000, l) + " " + lang.T("giây", "s").In(l)
	}
	return number(millis, l) + " ms"
}
