package starttls

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// Bounds of what is read before TLS.
const (
	maxLine     = 4 << 10
	maxLines    = 256 // of one answer
	maxPreamble = 64 << 10
	maxBegun    = 80  // bytes kept to tell what was seen instead
	maxShown    = 200 // characters of a line that are shown
)

// errTooMuch says that the server talks on and on; session.named makes another
// protocol of it.
var errTooMuch = errors.New("more than any server says before TLS")

// reader reads a bounded preamble. Beyond what it is asked for it holds at most
// one small buffer, which [early] gives back.
type reader struct {
	b    *bufio.Reader
	left int
	head []byte // how the server began
}

func newReader(r io.Reader) *reader {
	return &reader{b: bufio.NewReaderSize(r, 1<<10), left: maxPreamble}
}

// ReadByte makes the reader an io.ByteReader, so that encoding/xml reads no
// further than it must.
func (r *reader) ReadByte() (byte, error) {
	if r.left == 0 {
		return 0, errTooMuch
	}
	b, err := r.b.ReadByte()
	if err != nil {
		return 0, err
	}
	r.left--
	if len(r.head) < maxBegun {
		r.head = append(r.head, b)
	}
	return b, nil
}

// Read is there for encoding/xml, which takes an io.Reader and uses ReadByte.
func (r *reader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

// take reads n bytes; n is what the server claims, so nothing is set aside
// before it came.
func (r *reader) take(n int) ([]byte, error) {
	if n > r.left {
		return nil, errTooMuch
	}
	var out []byte
	for range n {
		b, err := r.ReadByte()
		if err != nil {
			return nil, midway(err)
		}
		out = append(out, b)
	}
	return out, nil
}

// line reads up to LF and gives what is before it, and before CR.
func (r *reader) line() (string, error) {
	var line []byte
	for len(line) <= maxLine {
		b, err := r.ReadByte()
		if err != nil {
			if len(line) > 0 {
				err = midway(err)
			}
			return "", err
		}
		if b == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, b)
	}
	return "", errTooMuch
}

// block reads the lines before one that is a mere dot: RFC 1939 §3, RFC 3977
// §3.1.1.
func (r *reader) block() ([]string, error) {
	lines := []string{}
	for range maxLines {
		l, err := r.line()
		if err != nil || l == "." {
			return lines, err
		}
		lines = append(lines, l)
	}
	return nil, errTooMuch
}

// buffered is how many bytes came that nobody asked for yet.
func (r *reader) buffered() int { return r.b.Buffered() }

// begun gives the first bytes that the server sent.
func (r *reader) begun() []byte {
	more, _ := r.b.Peek(min(r.b.Buffered(), maxBegun-len(r.head))) // they are there
	return append(r.head[:len(r.head):len(r.head)], more...)
}

func midway(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// named makes another protocol of an answer that has no end.
func (s *session) named(err error) error {
	if errors.Is(err, errTooMuch) {
		return s.other()
	}
	return err
}
