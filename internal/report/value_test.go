package report

import (
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

func TestValues(t *testing.T) {
	at := time.Date(2026, 9, 30, 16, 59, 0, 0, time.UTC)
	flags := map[string]any{"name": "sid", "secure": true, "http_only": false, "same_site": ""}
	many := make([]any, 20)
	for i := range many {
		many[i] = "TLS 1.2"
	}
	for _, c := range []struct {
		path string
		x    any
		want lang.Text
	}{
		{"", true, lang.T("có", "yes")},
		{"", false, lang.T("không", "no")},
		{"", nil, lang.T("không có", "none")},
		{"", []any{}, lang.T("không có", "none")},
		{"", []string{"a", "b"}, lang.T("a, b", "a, b")},
		{"", "", lang.T("(để trống)", "(empty)")},
		{"", "nginx/1.18.0", lang.T("nginx/1.18.0", "nginx/1.18.0")},
		{"", "có", lang.T("“có”", "“có”")}, // a server may say what the report says
		{"", int64(8443), lang.T("8443", "8443")},
		{"", int64(31_536_000), lang.T("31.536.000", "31,536,000")},
		{"", -1_234_567.5, lang.T("-1.234.567,5", "-1,234,567.5")},
		{"", at, lang.T("30/09/2026 23:59", "2026-09-30 23:59")},
		{"tls.certificate.not_after", "2026-09-30T16:59:00Z", lang.T("30/09/2026 23:59", "2026-09-30 23:59")},
		{"", many, lang.T(strings.Repeat("TLS 1.2, ", 7)+"TLS 1.2 … (+12)", strings.Repeat("TLS 1.2, ", 7)+"TLS 1.2 … (+12)")},
		{"", []any{flags}, lang.T("sid (http only: không, same site: (để trống), secure: có)", "sid (http only: no, same site: (empty), secure: yes)")},
		{"http.cookies.all", []any{flags}, lang.T("sid (Secure: có, HttpOnly: không, SameSite: (để trống))", "sid (Secure: yes, HttpOnly: no, SameSite: (empty))")},
	} {
		for _, l := range lang.All {
			if got := (valuer{l, schema()}).at(c.path, c.x); got != c.want.In(l) {
				t.Errorf("%v in %s is %q, want %q", c.x, l, got, c.want.In(l))
			}
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"bình thường":                     "bình thường",
		"\x1b[2J\r\n\t\x00\x7f":           `\x1b[2J\r\n\t\x00\x7f`,
		"\u202egpj.exe\u200b":             `\u202egpj.exe\u200b`,
		"\x9b1m":                          `\x9b1m`, // a byte that is no UTF-8
		"\u009b1m":                        `\x9b1m`, // C1, which some terminals obey
		"a\u00a0b\U000e0041":              `a b\U000e0041`,
		"tie\u0302\u0301ng":               "tie\u0302\u0301ng", // Vietnamese with its marks apart
		"e" + strings.Repeat("\u0301", 5): "e" + strings.Repeat("\u0301", 3) + `\u0301\u0301`,
		"\u0301a":                         `\u0301a`, // a mark with nothing to stand on
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got, want := outside(strings.Repeat("ă", 10_000), 20), strings.Repeat("ă", 20)+"… (+9980)"; got != want {
		t.Errorf("outside = %q, want %q", got, want)
	}
}

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"": 0, "Tiếng Việt": 10, "Tie\u0302\u0301ng Vie\u0323\u0302t": 10, "国家": 4, "✓ ✗": 3} {
		if got := width(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    string
	}{
		{"mot hai ba bon nam", 10, "mot hai ba|bon nam"},
		{"mot\n  hai  ba", 12, "mot|  hai  ba"}, // lines and spaces of a configuration stay
		{"  abcdef ghijkl", 12, "  abcdef|     ghijkl"},
		{"abcdefghijklmnopqrstuvwxyz", 10, "abcdefghij|klmnopqrst|uvwxyz"},
		{"国家国家国家国家", 10, "国家国家国|家国家"},
		{"", 10, ""},
	} {
		if got := strings.Join(wrap(c.text, c.columns), "|"); got != c.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.columns, got, c.want)
		}
	}
}
