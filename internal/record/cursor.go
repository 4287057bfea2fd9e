package record

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// cursor steps over a line in the form in which encoding/json writes it. Each
// step says whether the line goes on as it should; what it does not know it
// refuses, and the line is then read in the ordinary way.
type cursor struct {
	b  []byte
	at int
}

// lit steps over a text.
func (c *cursor) lit(s string) bool {
	if len(c.b)-c.at < len(s) || string(c.b[c.at:c.at+len(s)]) != s {
		return false
	}
	c.at += len(s)
	return true
}

// peek gives the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.at < len(c.b) {
		return c.b[c.at]
	}
	return 0
}

// is steps over a number that must be n.
func (c *cursor) is(n int) bool {
	var room [20]byte
	return c.lit(string(strconv.AppendInt(room[:0], int64(n), 10)))
}

// number steps over a whole number of at most 18 digits.
func (c *cursor) number(n *int) bool {
	from := c.at
	for c.at < len(c.b) && c.b[c.at]-'0' <= 9 {
		c.at++
	}
	if c.at == from || c.at-from > 18 || c.b[from] == '0' && c.at-from > 1 {
		return false
	}
	v := 0
	for _, d := range c.b[from:c.at] {
		v = 10*v + int(d-'0')
	}
	*n = v
	return true
}

// plain gives a string of printable ASCII without escapes, as its bytes.
func (c *cursor) plain() ([]byte, bool) {
	if c.peek() != '"' {
		return nil, false
	}
	n := bytes.IndexByte(c.b[c.at+1:], '"')
	if n < 0 {
		return nil, false
	}
	s := c.b[c.at+1 : c.at+1+n]
	for _, x := range s {
		if x < ' ' || x > '~' || x == '\\' {
			return nil, false
		}
	}
	c.at += n + 2
	return s, true
}

// longestName is how long a string is kept that may recur.
const longestName = 128

// name gives a string that recurs, such as that of a check.
func (c *cursor) name(r *Reader, to *string) bool {
	s, ok := c.plain()
	if !ok {
		return false
	}
	have, known := r.names[string(s)]
	if !known && len(s) > longestName {
		*to = string(s)
		return true
	}
	if !known {
		have = string(s)
		r.names[have] = have
	}
	*to = have
	return true
}

func (c *cursor) way(r *Reader, o *fact.Observation) bool {
	var s string
	ok := c.name(r, &s)
	o.Known = fact.Way(s)
	return ok
}

func (c *cursor) unknown(r *Reader, o *fact.Observation) bool {
	var cause string
	u := &fact.Unknown{}
	if !c.lit(`{"cause":`) || !c.name(r, &cause) {
		return false
	}
	if c.lit(`,"detail":`) {
		s, ok := c.plain()
		if !ok {
			return false
		}
		u.Detail = string(s)
	}
	u.Cause, o.Unknown = fact.Cause(cause), u
	return c.lit(`}`)
}

func (c *cursor) peers(r *Reader, o *fact.Observation) bool {
	if !c.lit(`[`) {
		return false
	}
	for {
		var s string
		if !c.name(r, &s) {
			return false
		}
		o.Peers = append(o.Peers, s)
		if !c.lit(`,`) {
			return c.lit(`]`)
		}
	}
}

func (c *cursor) pairs(r *Reader) bool {
	if !c.lit(`[`) {
		return false
	}
	for {
		var p Pair
		if !c.lit(`{"endpoint":`) || !c.name(r, &p.Endpoint) || !c.lit(`,"check":`) || !c.name(r, &p.Check) || !c.lit(`}`) {
			return false
		}
		r.plan = append(r.plan, p)
		if !c.lit(`,`) {
			return c.lit(`]`)
		}
	}
}

// evidence steps over exchanges, each of which must be one that Read reads.
func (c *cursor) evidence() bool {
	if !c.lit(`[`) {
		return false
	}
	n := 0
	for {
		ok := c.lit(`{"label":`) && c.text() && (!c.lit(`,"peer":`) || c.text()) && c.lit(`,"at":`) && c.moment() &&
			(!c.lit(`,"sent":`) || c.base64()) && c.lit(`,"sent_total":`) && c.number(&n) &&
			(!c.lit(`,"received":`) || c.base64()) && c.lit(`,"received_total":`) && c.number(&n) &&
			(!c.lit(`,"ended":`) || c.text()) && c.lit(`}`)
		if !ok {
			return false
		}
		if !c.lit(`,`) {
			return c.lit(`]`)
		}
	}
}

// time reads a moment in the way of time.Time.
func (c *cursor) time(to *time.Time) bool {
	s, ok := c.plain()
	return ok && to.UnmarshalText(s) == nil
}

// moment steps over a moment. The form in which time.Time writes one is known
// here; others are left to it.
func (c *cursor) moment() bool {
	s, ok := c.plain()
	if !ok {
		return false
	}
	if utc(s) {
		return true
	}
	var t time.Time
	return t.UnmarshalText(s) == nil
}

// utc knows 2026-11-24T02:00:00.123456789Z, with a day that every month has.
func utc(s []byte) bool {
	const form = "0000-00-00T00:00:00"
	if len(s) < len(form)+1 || len(s) > len(form)+11 {
		return false
	}
	for i := range form {
		if form[i] == '0' && s[i]-'0' > 9 || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	two := func(i int) byte { return 10*(s[i]-'0') + s[i+1] - '0' }
	if m, d := two(5), two(8); m < 1 || m > 12 || d < 1 || d > 28 || two(11) > 23 || two(14) > 59 || two(17) > 59 {
		return false
	}
	rest := s[len(form):]
	if rest[0] == '.' && len(rest) > 2 {
		for rest = rest[1:]; len(rest) > 1; rest = rest[1:] {
			if rest[0]-'0' > 9 {
				return false
			}
		}
	}
	return len(rest) == 1 && rest[0] == 'Z'
}

// letters says which pairs of bytes are two letters of base64 (RFC 4648 §4).
var letters = func() *[1 << 16]uint8 {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var t [1 << 16]uint8
	for i := range t {
		t[i] = 1
	}
	for _, a := range []byte(alphabet) {
		for _, b := range []byte(alphabet) {
			t[uint16(a)|uint16(b)<<8] = 0
		}
	}
	return &t
}()

// base64 steps over a string of base64 with its padding.
func (c *cursor) base64() bool {
	if c.peek() != '"' {
		return false
	}
	n := bytes.IndexByte(c.b[c.at+1:], '"')
	if n < 0 || n%4 != 0 {
		return false
	}
	s := c.b[c.at+1 : c.at+1+n]
	c.at += n + 2
	for range 2 {
		s = bytes.TrimSuffix(s, []byte("="))
	}
	t := letters
	var bad uint8
	for len(s) >= 8 {
		w := binary.LittleEndian.Uint64(s)
		bad |= t[uint16(w)] | t[uint16(w>>16)] | t[uint16(w>>32)] | t[uint16(w>>48)]
		s = s[8:]
	}
	for _, x := range s {
		bad |= t[uint16(x)|uint16(x)<<8]
	}
	return bad == 0
}
