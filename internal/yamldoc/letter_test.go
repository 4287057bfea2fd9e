package yamldoc

import (
	"strings"
	"testing"
)

func TestNoTextThatATerminalObeys(t *testing.T) {
	for _, bad := range []string{`a: "\e[2J"`, `a: "\x9b2J"`, "a: \u202egnp", `a: "\u2066x"`, `"b\e[31m": 1`, "a: |\n  x\u202ey\n", `a: "x\ry"`} {
		if _, err := Parse("x.yaml", []byte("z: 1\n"+bad)); err == nil || !strings.Contains(err.Error(), "x.yaml:") || strings.ContainsAny(err.Error(), "\x1b\u202e") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"a: Ủy ban nhân dân\u200b", "a: |\r\n  x\r\n  y\r\nb: 1\r\n", `a: "x\ty"`} {
		if _, err := Parse("x.yaml", []byte(good)); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}
