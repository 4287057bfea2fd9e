package udp

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Algorithms of IKEv1 by IANA: "Internet Key Exchange (IKE) Attributes".
const (
	V1DES, V13DES, v1AES    = 1, 5, 7
	V1MD5, v1SHA1, v1SHA256 = 1, 2, 4
	v1SHA384, v1SHA512      = 5, 6
	keyID                   = 11 // kind of a name that is any bytes
)

// Attributes of a transform (RFC 2409 appendix A), in the short form.
const (
	attrEncryption, attrHash, attrAuth, attrGroup = 1, 2, 3, 4
	attrLifeKind, attrLife, attrKeyBits           = 11, 12, 14
	attrShort                                     = 0x8000
)

const exchangeMain, exchangeAggressive = 2, 4

// V1 is the first message of a main or aggressive mode of IKEv1.
type V1 struct{ Send []byte }

// Ways to log in, by IANA: a shared key, a certificate, and each followed by a
// log-in with name and password (XAUTH). Gateways may take one and keep silent
// to an offer that holds two, so each is asked by itself.
const (
	V1Shared      = 1
	V1RSA         = 3
	V1SharedXAuth = 65001
	V1RSAXAuth    = 65005
)

// MainOffers is how many messages offer all the suites of main mode, each few
// enough for one packet that no router has to cut up.
const MainOffers = 3

// NewMain makes the first message of a main mode: one share of the proposals
// and nothing else (RFC 2409 §5.4). The first share, 0, holds the usual ones and
// the weak, the weak first; the others are strong.
func NewMain(way, share int) V1 {
	var all []Suite
	switch share {
	case 0:
		all = slices.Concat(
			suites1([]int{V13DES}, []int{V1MD5, v1SHA1}, []int{2, 5, 14}),
			suites1([]int{v1AES}, []int{V1MD5, v1SHA1}, []int{2, 5}),
			suites1([]int{v1AES}, []int{v1SHA1, v1SHA256}, []int{14, 19}),
			[]Suite{{Encryption: v1AES, Integrity: v1SHA256, Group: 2}, {Encryption: V1DES, Integrity: V1MD5, Group: 1}})
	case 1:
		all = slices.Concat(
			suites1([]int{v1AES}, []int{v1SHA384, v1SHA512}, []int{14, 19, 20, 21}),
			suites1([]int{v1AES}, []int{v1SHA1, v1SHA256}, []int{20, 21}),
			suites1([]int{V13DES}, []int{v1SHA256, v1SHA512}, []int{5, 14}))
	default:
		all = slices.Concat(
			suites1([]int{v1AES}, []int{v1SHA1, v1SHA256, v1SHA384, v1SHA512}, []int{15, 16}),
			suites1([]int{v1AES}, []int{v1SHA256, v1SHA512}, []int{5, 18}),
			suites1([]int{V1DES}, []int{V1MD5, v1SHA1}, []int{1, 2}))
	}
	return V1{message(chance(8), v1SA, 0x10, exchangeMain, 0, sa1(0, all, way))}
}

// Weak1 tells whether a suite of version 1 has DES, 3DES, MD5 or a small group.
func (s Suite) Weak1() bool {
	return s.Encryption == V1DES || s.Encryption == V13DES || s.Integrity == V1MD5 || slices.Contains(WeakGroups, s.Group)
}

func suites1(encryptions, hashes, groups []int) (out []Suite) {
	for _, g := range groups {
		for _, e := range encryptions {
			for _, h := range hashes {
				out = append(out, Suite{Encryption: e, Integrity: h, Group: g})
			}
		}
	}
	return out
}

// NewAggressive makes the first message of an aggressive mode with the key of
// a group, under a made-up name (RFC 2409 §5.4). Groups 2, 5 and 14 can be asked.
func NewAggressive(way, group int) V1 {
	all := suites1([]int{v1AES, V13DES}, []int{v1SHA256, v1SHA1, V1MD5}, []int{group})
	return V1{message(chance(8), v1SA, 0x10, exchangeAggressive, 0,
		sa1(v1KE, all, way), payload(v1Nonce, modKey(group)), payload(v1ID, chance(20)),
		payload(0, []byte{keyID, 0, 0, 0}, []byte("sansang")))}
}

// sa1 writes one proposal with the suites, each with both lengths of AES keys.
func sa1(next byte, all []Suite, way int) []byte {
	var ts [][]byte
	for _, s := range all {
		bits := []int{0}
		if s.Encryption == v1AES {
			bits = []int{256, 128}
		}
		for _, n := range bits {
			ts = append(ts, transform1(s, way, n))
		}
	}
	var body []byte
	for i, t := range ts {
		more := byte(3)
		if i == len(ts)-1 {
			more = 0
		}
		n := len(t) + 8
		body = append(body, append([]byte{more, 0, byte(n >> 8), byte(n), byte(i + 1), 1, 0, 0}, t...)...)
	}
	n := len(body) + 8
	proposal := append([]byte{0, 0, byte(n >> 8), byte(n), 1, 1, 0, byte(len(ts))}, body...)
	return payload(next, []byte{0, 0, 0, 1, 0, 0, 0, 1}, proposal) // IPsec, identity only
}

func transform1(s Suite, auth, bits int) (b []byte) {
	for _, a := range [][2]int{{attrEncryption, s.Encryption}, {attrKeyBits, bits}, {attrHash, s.Integrity}, {attrGroup, s.Group},
		{attrAuth, auth}, {attrLifeKind, 1}, {attrLife, 28800}} {
		if a[1] != 0 {
			b = binary.BigEndian.AppendUint16(b, uint16(attrShort|a[0]))
			b = binary.BigEndian.AppendUint16(b, uint16(a[1]))
		}
	}
	return b
}

// Read reads the answer of a responder; accepted is true where it goes on in
// this mode.
func (q V1) Read(b []byte) (IKEAnswer, bool) {
	a, ok := ReadIKE(q.Send, b)
	if ok && a.Accepted && (len(b) < ikeHeader || b[18] != q.Send[18] || bytes.Equal(b[8:16], make([]byte, 8))) {
		return IKEAnswer{}, false
	}
	return a, ok
}

// chosen1 reads the one proposal with its one transform of an answer (RFC 2408
// §3.5, §3.6).
func chosen1(p []byte) (s Suite, ok bool) {
	if len(p) < 8 || 8+int(p[6]) > len(p) || p[7] != 1 {
		return s, false
	}
	t := p[8+int(p[6]):]
	if len(t) < 8 || int(binary.BigEndian.Uint16(t[2:])) != len(t) {
		return s, false
	}
	for t = t[8:]; len(t) >= 4; {
		kind, value := binary.BigEndian.Uint16(t), int(binary.BigEndian.Uint16(t[2:]))
		if kind&attrShort == 0 { // a long one: value is its length
			if value > len(t)-4 {
				return Suite{}, false
			}
			t = t[4+value:]
			continue
		}
		switch kind &^ attrShort {
		case attrEncryption:
			s.Encryption = value
		case attrHash:
			s.Integrity = value
		case attrGroup:
			s.Group = value
		}
		t = t[4:]
	}
	return s, s.Encryption != 0 && s.Group != 0
}
