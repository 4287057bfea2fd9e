package hello

import (
	"crypto/ecdh"
	"crypto/rand"
	"net/netip"
)

// The extensions that an offer carries.
const (
	extServerName        = 0
	extGroups            = 10
	extPointFormats      = 11
	extSignatures        = 13
	extPadding           = 21
	extExtendedMaster    = 23
	extSupportedVersions = 43
	extKeyExchangeModes  = 45
	extKeyShare          = 51
)

const (
	groupP256   = 23
	groupX25519 = 29
)

// groups are all that IANA lists but for the binary curves below 233 bits,
// in an order that ends in HelloRetryRequest only where it must.
var groups = []uint16{
	groupX25519, groupP256, 24, 25, 30, // x25519, P-256, P-384, P-521, x448
	26, 27, 28, 31, 32, 33, // brainpool, then the same for TLS 1.3
	22, 20, 21, 18, 19, 17, 16, 15, // secp256k1, secp224, secp192, secp160
	14, 13, 12, 11, 10, 9, // sect571 to sect283
	256, 257, 258, 259, 260, // ffdhe2048 to ffdhe8192
	41, 0x11ec, 0x11eb, 0x11ed, // curveSM2, hybrids with ML-KEM
}

// signatures are the schemes of TLS 1.2 and 1.3, the weak ones last.
var signatures = []uint16{
	0x0403, 0x0503, 0x0603, 0x0807, 0x0808, // ECDSA, Ed25519, Ed448
	0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, // RSA-PSS
	0x0401, 0x0501, 0x0601, 0x0301, 0x0303, // RSA PKCS #1, SHA-224
	0x081a, 0x081b, 0x081c, 0x0708, // brainpool, SM2
	0x0402, 0x0302, 0x0202, 0x0203, 0x0201, 0x0101, // DSA, SHA-1, MD5
}

// extensions writes those that fit the version; before is the length of the
// hello's body up to them. The last one is not empty: some servers fail on that.
func (o Offer) extensions(before int) []byte {
	var b []byte
	if o.Version < TLS13 {
		b = appendExtension(b, extExtendedMaster, nil)
		b = appendExtension(b, extPointFormats, []byte{1, 0})
	}
	if o.Name != "" && !isAddress(o.Name) {
		entry := appendVector([]byte{0}, []byte(o.Name))
		b = appendExtension(b, extServerName, appendVector(nil, entry))
	}
	if o.Version == TLS13 {
		b = appendExtension(b, extSupportedVersions, append16([]byte{2}, uint16(TLS13)))
		b = appendExtension(b, extKeyExchangeModes, []byte{1, 1})
		b = appendExtension(b, extKeyShare, appendVector(nil, keyShares()))
	}
	if o.Version >= TLS12 {
		b = appendExtension(b, extSignatures, appendVector(nil, list(signatures)))
	}
	b = appendExtension(b, extGroups, appendVector(nil, list(groups)))

	// Some load balancers hang on a hello of 256 to 511 bytes: RFC 7685.
	const headers = 4 + 2 // of the message, of the extensions
	if n := before + headers + len(b); n >= 256 && n < 512 {
		b = appendExtension(b, extPadding, make([]byte, max(1, 512-n-4)))
	}
	return b
}

// keyShares holds real keys: a server may check that a point is on its curve.
func keyShares() []byte {
	var b []byte
	for _, g := range []struct {
		id    uint16
		curve ecdh.Curve
	}{{groupX25519, ecdh.X25519()}, {groupP256, ecdh.P256()}} {
		key, err := g.curve.GenerateKey(rand.Reader)
		if err != nil {
			panic("hello: making a key: " + err.Error()) // the system has no randomness
		}
		b = appendVector(append16(b, g.id), key.PublicKey().Bytes())
	}
	return b
}

func isAddress(name string) bool { _, err := netip.ParseAddr(name); return err == nil }

func list(ids []uint16) []byte {
	var b []byte
	for _, id := range ids {
		b = append16(b, id)
	}
	return b
}

func appendExtension(b []byte, id uint16, data []byte) []byte {
	return appendVector(append16(b, id), data)
}
