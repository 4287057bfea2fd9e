package pdfsig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha1" // so that a signature of old is told for what it is
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
)

// hashes by their object identifiers (RFC 5754, RFC 3370).
var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// scheme is how a signature is made.
type scheme int

const (
	pkcs1 scheme = iota + 1
	pss
	ecdsaDER
	eddsa
)

// schemes by object identifier, with the hash that it names; none: that of the
// SignerInfo.
var schemes = map[string]struct {
	scheme scheme
	hash   crypto.Hash
}{
	"1.2.840.113549.1.1.1":  {pkcs1, 0},
	"1.2.840.113549.1.1.5":  {pkcs1, crypto.SHA1},
	"1.2.840.113549.1.1.11": {pkcs1, crypto.SHA256},
	"1.2.840.113549.1.1.12": {pkcs1, crypto.SHA384},
	"1.2.840.113549.1.1.13": {pkcs1, crypto.SHA512},
	"1.2.840.113549.1.1.10": {pss, 0},
	"1.2.840.10045.2.1":     {ecdsaDER, 0},
	"1.2.840.10045.4.1":     {ecdsaDER, crypto.SHA1},
	"1.2.840.10045.4.3.2":   {ecdsaDER, crypto.SHA256},
	"1.2.840.10045.4.3.3":   {ecdsaDER, crypto.SHA384},
	"1.2.840.10045.4.3.4":   {ecdsaDER, crypto.SHA512},
	"1.3.101.112":           {eddsa, crypto.SHA512}, // RFC 8419
}

// algorithm is how a signature is verified.
type algorithm struct {
	scheme scheme
	hash   crypto.Hash
	salt   int // of PSS
}

// pssParameters is RFC 4055 §3.1, without the mask, which must use the same
// hash wherever anybody does it.
type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:0"`
	Mask    pkix.AlgorithmIdentifier `asn1:"explicit,optional,tag:1"`
	Salt    int                      `asn1:"explicit,optional,tag:2,default:20"`
	Trailer int                      `asn1:"explicit,optional,tag:3,default:1"`
}

// algorithmOf reads how a signature is made; ok is false for what is not known.
func algorithmOf(id pkix.AlgorithmIdentifier, digest crypto.Hash) (a algorithm, ok bool) {
	s := schemes[id.Algorithm.String()]
	a = algorithm{scheme: s.scheme, hash: s.hash}
	if a.scheme == pss {
		var p pssParameters
		if _, err := asn1.Unmarshal(id.Parameters.FullBytes, &p); err != nil {
			return a, false
		}
		a.hash, a.salt = hashes[p.Hash.Algorithm.String()], p.Salt
		if len(p.Hash.Algorithm) == 0 {
			a.hash = crypto.SHA1
		}
		return a, a.hash != 0 && a.salt >= 0
	}
	if a.hash == 0 {
		a.hash = digest
	}
	return a, a.scheme != 0
}

var (
	errForged   = errors.New("the signature does not verify")
	errNotKnown = errors.New("cannot be verified here")
	errWeakKey  = errors.New("the key is too short")
)

// maxKeyBits bounds what a verification may cost.
const maxKeyBits = 8192

// verify tells whether a signature of message verifies: errForged where it
// does not, another error where that cannot be told or proves nothing.
func (a algorithm) verify(key crypto.PublicKey, message [][]byte, signature []byte) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if a.scheme != pkcs1 && a.scheme != pss || key.N.BitLen() > maxKeyBits {
			return errNotKnown
		}
		var err error
		if a.scheme == pkcs1 {
			err = rsa.VerifyPKCS1v15(key, a.hash, sum(a.hash, message), signature)
		} else {
			err = rsa.VerifyPSS(key, a.hash, sum(a.hash, message), signature, &rsa.PSSOptions{SaltLength: a.saltLength(), Hash: a.hash})
		}
		switch {
		case errors.Is(err, rsa.ErrVerification):
			return errForged
		case key.N.BitLen() < 2048:
			return errWeakKey
		case err != nil:
			return errNotKnown
		}
		return nil
	case *ecdsa.PublicKey:
		if a.scheme != ecdsaDER {
			return errNotKnown
		}
		if !ecdsa.VerifyASN1(key, sum(a.hash, message), signature) {
			return errForged
		}
		return nil
	case ed25519.PublicKey:
		if a.scheme != eddsa {
			return errNotKnown
		}
		if !ed25519.Verify(key, bytes.Join(message, nil), signature) {
			return errForged
		}
		return nil
	}
	return errNotKnown
}

// saltLength is what crypto/rsa takes: zero would mean any length to it.
func (a algorithm) saltLength() int {
	if a.salt == 0 {
		return -2 // never matches: a signature without salt is not made by anybody
	}
	return a.salt
}

func sum(h crypto.Hash, message [][]byte) []byte {
	w := h.New()
	for _, m := range message {
		_, _ = w.Write(m)
	}
	return w.Sum(nil)
}
