package udp

import (
	"bytes"
	"encoding/binary"
)

// Algorithms of IKEv2 by IANA: "Internet Key Exchange Version 2 (IKEv2)
// Parameters". 128 and 256 are key lengths of AES.
const (
	EncrDES, Encr3DES, encrAESCBC, encrAESGCM = 2, 3, 12, 20
	PRFMD5, prfSHA1, prfSHA256, prfSHA384     = 1, 2, 5, 6
	prfSHA512                                 = 7
	IntegMD5, integSHA1, integSHA256          = 1, 2, 12
	integSHA384, integSHA512                  = 13, 14
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

func aes(id int) []transform { return []transform{{typeEncr, id, 256}, {typeEncr, id, 128}} }

// An Offer is what IKE is asked to take.
type Offer int

// The offers. Each weak one is strong but for one thing, so that taking it
// tells of that thing and refusing it tells of nothing else.
const (
	OfferStrong Offer = iota
	OfferWeakEncryption
	OfferWeakHash // MD5
	OfferWeakGroup
)

// proposals gives the alternatives of an offer, and the group of the key sent
// along.
func (o Offer) proposals() (all [][]transform, group int) {
	join := func(parts ...[]transform) (p []transform) {
		for _, x := range parts {
			p = append(p, x...)
		}
		return p
	}
	strong := each(typeGroup, strongGroups...)
	prf := each(typePRF, prfSHA256, prfSHA384, prfSHA512, prfSHA1)
	integ := each(typeInteg, integSHA256, integSHA384, integSHA512, integSHA1)
	switch o {
	case OfferWeakEncryption:
		return [][]transform{join(each(typeEncr, Encr3DES, EncrDES), prf, integ, strong, each(typeGroup, 5, 2))}, 14
	case OfferWeakHash:
		md5 := each(typePRF, PRFMD5)
		return [][]transform{
			join(aes(encrAESCBC), md5, each(typeInteg, IntegMD5), strong, each(typeGroup, 5, 2)),
			join(aes(encrAESCBC), prf, each(typeInteg, IntegMD5), strong, each(typeGroup, 5, 2)),
			join(aes(encrAESCBC), md5, integ, strong, each(typeGroup, 5, 2)),
		}, 14
	case OfferWeakGroup:
		weak := each(typeGroup, WeakGroups...)
		return [][]transform{join(aes(encrAESGCM), prf, weak), join(aes(encrAESCBC), prf, integ, weak)}, 2
	case OfferStrong:
	}
	return [][]transform{join(aes(encrAESGCM), prf, strong), join(aes(encrAESCBC), prf, integ, strong)}, 14
}

// SAInit is one IKE_SA_INIT request (RFC 7296 §1.2).
type SAInit struct {
	Send []byte
	body []byte
}

// NewSAInit makes the request for an offer. The key is any number below the
// group's prime: the exchange goes no further than its answer.
func NewSAInit(o Offer) SAInit {
	all, group := o.proposals()
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
