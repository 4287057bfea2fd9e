package checks

import (
	"crypto/dsa" //nolint:staticcheck // to recognise it, not to use it
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
)

var signatureHashes = map[x509.SignatureAlgorithm]string{
	x509.MD2WithRSA: "MD2", x509.MD5WithRSA: "MD5",
	x509.SHA1WithRSA: "SHA-1", x509.DSAWithSHA1: "SHA-1", x509.ECDSAWithSHA1: "SHA-1",
	x509.SHA256WithRSA: "SHA-256", x509.SHA256WithRSAPSS: "SHA-256", x509.DSAWithSHA256: "SHA-256", x509.ECDSAWithSHA256: "SHA-256",
	x509.SHA384WithRSA: "SHA-384", x509.SHA384WithRSAPSS: "SHA-384", x509.ECDSAWithSHA384: "SHA-384",
	x509.SHA512WithRSA: "SHA-512", x509.SHA512WithRSAPSS: "SHA-512", x509.ECDSAWithSHA512: "SHA-512",
	x509.PureEd25519: "SHA-512", // RFC 8032 §5.1
}

// describe says what of one certificate decides its strength. A key or a
// signature of a kind that Go does not know is Unknown, for it may well be a
// strong one.
func describe(c *x509.Certificate) (Link, error) {
	l := Link{Subject: c.Subject.String(), SelfSigned: signsItself(c), SignatureHash: signatureHashes[c.SignatureAlgorithm]}
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		l.KeyType, l.KeyBits = "RSA", int64(k.N.BitLen())
	case *ecdsa.PublicKey:
		l.KeyType, l.KeyBits = "ECDSA", int64(k.Curve.Params().BitSize)
	case ed25519.PublicKey:
		l.KeyType, l.KeyBits = "Ed25519", int64(8*len(k))
	case *dsa.PublicKey:
		l.KeyType, l.KeyBits = "DSA", int64(k.P.BitLen())
	}
	if l.KeyType == "" || l.SignatureHash == "" {
		return Link{}, unanswered("certificate of " + l.Subject + " has a key or a signature of an unknown kind")
	}
	return l, nil
}
