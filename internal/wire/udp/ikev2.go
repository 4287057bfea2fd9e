package udp

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Algorithms of IKEv2 by IANA: "Internet Key Exchange Version 2 (IKEv2)
// Parameters".
const (
	EncrDES, Encr3DES, encrCAST, encrBlowfish = 2, 3, 6, 7
	encrAESCBC, encrAESGCM, encrCamellia      = 12, 20, 23
	PRFMD5, prfSHA1, prfXCBC                  = 1, 2, 4
	prfSHA256, prfSHA384, prfSHA512           = 5, 6, 7
	IntegMD5, integSHA1, integXCBC            = 1, 2, 5
	integSHA256, integSHA384, integSHA512     = 12, 13, 14
)

const (
	typeEncr, typePRF, typeInteg, typeGroup = 1, 2, 3, 4

	exchangeSAInit = 34
	attrKeyLength  = 0x800e
)

// Groups of Diffie-Hellman, numbered alike in both versions. Weak are those
// below 2048 bits, those with a small subgroup and ECP below 256 bits.
var (
	WeakGroups   = []int{1, 2, 5, 22, 25, 26, 27}
	strongGroups = []int{14, 15, 16, 17, 18, 19, 20, 21, 28, 29, 30, 31}
)

// transform is one algorithm of a proposal; bits is a key length or 0.
type transform struct{ kind, id, bits int }

func each(kind int, ids ...int) (out []transform) {
	for _, id := range ids {
		out = append(out, transform{kind, id, 0})
	}
	return out
}

// keyed gives an algorithm with each length of its key.
func keyed(id int, bits ...int) (out []transform) {
	for _, n := range bits {
		out = append(out, transform{typeEncr, id, n})
	}
	return out
}

// An Offer is what IKEv2 is asked to take.
type Offer int

// The offers. A weak one has nothing but weak algorithms of one kind, and of
// every other kind all that there are, weak and strong: whoever refuses it takes
// nothing weak of this kind, whatever else goes with it.
const (
	OfferStrong Offer = iota
	OfferWeakEncryption
	OfferWeakHash // MD5
	OfferWeakGroup
)

// proposals gives the alternatives of an offer.
func (o Offer) proposals() [][]transform {
	weakCiphers := each(typeEncr, Encr3DES, EncrDES)
	ciphers := slices.Concat(keyed(encrAESCBC, 256, 192, 128), weakCiphers, keyed(encrCamellia, 256, 128), keyed(encrBlowfish, 128), each(typeEncr, encrCAST))
	gcm := keyed(encrAESGCM, 256, 128)
	md5PRF, md5 := each(typePRF, PRFMD5), each(typeInteg, IntegMD5)
	prf := each(typePRF, prfSHA256, prfSHA384, prfSHA512, prfSHA1)
	integ := each(typeInteg, integSHA256, integSHA384, integSHA512, integSHA1)
	anyPRF, anyInteg := slices.Concat(prf, each(typePRF, prfXCBC), md5PRF), slices.Concat(integ, each(typeInteg, integXCBC), md5)
	strong, weak := each(typeGroup, strongGroups...), each(typeGroup, WeakGroups...)
	switch o {
	case OfferWeakEncryption:
		return [][]transform{slices.Concat(weakCiphers, anyPRF, anyInteg, strong, weak)}
	case OfferWeakHash:
		return [][]transform{slices.Concat(ciphers, anyPRF, md5, strong, weak), slices.Concat(ciphers, md5PRF, integ, strong, weak), slices.Concat(gcm, md5PRF, strong)}
	case OfferWeakGroup:
		return [][]transform{slices.Concat(gcm, anyPRF, weak), slices.Concat(ciphers, anyPRF, anyInteg, weak)}
	case OfferStrong:
	}
	return [][]transform{slices.Concat(gcm, prf, strong), slices.Concat(keyed(encrAESCBC, 256, 128), prf, integ, strong)}
}

// keyGroup is the group of the key that is sent along.
func (o Offer) keyGroup() int {
	if o == OfferWeakGroup {
		return 2
	}
	return 14
}

