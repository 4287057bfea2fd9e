package yamldoc

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// sheet is the text of a file as lines, and where a list of it stands.
type sheet struct {
	data   []byte
	starts []int // of each line; one more for the end
	eol    string
	list   string
	indent int // columns before the keys at the top
	key    int // line of the list's key, from 0; -1: there is none
	next   int // first line that is no longer the list's
}

func newSheet(doc *Document, data []byte, list string) *sheet {
	s := &sheet{data: data, eol: "\n", list: list, key: -1}
	for i, b := range data {
		if b == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	s.starts = append([]int{0}, s.starts...)
	if s.starts[len(s.starts)-1] != len(data) {
		s.starts = append(s.starts, len(data))
	}
	if bytes.Contains(data, []byte("\r\n")) {
		s.eol = "\r\n"
	}
	if at, ok := doc.at["/"+list]; ok {
		s.key = at.key.line - 1
	}
	s.next = s.end()
	for ptr, at := range doc.at {
		if ptr == "" || strings.Count(ptr, "/") != 1 {
			continue
		}
		s.indent = max(at.key.column-1, 0)
		if line := at.key.line - 1; line > s.key && line < s.next && s.key >= 0 {
			s.next = line
		}
	}
	return s
}

func (s *sheet) lines() int { return len(s.starts) - 1 }

// line gives a line without its end.
func (s *sheet) line(i int) string {
	return strings.TrimRight(string(s.data[s.starts[i]:s.starts[i+1]]), "\r\n")
}

// end is the line after the last of the document: a line "..." closes it.
func (s *sheet) end() int {
	for i := range s.lines() {
		if strings.HasPrefix(s.line(i), "...") {
			return i
		}
	}
	return s.lines()
}

// edits gives the files that may come of adding an item, the best first.
func (s *sheet) edits(item json.RawMessage, held int) [][]byte {
	pad := strings.Repeat(" ", s.indent)
	if s.key < 0 {
		whole := pad + s.list + ":" + s.eol + s.block(s.indent+2, item)
		return [][]byte{s.insert(s.end(), s.eol+whole), s.insert(s.end(), whole)}
	}
	if s.key >= s.lines() {
		return nil
	}
	head := regexp.MustCompile(`^(?:\x{feff})?\s*["']?` + regexp.QuoteMeta(s.list) + `["']?\s*:`).FindStringIndex(s.line(s.key))
	if head == nil {
		return nil
	}
	from := s.starts[s.key] + head[1]
	to := s.starts[min(max(s.next, s.key+1), s.lines())]
	value := skip(s.data[:to], from)
	switch {
	case value < to && s.data[value] == '[':
		return s.bracketed(value, to, item, held)
	case held > 0:
		return s.dashed(item)
	}
	filled := s.block(s.indent+2, item)
	without := s.data
	if m := nothing.FindSubmatchIndex(s.data[from:to]); m != nil { // a written "null" makes room
		without = splice(s.data, from+m[2], from+m[3], "")
	}
	t := *s
	t.data, t.starts = without, shifted(s.starts, len(s.data)-len(without), from)
	return [][]byte{t.insert(s.key+1, filled)}
}

var nothing = regexp.MustCompile(`^([ \t]*(?:null|Null|NULL|~))[ \t]*(?:#|\r?\n|$)`)

// dashed adds after the last item of a list whose items begin with dashes:
// before blank lines and comments that belong to what follows, or after them
// where the last item keeps its blank lines.
func (s *sheet) dashed(item json.RawMessage) [][]byte {
	first := s.key + 1
	for first < s.next && bare(s.line(first)) {
		first++
	}
	if first >= s.next {
		return nil
	}
	dash := indentOf(s.line(first))
	last := s.next
	for last > first+1 && bare(s.line(last-1)) && (indentOf(s.line(last-1)) <= dash || strings.TrimSpace(s.line(last-1)) == "") {
		last--
	}
	text := s.block(dash, item)
	return [][]byte{s.insert(last, text), s.insert(s.next, text)}
}

// bracketed adds to a list in brackets that opens at a byte. An empty one on
// the line of its key becomes a list of dashes.
func (s *sheet) bracketed(open, to int, item json.RawMessage, held int) [][]byte {
	closed, comma := closing(s.data[:to], open)
	if closed < 0 {
		return nil
	}
	sep := ", "
	if held == 0 || comma {
		sep = " "
	}
	if s.data[closed-1] == '[' || s.data[closed-1] == ' ' {
		sep = strings.TrimSuffix(sep, " ")
		if held > 0 && !comma {
			sep = ", "
		}
	}
	inside := splice(s.data, closed, closed, sep+flow(item))
	if held > 0 || len(bytes.TrimSpace(s.data[open+1:closed])) > 0 || open >= s.starts[s.key+1] || closed >= s.starts[s.key+1] {
		return [][]byte{inside}
	}
	from := open
	for s.data[from-1] == ' ' {
		from--
	}
	t := *s
	t.data, t.starts = splice(s.data, from, closed+1, ""), shifted(s.starts, closed+1-from, open)
	return [][]byte{t.insert(s.key+1, s.block(s.indent+2, item)), inside}
}

// insert puts whole lines before a line.
func (s *sheet) insert(line int, text string) []byte {
	at := s.starts[line]
	if at > 0 && s.data[at-1] != '\n' {
		text = s.eol + text
	}
	return splice(s.data, at, at, text)
}

func splice(data []byte, from, to int, text string) []byte {
	out := make([]byte, 0, len(data)+len(text))
	out = append(out, data[:from]...)
	out = append(out, text...)
	return append(out, data[to:]...)
}

// shifted moves the starts of lines after a byte by what was taken out there.
func shifted(starts []int, by, after int) []int {
	out := make([]int, len(starts))
	for i, at := range starts {
		if out[i] = at; at > after {
			out[i] = at - by
		}
	}
	return out
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// bare tells whether a line is blank or a comment.
func bare(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}
