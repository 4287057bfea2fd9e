package lab

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// gateway is the first answer of an IKE responder, and nothing after it.
type gateway struct {
	v1, v2     bool
	aggressive bool // with version 1
	weak       bool // takes 3DES, MD5 and small groups beside the strong
	cookie     bool // with version 2, wants its cookie back first
	old        bool // with version 2, takes 3DES, MD5 and small groups alone, and is silent to all else
}

// transform is an offered algorithm of version 2.
type transform struct {
	raw  []byte
	kind byte
	id   int
}

func (g gateway) reply(b []byte) [][]byte {
	if len(b) < 32 || int(binary.BigEndian.Uint32(b[24:])) != len(b) {
		return nil
	}
	switch b[17] >> 4 {
	case 2:
		return g.reply2(b)
	case 1:
		return g.reply1(b)
	}
	return nil
}

// payloads splits what comes after the header; those of one kind are rare.
func payloads(b []byte) map[byte][]byte {
	out := map[byte][]byte{}
	next, rest := b[16], b[28:]
	for next != 0 && len(rest) >= 4 {
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 4 || n > len(rest) {
			break
		}
		out[next], next, rest = rest[4:n], rest[0], rest[n:]
	}
	return out
}

// answerIKE puts a header before payloads, each given as its kind and body.
func answerIKE(asked []byte, exchange, flags byte, kinds []byte, bodies ...[]byte) [][]byte {
	h := slices.Concat(asked[:8], []byte("gateway!"), []byte{kinds[0], asked[17], exchange, flags}, make([]byte, 8))
	for i, body := range bodies {
		next := byte(0)
		if i+1 < len(kinds) {
			next = kinds[i+1]
		}
		n := len(body) + 4
		h = append(append(h, next, 0, byte(n>>8), byte(n)), body...)
	}
	binary.BigEndian.PutUint32(h[24:], uint32(len(h)))
	return [][]byte{h}
}

func (g gateway) reply2(b []byte) [][]byte {
	const sa, ke, nonce, notify = 33, 34, 40, 41
	if !g.v2 {
		return nil
	}
	ps := payloads(b)
	if cookie := []byte("\x00\x00\x40\x06crumbs"); g.cookie && !bytes.Equal(ps[notify], cookie) {
		return answerIKE(b, 34, 0x20, []byte{notify}, cookie)
	}
	for _, p := range proposals(ps[sa]) {
		chosen, group := g.choose2(p)
		if chosen == nil {
			continue
		}
		if k := ps[ke]; len(k) < 2 || int(binary.BigEndian.Uint16(k)) != group {
			return answerIKE(b, 34, 0x20, []byte{notify}, []byte{0, 0, 0, 17, byte(group >> 8), byte(group)})
		}
		return answerIKE(b, 34, 0x20, []byte{sa, ke, nonce}, chosen, ps[ke], make([]byte, 32))
	}
	if g.old {
		return nil
	}
	return answerIKE(b, 34, 0x20, []byte{notify}, []byte{0, 0, 0, 14})
}

// proposals gives the transforms of each proposal of version 2.
func proposals(sa []byte) (out [][]transform) {
	for len(sa) >= 8 {
		n := int(binary.BigEndian.Uint16(sa[2:]))
		if n < 8 || n > len(sa) {
			return out
		}
		var ts []transform
		for t := sa[8:n]; len(t) >= 8; {
			m := int(binary.BigEndian.Uint16(t[2:]))
			if m < 8 || m > len(t) {
				break
			}
			ts = append(ts, transform{raw: t[:m], kind: t[4], id: int(binary.BigEndian.Uint16(t[6:]))})
			t = t[m:]
		}
		out, sa = append(out, ts), sa[n:]
	}
	return out
}

// choose2 takes the first good algorithm of each kind, or nothing.
func (g gateway) choose2(ts []transform) (body []byte, group int) {
	good := map[byte][]int{1: {12, 20}, 2: {5, 6, 7, 2}, 3: {12, 13, 14}, 4: {19, 14, 31}}
	if g.weak {
		good = map[byte][]int{1: {12, 20, 3}, 2: {5, 6, 7, 2, 1}, 3: {12, 13, 14, 2, 1}, 4: {14, 2}}
	}
	if g.old {
		good = map[byte][]int{1: {3}, 2: {2, 1}, 3: {2, 1}, 4: {2}}
	}
	offered, n := map[byte]bool{}, byte(0)
	for kind := byte(1); kind <= 4; kind++ {
		var pick []byte
		for _, t := range ts {
			if t.kind != kind {
				continue
			}
			offered[kind] = true
			if pick == nil && slices.Contains(good[kind], t.id) {
				pick = slices.Clone(t.raw)
				pick[0] = 3
				if kind == 4 {
					pick[0], group = 0, t.id
				}
			}
		}
		if pick == nil && offered[kind] || pick == nil && kind != 3 {
			return nil, 0
		}
		if pick != nil {
			body, n = append(body, pick...), n+1
		}
	}
	size := len(body) + 8
	return append([]byte{0, 0, byte(size >> 8), byte(size), 1, 1, 0, n}, body...), group
}

func (g gateway) reply1(b []byte) [][]byte {
	const sa, ke, id, hash, nonce, notify = 1, 4, 5, 8, 10, 11
	mode := b[18]
	no := answerIKE(b, 5, 0, []byte{notify}, []byte{0, 0, 0, 1, 1, 0, 0, 14})
	ps := payloads(b)
	if !g.v1 || mode == 4 && !g.aggressive || len(ps[sa]) < 16 {
		return no
	}
	head := ps[sa][:8]
	for t := ps[sa][16:]; len(t) >= 8; {
		n := int(binary.BigEndian.Uint16(t[2:]))
		if n < 8 || n > len(t) {
			return no
		}
		if pick := slices.Clone(t[:n]); g.takes(pick[8:]) {
			pick[0] = 0
			body := slices.Concat(head, []byte{0, 0, byte((n + 8) >> 8), byte(n + 8), 1, 1, 0, 1}, pick)
			if mode == 2 {
				return answerIKE(b, 2, 0, []byte{sa}, body)
			}
			return answerIKE(b, 4, 0, []byte{sa, ke, nonce, id, hash}, body, ps[ke], make([]byte, 20), []byte("\x01\x00\x00\x00\x7f\x00\x00\x01"), make([]byte, 20))
		}
		t = t[n:]
	}
	return no
}

// takes judges the attributes of a suite of version 1.
func (g gateway) takes(attributes []byte) bool {
	good := map[uint16][]int{1: {7}, 2: {4, 2}, 3: {1}, 4: {14, 19}}
	if g.weak {
		good = map[uint16][]int{1: {7, 5}, 2: {4, 2, 1}, 3: {1}, 4: {14, 2}}
	}
	for a := attributes; len(a) >= 4; a = a[4:] {
		ok, minds := good[binary.BigEndian.Uint16(a)&0x7fff]
		if minds && !slices.Contains(ok, int(binary.BigEndian.Uint16(a[2:]))) {
			return false
		}
	}
	return true
}

// marked is a service behind the four noughts that tell IKE from ESP on port
// 4500 (RFC 3948 §2.2).
func marked(r replier) replier {
	return func(b []byte) (out [][]byte) {
		if !bytes.HasPrefix(b, make([]byte, 4)) {
			return nil
		}
		for _, a := range r(b[4:]) {
			out = append(out, append(make([]byte, 4), a...))
		}
		return out
	}
}
