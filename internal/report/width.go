package report

import (
	"strings"
	"unicode"
)

// width counts the columns that a string takes on a terminal. Letters with
// their marks written apart (as macOS and some servers write Vietnamese) take
// one column, East Asian and emoji characters two.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// Fit cuts a string to so many columns, or fills it with spaces up to them.
func Fit(s string, columns int) string {
	if n := width(s); n <= columns {
		return s + strings.Repeat(" ", columns-n)
	}
	head, _ := split(s, columns-1)
	return head + "…" + strings.Repeat(" ", columns-1-width(head))
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide holds the ranges that Unicode's East Asian Width calls W or F, coarsely:
// a rune too many costs a column, one too few breaks a line.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x231a, Hi: 0x231b, Stride: 1},
		{Lo: 0x2329, Hi: 0x232a, Stride: 1}, {Lo: 0x23e9, Hi: 0x23f3, Stride: 1},
		{Lo: 0x25fd, Hi: 0x25fe, Stride: 1}, {Lo: 0x2614, Hi: 0x2615, Stride: 1},
		{Lo: 0x2648, Hi: 0x2653, Stride: 1}, {Lo: 0x26a1, Hi: 0x26ff, Stride: 1},
		{Lo: 0x2705, Hi: 0x2705, Stride: 1}, {Lo: 0x270a, Hi: 0x270b, Stride: 1},
		{Lo: 0x2728, Hi: 0x2728, Stride: 1}, {Lo: 0x274c, Hi: 0x274e, Stride: 1},
		{Lo: 0x2753, Hi: 0x2757, Stride: 1}, {Lo: 0x2795, Hi: 0x27bf, Stride: 1},
		{Lo: 0x2b1b, Hi: 0x2b55, Stride: 1}, {Lo: 0x2e80, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1}, {Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe10, Hi: 0xfe19, Stride: 1},
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, {Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x18cff, Stride: 1}, {Lo: 0x1aff0, Hi: 0x1b2ff, Stride: 1},
		{Lo: 0x1f000, Hi: 0x1faff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// wrap breaks a text into lines of at most columns. Line breaks in the text
// stay, and so do the spaces that begin a line: a fix may hold lines of a
// configuration, and what goes on from such a line hangs further in. A word
// longer than a line is cut, since a line too long would be cut by the
// terminal, unseen.
func wrap(text string, columns int) []string {
	columns = max(columns, 10)
	var out []string
	for _, para := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		para = strings.TrimRight(strings.ReplaceAll(para, "\t", "  "), " ")
		if width(para) <= columns {
			out = append(out, para)
			continue
		}
		out = append(out, wrapLine(para, columns)...)
	}
	return out
}

func wrapLine(para string, columns int) []string {
	indent := para[:len(para)-len(strings.TrimLeft(para, " "))]
	indent = strings.Repeat(" ", min(len(indent), columns/2))
	var out []string
	line, n := indent, len(indent)
	if indent != "" {
		indent += strings.Repeat(" ", min(4, columns/4))
	}
	empty := true
	for _, word := range strings.FieldsFunc(para, func(r rune) bool { return r == ' ' }) {
		w := width(word)
		if !empty && n+1+w > columns {
			out = append(out, line)
			line, n, empty = indent, len(indent), true
		}
		if !empty {
			line, n = line+" ", n+1
		}
		for n+w > columns { // only where the line is empty
			head, _ := split(word, columns-n)
			if head == "" {
				break
			}
			out = append(out, line+head)
			word = word[len(head):]
			line, n, w = indent, len(indent), width(word)
		}
		line, n, empty = line+word, n+w, false
	}
	return append(out, line)
}
