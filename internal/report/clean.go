package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks bounds the combining marks on one letter: Vietnamese needs two,
// and a heap of them paints over the lines around it.
const maxMarks = 3

// clean makes a string from outside safe to show. Whatever does not print
// (control characters, and with them the escapes that drive a terminal;
// bidirectional overrides; zero-width characters) is spelled out, so that it
// can be seen and does nothing.
func clean(s string) string {
	var b strings.Builder
	marks := 0
	for i, r := range s {
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\u00a0':
			b.WriteByte(' ')
		case unicode.IsPrint(r) && marks <= maxMarks && (marks == 0 || b.Len() > 0):
			b.WriteRune(r)
		default:
			b.WriteString(spell(r))
		}
	}
	return b.String()
}

func spell(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// outside is a string from outside, cleaned and cut. Only its beginning is
// looked at: a server may send as much as it likes.
func outside(s string, columns int) string {
	const most = 4096
	left := 0
	if len(s) > most {
		end := most
		for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		left, s = utf8.RuneCountInString(s[end:]), s[:end]
	}
	head, rest := split(clean(s), columns)
	return head + more(left+rest)
}

// Shown is a string from outside, made safe for a terminal and cut to a line
// or two.
func Shown(s string) string { return outside(s, 160) }

// Lines is a text of several lines with strings from outside in it, made safe
// for a terminal: an error names files and repeats what a parser said.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = clean(l)
	}
	return strings.Join(lines, "\n")
}

// split gives what fits into so many columns and the number of characters
// after it. A letter is never parted from its marks.
func split(s string, columns int) (head string, left int) {
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > columns {
			return s[:i], utf8.RuneCountInString(s[i:])
		}
	}
	return s, 0
}

// more says that so many are not shown.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("… (+%d)", n)
}
