package udp

// Tags of BER that SNMP and LDAP use (X.690 §8).
const (
	tagBoolean  = 0x01
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagNull     = 0x05
	tagOID      = 0x06
	tagEnum     = 0x0a
	tagSequence = 0x30
)

// ber writes one element of what the parts hold together; less than 64 KB.
func ber(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	var out []byte
	switch {
	case n < 0x80:
		out = []byte{tag, byte(n)}
	case n < 0x100:
		out = []byte{tag, 0x81, byte(n)}
	default:
		out = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// berInt writes an INTEGER that is not negative.
func berInt(v uint32) []byte {
	b := []byte{0, byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
		b = b[1:]
	}
	return ber(tagInteger, b)
}

// elements reads the elements of one body in turn; ok turns false, and stays
// so, at the first that is not there or not of the tag asked for.
type elements struct {
	rest []byte
	ok   bool
}

// next gives the tag and the body of the next element. Lengths are definite
// and of four bytes at most (X.690 §8.1.3).
func (e *elements) next() (tag byte, body []byte) {
	b := e.rest
	if !e.ok || len(b) < 2 {
		e.ok = false
		return 0, nil
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		more := n & 0x7f
		if more == 0 || more > 4 || len(b) < 2+more {
			e.ok = false
			return 0, nil
		}
		n, head = 0, 2+more
		for _, c := range b[2:head] {
			n = n<<8 | int(c)
		}
	}
	if n < 0 || n > len(b)-head {
		e.ok = false
		return 0, nil
	}
	e.rest = b[head+n:]
	return b[0], b[head : head+n]
}

// take gives the body of the next element, which must be of that tag.
func (e *elements) take(tag byte) []byte {
	got, body := e.next()
	e.ok = e.ok && got == tag
	return body
}

// in reads the next element, of that tag, as elements of its own.
func (e *elements) in(tag byte) *elements {
	body := e.take(tag)
	return &elements{rest: body, ok: e.ok}
}

// number gives the next INTEGER, which must fit in 31 bits and be no less
// than nought.
func (e *elements) number() uint32 { return e.numeral(tagInteger) }

func (e *elements) numeral(tag byte) uint32 {
	b := e.take(tag)
	if len(b) == 0 || len(b) > 4 || b[0] >= 0x80 {
		e.ok = false
		return 0
	}
	var v uint32
	for _, c := range b {
		v = v<<8 | uint32(c)
	}
	return v
}
