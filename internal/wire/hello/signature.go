package hello

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// signatureNames are those of the IANA registry "TLS SignatureScheme". For the
// pairs of hash and signature of TLS 1.2 that it has only reserved, they are
// made in its way.
var signatureNames = map[uint16]string{
	0x0101: "rsa_pkcs1_md5", 0x0102: "dsa_md5", 0x0103: "ecdsa_md5",
	0x0201: "rsa_pkcs1_sha1", 0x0202: "dsa_sha1", 0x0203: "ecdsa_sha1",
	0x0301: "rsa_pkcs1_sha224", 0x0302: "dsa_sha224", 0x0303: "ecdsa_sha224",
	0x0401: "rsa_pkcs1_sha256", 0x0402: "dsa_sha256", 0x0403: "ecdsa_secp256r1_sha256",
	0x0501: "rsa_pkcs1_sha384", 0x0502: "dsa_sha384", 0x0503: "ecdsa_secp384r1_sha384",
	0x0601: "rsa_pkcs1_sha512", 0x0602: "dsa_sha512", 0x0603: "ecdsa_secp521r1_sha512",
	0x0704: "eccsi_sha256", 0x0705: "iso_ibs1", 0x0706: "iso_ibs2", 0x0707: "iso_chinese_ibs", 0x0708: "sm2sig_sm3",
	0x0709: "gostr34102012_256a", 0x070a: "gostr34102012_256b", 0x070b: "gostr34102012_256c", 0x070c: "gostr34102012_256d",
	0x070d: "gostr34102012_512a", 0x070e: "gostr34102012_512b", 0x070f: "gostr34102012_512c",
	0x0804: "rsa_pss_rsae_sha256", 0x0805: "rsa_pss_rsae_sha384", 0x0806: "rsa_pss_rsae_sha512", 0x0807: "ed25519", 0x0808: "ed448",
	0x0809: "rsa_pss_pss_sha256", 0x080a: "rsa_pss_pss_sha384", 0x080b: "rsa_pss_pss_sha512",
	0x081a: "ecdsa_brainpoolP256r1tls13_sha256", 0x081b: "ecdsa_brainpoolP384r1tls13_sha384", 0x081c: "ecdsa_brainpoolP512r1tls13_sha512",
	0x0904: "mldsa44", 0x0905: "mldsa65", 0x0906: "mldsa87",
}

// everySignature is what an elimination offers: what a hello names anyway, and
// what hardly any server has.
var everySignature = append(slices.Clone(signatures),
	0x0904, 0x0905, 0x0906, 0x0704, 0x0705, 0x0706, 0x0707, 0x0709, 0x070a, 0x070b, 0x070c, 0x070d, 0x070e, 0x070f,
	0x0502, 0x0602, 0x0103, 0x0102)

// certificateSignatures says that certificates may be signed by any of them,
// so that what is left of the list limits only the handshake: RFC 8446 §4.2.3.
var certificateSignatures = Extension{ID: 50, Data: appendVector(nil, list(everySignature))}

// SignatureName gives the name in the registry.
func SignatureName(id uint16) string {
	if name, ok := signatureNames[id]; ok {
		return name
	}
	return fmt.Sprintf("0x%04x", id)
}

// Signed is an answer and the scheme by which the server signed its handshake.
type Signed struct {
	Answer
	Scheme uint16
}

// SignatureAsker asks like an Asker, by AskSignature.
type SignatureAsker func(Offer) (Signed, error)

// SignatureListing is every scheme by which a server signs.
type SignatureListing struct {
	Schemes []uint16 // in the order in which they were chosen
	Ignores bool     // it signed by one that was not offered
	Refusal string   // what the server said to the rest
	Hellos  int
}

// AskSignature sends the offer and reads on until the server has signed. A
// server may find that it cannot only after its ServerHello.
func AskSignature(rw io.ReadWriter, o Offer) (Signed, error) {
	f, broken, err := AskFlight(rw, o)
	var refused *lateRefusal
	switch {
	case err != nil || !f.Accepted || f.Signature != 0:
		return Signed{f.Answer, f.Signature}, err
	case errors.As(broken, &refused):
		return Signed{Answer: refused.Answer}, nil
	case broken != nil:
		return Signed{}, broken
	}
	return Signed{}, errors.New("no signature in the server's first flight")
}

// Signatures finds by elimination by which schemes the server signs under o's
// version, with o's suites: RFC 5246 §7.4.1.4.1, RFC 8446 §4.2.3.
func Signatures(o Offer, ask SignatureAsker) (l SignatureListing, err error) {
	o.Extra = append(slices.Clone(o.Extra), certificateSignatures)
	var scheme uint16
	h := &hunt{name: SignatureName, chosen: func(Answer) uint16 { return scheme }}
	h.ask = func(ids []uint16) (Answer, error) {
		o.Signatures = ids
		s, err := ask(o)
		scheme = s.Scheme
		l.Ignores = l.Ignores || err == nil && s.Accepted && !slices.Contains(ids, scheme)
		return s.Answer, err
	}
	whole, err := h.atOnce([2][]uint16{everySignature, everySignature}, 0)
	if !whole && h.mayWantShort(err) {
		o = o.small().with(o.Suites)
		o.Extra, o.Signatures = nil, []uint16{}
		err = h.inLots(slices.Collect(slices.Chunk(everySignature, o.room())))
	}
	if err == nil && len(h.found) == 0 {
		err = errors.New("signs by no scheme: " + h.dislikes)
	}
	l.Schemes, l.Refusal, l.Hellos = h.found, h.refusal, h.hellos
	return l, err
}
