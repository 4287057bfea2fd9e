package pdfsig

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// maxCertificates bounds those that a signature brings along.
const maxCertificates = 32

// The object identifiers of RFC 5652, RFC 5035 and RFC 3161.
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

// signedDataForm is RFC 5652 §5.1.
type signedDataForm struct {
	Version          int
	DigestAlgorithms asn1.RawValue
	Encapsulated     contentInfo
	Certificates     asn1.RawValue `asn1:"optional,tag:0"`
	RevocationInfo   asn1.RawValue `asn1:"optional,tag:1"`
	SignerInfos      []signerInfo  `asn1:"set"`
}

// signedData is one that was read.
type signedData struct {
	signedDataForm
	certificates []*x509.Certificate
	unreadable   error // of a certificate that is not among them
}

// signerInfo is RFC 5652 §5.3.
type signerInfo struct {
	Version            int
	ID                 asn1.RawValue
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttributes   asn1.RawValue `asn1:"optional,tag:0"`
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
	UnsignedAttributes asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue
}

// tstInfo is the beginning of RFC 3161 §2.4.2.
type tstInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Serial *big.Int
	Time   time.Time `asn1:"generalized"`
}

var errForm = errors.New("not of the form")

// readCMS reads the SignedData in which a signature is kept. What follows it is
// padding.
func readCMS(b []byte) (*signedData, error) {
	sd, err := readDER(b)
	if err != nil {
		if der, _, berr := definite(b, 0); berr == nil {
			return readDER(der)
		}
	}
	return sd, err
}

func readDER(b []byte) (*signedData, error) {
	var outer contentInfo
	if _, err := asn1.Unmarshal(b, &outer); err != nil {
		return nil, err
	}
	if !outer.Type.Equal(oidSignedData) {
		return nil, errForm
	}
	var sd signedDataForm
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &sd); err != nil {
		return nil, err
	}
	out := &signedData{signedDataForm: sd}
	for rest := sd.Certificates.Bytes; len(rest) > 0 && len(out.certificates) < maxCertificates; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return nil, err
		}
		if one.Class != asn1.ClassUniversal || one.Tag != asn1.TagSequence {
			continue // an attribute certificate: nobody signs with one
		}
		c, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			out.unreadable = err
			continue
		}
		out.certificates = append(out.certificates, c)
	}
	return out, nil
}

// signer finds the certificate that a SignerInfo names, nil if it is not there.
func (sd *signedData) signer(si signerInfo) *x509.Certificate {
	var by issuerAndSerial
	if si.ID.Class == asn1.ClassUniversal {
		if rest, err := asn1.Unmarshal(si.ID.FullBytes, &by); err != nil || len(rest) > 0 || by.Serial == nil {
			return nil
		}
	}
	for _, c := range sd.certificates {
		if by.Serial != nil && c.SerialNumber.Cmp(by.Serial) == 0 && bytes.Equal(c.RawIssuer, by.Issuer.FullBytes) {
			return c
		}
		if by.Serial == nil && si.ID.Class == asn1.ClassContextSpecific && si.ID.Tag == 0 && len(c.SubjectKeyId) > 0 && bytes.Equal(c.SubjectKeyId, si.ID.Bytes) {
			return c
		}
	}
	return nil
}

// attributes are the signed attributes, as they are and as they are signed
// (RFC 5652 §5.4: with the tag of SET OF).
type attributes struct {
	list   []attribute
	signed []byte
}

// signedAttributes gives nil where there are none.
func (si signerInfo) signedAttributes() (*attributes, error) {
	if len(si.SignedAttributes.FullBytes) == 0 {
		return nil, nil
	}
	a := &attributes{signed: bytes.Clone(si.SignedAttributes.FullBytes)}
	a.signed[0] = asn1.TagSet | 0x20
	rest, err := asn1.UnmarshalWithParams(a.signed, &a.list, "set")
	if err == nil && len(rest) > 0 {
		err = errForm
	}
	return a, err
}

// one reads the single value of an attribute. There may be one of each
// (RFC 5652 §11); ok is false when there is none, or more.
func (a *attributes) one(of asn1.ObjectIdentifier, into any) (ok bool) {
	n := 0
	for _, at := range a.list {
		if !at.Type.Equal(of) {
			continue
		}
		n++
		rest, err := asn1.Unmarshal(at.Values.Bytes, into)
		ok = err == nil && len(rest) == 0
	}
	return ok && n == 1
}

func (a *attributes) has(of asn1.ObjectIdentifier) bool {
	for _, at := range a.list {
		if at.Type.Equal(of) {
			return true
		}
	}
	return false
}
