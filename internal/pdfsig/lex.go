package pdfsig

import (
	"bytes"
	"encoding/hex"
	"strconv"
)

// maxDepth bounds how deep values may lie in each other.
const maxDepth = 64

// kind is what a value of a PDF is (ISO 32000-2 §7.3).
type kind int

const (
	none kind = iota // no value: the end, or what none begins with
	word             // a number, true, false, null, or an operator
	name
	literal // a string in parentheses
	hexadec // a string in angle brackets
	array
	dictionary
	reference
)

// span is where a value lies in the file.
type span struct {
	kind       kind
	start, end int
}

// lexer goes over the values of a PDF once, forward only, and keeps nothing of
// them: its cost is bounded by the length of the file, whatever is in it.
type lexer struct {
	data []byte
	pos  int
	seen func(dict) // told of every dictionary, innermost first
}

func blank(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func delimits(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// blanks goes over blanks and comments.
func (l *lexer) blanks() {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case blank(c):
			l.pos++
		case c == '%':
			if n := bytes.IndexAny(l.data[l.pos:], "\r\n"); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.data)
			}
		default:
			return
		}
	}
}

// value goes over one value. ok is false where it is not well formed; the
// position is then where that showed.
func (l *lexer) value(depth int) (s span, ok bool) {
	l.blanks()
	s.start = l.pos
	if l.pos >= len(l.data) || depth > maxDepth {
		return s, false
	}
	ok = true
	switch c := l.data[l.pos]; {
	case c == '/':
		l.pos++
		l.regular()
		s.kind = name
	case c == '(':
		s.kind, ok = literal, l.literal()
	case c == '<' && l.at("<<"):
		s.kind, ok = dictionary, l.dictionary(depth)
	case c == '<':
		s.kind = hexadec
		n := bytes.IndexByte(l.data[l.pos:], '>')
		if ok = n >= 0; ok {
			l.pos += n + 1
		} else {
			l.pos = len(l.data)
		}
	case c == '[':
		s.kind, ok = array, l.array(depth)
	case delimits(c):
		ok = false
	default:
		s.kind = word
		l.regular()
		l.reference(&s)
	}
	s.end = l.pos
	return s, ok
}

func (l *lexer) at(what string) bool { return bytes.HasPrefix(l.data[l.pos:], []byte(what)) }

// regular goes over a run of regular characters.
func (l *lexer) regular() {
	for l.pos < len(l.data) && !blank(l.data[l.pos]) && !delimits(l.data[l.pos]) {
		l.pos++
	}
}

// reference makes a reference of a number that "0 R" follows.
func (l *lexer) reference(s *span) {
	if !digits(l.data[s.start:l.pos]) {
		return
	}
	back := l.pos
	for _, want := range []func([]byte) bool{digits, func(b []byte) bool { return string(b) == "R" }} {
		for l.pos < len(l.data) && blank(l.data[l.pos]) && l.pos-back < 16 {
			l.pos++
		}
		from := l.pos
		for l.pos < len(l.data) && !blank(l.data[l.pos]) && !delimits(l.data[l.pos]) && l.pos-from < 16 {
			l.pos++
		}
		if !want(l.data[from:l.pos]) {
			l.pos = back
			return
		}
	}
	s.kind = reference
}

func digits(b []byte) bool {
	return len(b) > 0 && len(b) <= 10 && bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func (l *lexer) literal() bool {
	open := 0
	for ; l.pos < len(l.data); l.pos++ {
		switch l.data[l.pos] {
		case '\\':
			l.pos++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.pos++
				return true
			}
		}
	}
	l.pos = len(l.data)
	return false
}

func (l *lexer) array(depth int) bool {
	l.pos++
	for {
		l.blanks()
		if l.pos < len(l.data) && l.data[l.pos] == ']' {
			l.pos++
			return true
		}
		if _, ok := l.value(depth + 1); !ok {
			return false
		}
	}
}

func (l *lexer) dictionary(depth int) bool {
	d := dict{start: l.pos}
	l.pos += 2
	for {
		l.blanks()
		if l.at(">>") {
			l.pos += 2
			l.seen(d)
			return true
		}
		key, ok := l.value(depth + 1)
		if !ok || key.kind != name {
			return false
		}
		v, ok := l.value(depth + 1)
		if !ok {
			return false
		}
		d.keep(plain(l.data[key.start+1:key.end]), v)
	}
}

// plain decodes a name (§7.3.5); one too long to be any of ours is empty.
func plain(b []byte) string {
	if len(b) > 64 {
		return ""
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			if c, err := hex.DecodeString(string(b[i+1 : i+3])); err == nil {
				out, i = append(out, c[0]), i+2
				continue
			}
		}
		out = append(out, b[i])
	}
	return string(out)
}

// integers reads an array of whole numbers, at most eight.
func integers(data []byte, s span) (out []int64, ok bool) {
	if s.kind != array {
		return nil, false
	}
	l := lexer{data: data[:s.end-1], pos: s.start + 1, seen: func(dict) {}}
	for l.blanks(); l.pos < len(l.data); l.blanks() {
		from := l.pos
		l.regular()
		n, err := strconv.ParseInt(string(l.data[from:min(l.pos, from+20)]), 10, 64)
		if err != nil || l.pos-from > 20 || len(out) == 8 {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}
