package lab

import (
	"bufio"
	"encoding/binary"
)

// peekWish is peekHello and reads on to the hello's end.
func peekWish(r *bufio.Reader) (w wish, ok bool) {
	if w.clientHello, ok = peekHello(r); !ok {
		return w, false
	}
	head, _ := r.Peek(recordHeader) // was peeked already
	w.size = recordHeader + int(binary.BigEndian.Uint16(head[3:]))
	record, err := r.Peek(w.size)
	if err != nil {
		return w, false
	}
	return w, w.parse(record[recordHeader:])
}

// parse reads what clientHello leaves out.
func (w *wish) parse(msg []byte) (ok bool) {
	const session = 4 + 2 + 32 // message header, version, random
	if len(msg) <= session {
		return false
	}
	var rest []byte
	var ok1, ok2, ok3 bool
	w.session, rest, ok1 = cut(msg[session:], 1)
	_, rest, ok2 = cut(rest, 2)
	w.compression, rest, ok3 = cut(rest, 1)
	w.extensions = map[uint16][]byte{}
	if !ok1 || !ok2 || !ok3 || len(rest) == 0 {
		return ok1 && ok2 && ok3
	}
	for rest, _, ok = cut(rest, 2); ok && len(rest) > 2; {
		id := binary.BigEndian.Uint16(rest)
		w.extensions[id], rest, ok = cut(rest[2:], 2)
	}
	return ok && len(rest) == 0
}

// cut takes a vector off the front of b, with its length before it in that
// many bytes, one or two.
func cut(b []byte, size int) (data, rest []byte, ok bool) {
	if len(b) < size {
		return nil, nil, false
	}
	n := int(b[0])
	if size == 2 {
		n = int(binary.BigEndian.Uint16(b))
	}
	if b = b[size:]; len(b) < n {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
