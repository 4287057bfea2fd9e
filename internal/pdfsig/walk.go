package pdfsig

import (
	"bytes"
	"strconv"
)

// dict holds where the values lie that matter here. Of a key that is there
// twice the last counts, and the dictionary is odd.
type dict struct {
	start                                              int
	kind, subFilter, byteRange, contents, when, length span
}

func (d *dict) keep(key string, v span) {
	switch key {
	case "Type":
		d.kind = v
	case "SubFilter":
		d.subFilter = v
	case "ByteRange":
		d.byteRange = v
	case "Contents":
		d.contents = v
	case "M":
		d.when = v
	case "Length":
		d.length = v
	}
}

// name gives a value that is a name, else "".
func nameOf(data []byte, s span) string {
	if s.kind != name {
		return ""
	}
	return plain(data[s.start+1 : s.end])
}

// signs tells whether a dictionary is that of a signature. Type may be left
// out (§12.8.1, table 255); an annotation has Contents too, and no ByteRange.
func (d dict) signs(data []byte) bool {
	if d.byteRange.kind != none {
		return true
	}
	t := nameOf(data, d.kind)
	return (t == "Sig" || t == "DocTimeStamp") && d.contents.kind != none
}

// walked is what was found in a file.
type walked struct {
	found  []dict
	beyond bool // more than are read
	clean  bool // everything was well formed
}

// walk finds the signature dictionaries of every revision, in file order. It
// does not follow the cross-references: those are the word of whoever wrote
// last, and a signature dictionary cannot lie in a compressed stream, for its
// place in the file is part of what is signed.
func walk(data []byte) walked {
	w := walked{clean: true}
	var last dict
	more := true // of endobj: looked for in vain once, never again
	l := &lexer{data: data}
	l.seen = func(d dict) {
		last = d
		if d.signs(data) {
			if len(w.found) == maxSignatures {
				w.beyond = true
				return
			}
			w.found = append(w.found, d)
		}
	}
	for {
		l.blanks()
		if l.pos >= len(data) {
			return w
		}
		s, ok := l.value(0)
		switch {
		case !ok:
			w.clean = false
			l.pos = max(l.pos, s.start+1)
			if more && l.pos < len(data) {
				n := bytes.Index(data[l.pos:], []byte("endobj"))
				if more = n >= 0; more {
					l.pos += n
				}
			}
		case s.kind == word && string(data[s.start:s.end]) == "stream":
			if !l.stream(last) {
				w.clean = false
			}
		}
		if s.kind != dictionary { // a stream belongs to the dictionary right before it
			last = dict{}
		}
	}
}

// stream goes over the bytes of a stream (§7.3.8): as many as its dictionary
// says, where endstream follows, or up to the next endstream.
func (l *lexer) stream(d dict) bool {
	if l.at("\r\n") {
		l.pos += 2
	} else {
		l.pos = min(l.pos+1, len(l.data))
	}
	end := []byte("endstream")
	if d.length.kind == word {
		n, err := strconv.Atoi(string(l.data[d.length.start:min(d.length.end, d.length.start+12)]))
		if err == nil && n >= 0 && n <= len(l.data)-l.pos {
			rest := bytes.TrimLeft(l.data[l.pos+n:min(l.pos+n+16, len(l.data))], "\r\n ")
			if bytes.HasPrefix(rest, end) {
				l.pos += n
				return true
			}
		}
	}
	n := bytes.Index(l.data[l.pos:], end)
	if n < 0 {
		l.pos = len(l.data)
		return false
	}
	l.pos += n
	return true
}
