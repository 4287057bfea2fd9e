package hello

import "net/netip"

// The extensions that an offer carries, or that an answer is read for.
const (
	extServerName        = 0
	extGroups            = 10
	extPointFormats      = 11
	extSignatures        = 13
	extALPN              = 16
	extTimestamps        = 18 // RFC 6962 §3.3.1
	extPadding           = 21
	extEncryptThenMAC    = 22
	extExtendedMaster    = 23
	extEarlyData         = 42
	extSupportedVersions = 43
	extCookie            = 44
	extKeyExchangeModes  = 45
	extAuthorities       = 47
	extKeyShare          = 51
	extRenegotiation     = 0xff01
)

// Extensions for Offer.Extra.
var (
	EncryptThenMAC    = Extension{ID: extEncryptThenMAC}                 // RFC 7366
	ExtendedMaster    = Extension{ID: extExtendedMaster}                 // RFC 7627; every hello below TLS 1.3 has it
	RenegotiationInfo = Extension{ID: extRenegotiation, Data: []byte{0}} // RFC 5746 §3.2
	StatusRequest     = Extension{ID: 5, Data: []byte{1, 0, 0, 0, 0}}    // RFC 6066 §8
	Heartbeat         = Extension{ID: 15, Data: []byte{1}}               // RFC 6520 §2
	SessionTicket     = Extension{ID: 35}                                // RFC 5077 §3.2
)

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
	b := make([]byte, 0, 512)
	if o.Version < TLS13 {
		b = appendExtension(b, extExtendedMaster, nil)
		b = appendExtension(b, extPointFormats, []byte{1, 0})
	}
	for _, e := range o.Extra {
		b = appendExtension(b, e.ID, e.Data)
	}
	if o.Name != "" && !isAddress(o.Name) {
		entry := appendVector([]byte{0}, []byte(o.Name))
		b = appendExtension(b, extServerName, appendVector(nil, entry))
	}
	if len(o.ALPN) > 0 {
		b = appendExtension(b, extALPN, appendVector(nil, protocols(o.ALPN)))
	}
	if o.Version == TLS13 {
		versions := append(list(o.Ahead), list([]uint16{uint16(TLS13)})...)
		b = appendExtension(b, extSupportedVersions, append([]byte{byte(len(versions))}, versions...))
		b = appendExtension(b, extKeyExchangeModes, []byte{1, 1})
		b = appendExtension(b, extKeyShare, appendVector(nil, o.keyShares()))
	}
	if o.memory != nil && len(o.memory.cookie) > 0 {
		b = appendExtension(b, extCookie, appendVector(nil, o.memory.cookie))
	}
	if o.Version >= TLS12 {
		b = appendExtension(b, extSignatures, appendVector(nil, list(orAll(o.Signatures, signatures))))
	}
	b = appendExtension(b, extGroups, appendVector(nil, list(orAll(o.Groups, groups))))

	const headers = 4 + 2 // of the message, of the extensions
	n := before + headers + len(b)
	for _, e := range o.Last {
		n += 4 + len(e.Data)
	}
	switch size := o.Size; {
	case size == 0 && n >= 256 && n < 512: // some load balancers hang on that: RFC 7685
		b = appendExtension(b, extPadding, make([]byte, max(1, 512-n-4)))
	case size > n+4:
		b = appendExtension(b, extPadding, make([]byte, size-n-4))
	}
	for _, e := range o.Last {
		b = appendExtension(b, e.ID, e.Data)
	}
	return b
}

func orAll(some, all []uint16) []uint16 {
	if some == nil {
		return all
	}
	return some
}

func protocols(names []string) []byte {
	var b []byte
	for _, p := range names {
		b = append(append(b, byte(len(p))), p...)
	}
	return b
}

func isAddress(name string) bool { _, err := netip.ParseAddr(name); return err == nil }

func appendExtension(b []byte, id uint16, data []byte) []byte {
	return appendVector(append16(b, id), data)
}
