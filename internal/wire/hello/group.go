package hello

import (
	"fmt"
	"slices"
)

// The groups of which a key can be made here.
const (
	groupP256           = 23
	groupP384           = 24
	groupP521           = 25
	groupX25519         = 29
	groupX25519MLKEM768 = 0x11ec
)

// explicitCurve stands for a curve that a server describes instead of naming
// it (RFC 4492 §5.4); the registry has reserved the numbers for that.
const (
	explicitPrimeCurve  = 0xff01
	explicitBinaryCurve = 0xff02
)

// groupNames are those of the IANA registry "TLS Supported Groups", and the
// drafts of hybrids that were in wide use before it had them.
var groupNames = map[uint16]string{
	1: "sect163k1", 2: "sect163r1", 3: "sect163r2", 4: "sect193r1", 5: "sect193r2", 6: "sect233k1", 7: "sect233r1",
	8: "sect239k1", 9: "sect283k1", 10: "sect283r1", 11: "sect409k1", 12: "sect409r1", 13: "sect571k1", 14: "sect571r1",
	15: "secp160k1", 16: "secp160r1", 17: "secp160r2", 18: "secp192k1", 19: "secp192r1", 20: "secp224k1", 21: "secp224r1",
	22: "secp256k1", 23: "secp256r1", 24: "secp384r1", 25: "secp521r1",
	26: "brainpoolP256r1", 27: "brainpoolP384r1", 28: "brainpoolP512r1", 29: "x25519", 30: "x448",
	31: "brainpoolP256r1tls13", 32: "brainpoolP384r1tls13", 33: "brainpoolP512r1tls13",
	34: "GC256A", 35: "GC256B", 36: "GC256C", 37: "GC256D", 38: "GC512A", 39: "GC512B", 40: "GC512C", 41: "curveSM2",
	256: "ffdhe2048", 257: "ffdhe3072", 258: "ffdhe4096", 259: "ffdhe6144", 260: "ffdhe8192",
	0x0200: "MLKEM512", 0x0201: "MLKEM768", 0x0202: "MLKEM1024",
	0x11eb: "SecP256r1MLKEM768", 0x11ec: "X25519MLKEM768", 0x11ed: "SecP384r1MLKEM1024", 0x11ee: "curveSM2MLKEM768",
	0x6399: "X25519Kyber768Draft00", 0x639a: "SecP256r1Kyber768Draft00",
	explicitPrimeCurve: "arbitrary_explicit_prime_curves", explicitBinaryCurve: "arbitrary_explicit_char2_curves",
}

// groups are all of them, in an order that ends in HelloRetryRequest only
// where it must.
var groups = []uint16{
	groupX25519, groupP256, groupP384, groupP521, 30, // x448
	26, 27, 28, 31, 32, 33, // brainpool, then the same for TLS 1.3
	22, 20, 21, 18, 19, 17, 16, 15, // secp256k1, secp224, secp192, secp160
	14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, // sect571 to sect163
	256, 257, 258, 259, 260, // ffdhe2048 to ffdhe8192
	41, groupX25519MLKEM768, 0x11eb, 0x11ed, 0x11ee, 0x0201, 0x0202, 0x0200, 0x6399, 0x639a,
	34, 35, 36, 37, 38, 39, 40,
}

// GroupName gives the name in the registry.
func GroupName(id uint16) string {
	if name, ok := groupNames[id]; ok {
		return name
	}
	return fmt.Sprintf("0x%04x", id)
}

// IsPostQuantum tells of a group that withstands a quantum computer: it has a
// lattice in it, alone or beside a curve.
func IsPostQuantum(id uint16) bool {
	return id >= 0x0200 && id <= 0x0202 || id >= 0x11eb && id <= 0x11ee || id == 0x6399 || id == 0x639a
}

// shares are the groups of which the offer holds a key: a server of TLS 1.3
// must be given at least one, or it asks for it by HelloRetryRequest.
func (o Offer) shares() []uint16 {
	if o.Shares != nil {
		return o.Shares
	}
	var out []uint16
	for _, g := range []uint16{groupX25519, groupP256} {
		if o.Groups == nil || slices.Contains(o.Groups, g) {
			out = append(out, g) // RFC 8446 §4.2.8: only of groups that are offered
		}
	}
	return out
}