// Takes tells whether an answer takes what was offered, and no other thing: a
// choice of it, or another of its groups.
func (o Offer) Takes(a IKEAnswer) bool {
	if !a.Accepted {
		return false
	}
	has := func(kind, id int) bool {
		return slices.ContainsFunc(o.proposals(), func(p []transform) bool {
			return slices.ContainsFunc(p, func(t transform) bool { return t.kind == kind && t.id == id })
		})
	}
	switch c := a.Chosen; {
	case !has(typeGroup, c.Group):
		return false
	case c.Encryption == 0:
		return true // it wants another group
	case o == OfferWeakHash:
		return c.Integrity == IntegMD5 || c.PRF == PRFMD5
	default:
		return has(typeEncr, c.Encryption)
	}
}

// SAInit is one IKE_SA_INIT request (RFC 7296 §1.2).
type SAInit struct {
	Send []byte
	body []byte
}

// NewSAInit makes the request for an offer. The key is any number below the
// group's prime: the exchange goes no further than its answer.
func NewSAInit(o Offer) SAInit {
	all, group := o.proposals(), o.keyGroup()
	var sa []byte
	for i, p := range all {
		sa = append(sa, proposal2(i+1, i == len(all)-1, p)...)
	}
	body := bytes.Join([][]byte{
		payload(v2KE, sa),
		payload(v2Nonce, []byte{0, byte(group), 0, 0}, modKey(group)),
		payload(0, chance(32)),
	}, nil)
	return SAInit{body: body, Send: message(chance(8), v2SA, 0x20, exchangeSAInit, 8, body)}
}

// With is the same request with the cookie that the responder wants to see
// before it works (RFC 7296 §2.6).
func (q SAInit) With(cookie []byte) SAInit {
	n := payload(v2SA, []byte{0, 0, byte(notifyCookie >> 8), byte(notifyCookie & 0xff)}, cookie)
	return SAInit{body: q.body, Send: message(q.Send[:8], v2Notify, 0x20, exchangeSAInit, 8, n, q.body)}
}

// modKey gives a number below the prime of a MODP group, at its length.
func modKey(group int) []byte {
	n := map[int]int{1: 96, 2: 128, 5: 192, 14: 256}[group]
	k := chance(n)
	k[0] &= 0x3f
	return k
}

func proposal2(number int, last bool, ts []transform) []byte {
	var body []byte
	for i, t := range ts {
		b := []byte{3, 0, 0, 8, byte(t.kind), 0, byte(t.id >> 8), byte(t.id)}
		if i == len(ts)-1 {
			b[0] = 0
		}
		if t.bits > 0 {
			b[3] = 12
			b = append(b, attrKeyLength>>8, attrKeyLength&0xff, byte(t.bits>>8), byte(t.bits))
		}
		body = append(body, b...)
	}
	more := byte(2)
	if last {
		more = 0
	}
	n := len(body) + 8
	return append([]byte{more, 0, byte(n >> 8), byte(n), byte(number), 1, 0, byte(len(ts))}, body...)
}

// chosen2 reads the one proposal of an answer (RFC 7296 §3.3).
func chosen2(sa []byte) (s Suite, ok bool) {
	if len(sa) < 8 || int(binary.BigEndian.Uint16(sa[2:])) != len(sa) || 8+int(sa[6]) > len(sa) {
		return s, false
	}
	for rest := sa[8+int(sa[6]):]; len(rest) > 0; {
		if len(rest) < 8 {
			return Suite{}, false
		}
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 8 || n > len(rest) {
			return Suite{}, false
		}
		id := int(binary.BigEndian.Uint16(rest[6:]))
		switch rest[4] {
		case typeEncr:
			s.Encryption = id
		case typePRF:
			s.PRF = id
		case typeInteg:
			s.Integrity = id
		case typeGroup:
			s.Group = id
		}
		rest = rest[n:]
	}
	return s, s.Encryption != 0 && s.Group != 0
}
