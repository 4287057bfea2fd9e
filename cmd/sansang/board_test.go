package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// full is a board on which everything is long.
func full(l lang.Lang) *board {
	b := &board{app: &app{lang: l}, units: map[string]*atWork{}}
	b.now = standing{done: 1234, total: 3377, limit: 256, failed: 12, verdicts: map[judge.UnitVerdict]int{judge.Ready: 1001, judge.NotReady: 1101, judge.Undetermined: 1132}}
	start := time.Now().Add(-3 * time.Minute)
	b.pace = []sample{{start, 1200}, {start.Add(3 * time.Minute), 1234}}
	for i := range 40 {
		b.units[fmt.Sprint(i)] = &atWork{id: fmt.Sprintf("000.00.%02d.H99.11", i), name: "Ủy ban nhân dân xã Krông Búk, huyện cũ nào đó rất dài\x1b[2J", since: time.Now().Add(-time.Duration(100+i) * time.Minute), done: 120, total: 1342}
	}
	return b
}

var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestBoardFitsEightyColumns(t *testing.T) {
	for _, l := range lang.All {
		b := full(l)
		lines := []string{b.counted() + strings.Repeat("█", boardBar) + b.left(), b.verdicts(true)}
		for i := range boardUnits + 1 {
			lines = append(lines, b.unit(i))
		}
		for _, line := range lines {
			plain := escapes.ReplaceAllString(line, "")
			if n := utf8.RuneCountInString(plain); n > 80 || strings.ContainsRune(plain, '\x1b') {
				t.Errorf("%s: %d columns: %q", l, n, plain)
			}
		}
		if got := b.unit(boardUnits); !strings.Contains(got, "32") {
			t.Errorf("%s: the rest is told as %q", l, got)
		}
	}
}

func TestBoardTellsWhatTakesLongestFirst(t *testing.T) {
	b := full(lang.Vi)
	if got := b.unit(0); !strings.Contains(got, "000.00.39.H99") || !strings.Contains(got, "120/1342 2 giờ 19 phút") {
		t.Errorf("the first row is %q", got)
	}
	b.over("39")
	if got := b.unit(0); !strings.Contains(got, "000.00.38.H99") {
		t.Errorf("then the first row is %q", got)
	}
	if got, want := b.left(), " 11/phút · còn 3 giờ 09 phút"; got != want {
		t.Errorf("left: %q, want %q", got, want)
	}
	if got, want := b.counted(), "1.234/3.377  36% "; got != want {
		t.Errorf("counted: %q, want %q", got, want)
	}
}

func TestBoardWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	a := &app{err: &out, lang: lang.En, getenv: func(string) string { return "" }}
	b := a.newBoard(func() (standing, error) {
		return standing{done: 2, total: 2, verdicts: map[judge.UnitVerdict]int{judge.Ready: 1, judge.NotReady: 1}}, nil
	})
	b.close()
	if got, want := out.String(), "2/2 100% · ready 1 · not ready 1 · undetermined 0\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	out.Reset()
	a.quiet = true
	a.newBoard(func() (standing, error) { return standing{}, nil }).close()
	if out.Len() > 0 {
		t.Errorf("quiet, and yet: %q", out.String())
	}
}
