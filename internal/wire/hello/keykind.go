package hello

import (
	"fmt"
	"slices"
)

// keyKind is a kind of key by which a server proves who it is. A client asks
// for one by its suites up to TLS 1.2 and by the schemes of signature from then
// on: RFC 5246 §7.4.3, RFC 8446 §4.2.3.
type keyKind struct {
	name    string
	auth    string   // in the names of suites
	schemes []uint16 // by which such a key signs
}

var keyKinds = []keyKind{
	{"ECDSA", "ECDSA", []uint16{0x0403, 0x0503, 0x0603, 0x0303, 0x0203, 0x081a, 0x081b, 0x081c}},
	{"Ed25519", "ECDSA", []uint16{0x0807}}, // RFC 8422 §5.3
	{"Ed448", "ECDSA", []uint16{0x0808}},
	{"RSA", "RSA", []uint16{0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0301, 0x0201, 0x0101}},
	{"RSA-PSS", "RSA", []uint16{0x0809, 0x080a, 0x080b}},
	{"DSA", "DSS", []uint16{0x0402, 0x0302, 0x0202}},
	{"SM2", "SM2", []uint16{0x0708}}, // RFC 8998; this and what follows only under TLS 1.3
	{"GOST", "GOST", []uint16{0x0709, 0x070a, 0x070b, 0x070c, 0x070d, 0x070e, 0x070f}},
	{"ML-DSA", "ML-DSA", []uint16{0x0904, 0x0905, 0x0906}},
}

// namesSchemes tells whether a hello of the version lists schemes of signature.
func (v Version) namesSchemes() bool { return v >= TLS12 }

// fits tells whether a suite of before TLS 1.3 comes with such a key. Without
// an exchange of keys that are used once the server signs nothing, and only
// RSA encrypts.
func (k keyKind) fits(s Suite) bool {
	if s.Authentication != k.auth || !s.HasCertificate() {
		return false
	}
	static := s.KeyExchange == "RSA" || s.KeyExchange == "RSA_PSK"
	return s.KeyExchange != "DH" && s.KeyExchange != "ECDH" && (!static || k.name == "RSA")
}

// HasCertificate tells of a suite with which the server shows a certificate.
func (s Suite) HasCertificate() bool {
	return !s.Anonymous && !slices.Contains([]string{"PSK", "SRP", "KRB5", "ECCPWD", ""}, s.Authentication)
}

// kindsOf lists the kinds that the offer can ask for, by their places in
// keyKinds. strange is a suite whose certificate it cannot, if there is one.
func (o Offer) kindsOf() (kinds []uint16, strange error) {
	asks := func(k keyKind, s Suite) bool {
		return k.fits(s) && (o.Version.namesSchemes() || k.name == k.auth || k.auth == "DSS")
	}
	for i, k := range keyKinds {
		in13 := o.Version == TLS13 && k.auth != "DSS"
		if in13 || o.Version < TLS13 && slices.ContainsFunc(o.Suites, func(id uint16) bool { return asks(k, Find(uint32(id))) }) {
			kinds = append(kinds, uint16(i))
		}
	}
	for _, id := range o.Suites {
		s := Find(uint32(id))
		if o.Version < TLS13 && s.HasCertificate() && !slices.ContainsFunc(keyKinds, func(k keyKind) bool { return asks(k, s) }) {
			strange = fmt.Errorf("the certificate that comes with %s cannot be asked for", s.Name)
		}
	}
	return kinds, strange
}

// forKinds narrows the offer to some kinds. Suites say most of it; schemes that
// no suite is left for stay, for up to TLS 1.2 they also say by what the
// certificate may be signed. TLS 1.3 has a list of its own for that.
func (o Offer) forKinds(kinds []uint16) Offer {
	wanted := func(i int) bool { return slices.Contains(kinds, uint16(i)) }
	suites := o.Suites
	if o.Version == TLS13 {
		o.Suites = readable(suites)
	} else {
		o.Suites = slices.DeleteFunc(slices.Clone(suites), func(id uint16) bool {
			return !slices.ContainsFunc(kinds, func(i uint16) bool { return keyKinds[i].fits(Find(uint32(id))) })
		})
	}
	if !o.Version.namesSchemes() {
		return o
	}
	o.Signatures = nil
	for i, k := range keyKinds {
		idle := o.Version < TLS13 && !slices.ContainsFunc(o.Suites, func(id uint16) bool { return Find(uint32(id)).Authentication == k.auth })
		if wanted(i) || idle {
			o.Signatures = append(o.Signatures, k.schemes...)
		}
	}
	o.Extra = append(slices.Clone(o.Extra), certificateSignatures)
	return o
}

// readable are the suites of TLS 1.3 whose flight can be decrypted; all, if
// there are none.
func readable(suites []uint16) []uint16 {
	out := slices.DeleteFunc(slices.Clone(suites), func(id uint16) bool { _, err := newSchedule(id); return err != nil })
	if len(out) == 0 {
		return suites
	}
	return out
}

// keyKind is the kind of the key by which the server answered: that of its
// signature, or what the suite says where none is named.
func (f Flight) keyKind() (uint16, error) {
	suite := Find(uint32(f.Hello.Suite))
	for i, k := range keyKinds {
		if f.Signature != 0 && slices.Contains(k.schemes, f.Signature) || f.Signature == 0 && f.Hello.Version < TLS13 && k.fits(suite) {
			return uint16(i), nil
		}
	}
	return 0, fmt.Errorf("cannot tell by what kind of key it signs (scheme 0x%04x)", f.Signature)
}
