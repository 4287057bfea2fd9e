package pdfsig

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// verdict ends the reading of a signature with what is to be said of it.
type verdict struct {
	state State
	why   lang.Text
}

func unknown(vi, en string) *verdict { return &verdict{Unknown, lang.T(vi, en)} }
func invalid(vi, en string) *verdict { return &verdict{Invalid, lang.T(vi, en)} }

// read tells the state of the signature in a dictionary.
func (d dict) read(data []byte, roots *x509.CertPool, at time.Time) Signature {
	s := Signature{State: Valid, Signed: d.claimed(data), Timestamp: nameOf(data, d.kind) == "DocTimeStamp"}
	r, state, why := d.covered(data)
	s.end = min(r.end, int64(len(data)))
	if state != Valid {
		s.State, s.Why = state, why
		return s
	}
	s.Whole = r.whole(data)
	if v := d.verify(&s, data, r.parts(data), roots, at); v != nil {
		s.State, s.Why = v.state, v.why
	}
	return s
}

// verify fills in what the CMS says, and tells what is wrong with it; nil if
// nothing.
func (d dict) verify(s *Signature, data []byte, signed [][]byte, roots *x509.CertPool, at time.Time) *verdict {
	if d.contents.end-d.contents.start > maxCMS {
		return unknown("nội dung chữ ký (Contents) lớn quá mức bình thường", "the content of the signature (Contents) is larger than any should be")
	}
	raw, ok := d.cms(data)
	if !ok {
		return unknown("nội dung chữ ký (Contents) không ở dạng thập lục phân", "the content of the signature (Contents) is not hexadecimal")
	}
	switch form := nameOf(data, d.subFilter); form {
	case "adbe.pkcs7.detached", "ETSI.CAdES.detached", "ETSI.RFC3161", "":
	default:
		return &verdict{Unknown, lang.Tf("dạng chữ ký %q không xét được", "signatures of the form %q cannot be verified", form[:min(len(form), 40)])}
	}
	sd, err := readCMS(raw)
	switch {
	case err != nil:
		return unknown("không đọc được nội dung chữ ký (CMS)", "the content of the signature (CMS) cannot be read")
	case len(sd.SignerInfos) == 0:
		return invalid("nội dung chữ ký không có chữ ký nào", "the content of the signature holds no signature")
	case len(sd.SignerInfos) > 1:
		return unknown("một chữ ký có nhiều người ký", "one signature has several signers")
	}
	si := sd.SignerInfos[0]
	cert := sd.signer(si)
	if cert == nil {
		if sd.unreadable != nil {
			return unknown("không đọc được chứng thư số của người ký", "the certificate of the signer cannot be read")
		}
		return unknown("chữ ký không kèm chứng thư số của người ký", "the certificate of the signer is not there")
	}
	s.Signer, s.Issuer = nameIn(cert.Subject), nameIn(cert.Issuer)
	digest := hashes[si.DigestAlgorithm.Algorithm.String()]
	a, known := algorithmOf(si.SignatureAlgorithm, digest)
	if digest == 0 || !known {
		return unknown("thuật toán ký không xét được ở đây", "the algorithm of the signature cannot be verified here")
	}
	s.Digest = digest.String()
	content, typ, bad := s.content(sd, signed)
	if bad != nil {
		return bad
	}
	message := content
	attrs, err := si.signedAttributes()
	if err != nil {
		return unknown("không đọc được các thuộc tính đã ký", "the signed attributes cannot be read")
	}
	if attrs != nil {
		if v := s.attributes(attrs, digest, content, typ, cert); v != nil {
			return v
		}
		message = [][]byte{attrs.signed}
	} else if !typ.Equal(oidData) {
		return invalid("thiếu thuộc tính bắt buộc phải ký", "a signed attribute that there must be is missing")
	}
	if err := a.verify(cert.PublicKey, message, si.Signature); err != nil {
		return refused(err)
	}
	s.chain(cert, sd.certificates, roots, at)
	return s.doubts(cert, digest, a.hash)
}

// content gives what the CMS signs: the bytes of the file, or of a timestamp
// the statement about them (RFC 3161, ISO 32000-2 §12.8.5).
func (s *Signature) content(sd *signedData, signed [][]byte) ([][]byte, asn1.ObjectIdentifier, *verdict) {
	inner := sd.Encapsulated
	s.Timestamp = s.Timestamp || inner.Type.Equal(oidTSTInfo)
	if !s.Timestamp {
		if !inner.Type.Equal(oidData) || len(inner.Content.FullBytes) > 0 {
			return nil, nil, unknown("chữ ký kèm cả nội dung đã ký, dạng này không xét được", "the signature carries what it signs, which cannot be verified here")
		}
		return signed, oidData, nil
	}
	var octets []byte
	var t tstInfo
	if _, err := asn1.Unmarshal(inner.Content.Bytes, &octets); err != nil || !inner.Type.Equal(oidTSTInfo) {
		return nil, nil, unknown("không đọc được dấu thời gian", "the timestamp cannot be read")
	}
	if _, err := asn1.Unmarshal(octets, &t); err != nil {
		return nil, nil, unknown("không đọc được dấu thời gian", "the timestamp cannot be read")
	}
	h := hashes[t.Imprint.Algorithm.Algorithm.String()]
	if h == 0 || h == crypto.SHA1 {
		return nil, nil, unknown("thuật toán băm của dấu thời gian không xét được hoặc đã yếu", "the hash of the timestamp cannot be verified here, or is weak")
	}
	s.Signed = t.Time
	if !bytes.Equal(sum(h, signed), t.Imprint.Digest) {
		return nil, nil, changed
	}
	return [][]byte{octets}, oidTSTInfo, nil
}

var changed = invalid("nội dung tệp đã thay đổi sau khi ký", "the file was changed after it was signed")

// attributes holds the signed attributes to RFC 5652 §11 and RFC 5035 §3.
func (s *Signature) attributes(a *attributes, digest crypto.Hash, content [][]byte, typ asn1.ObjectIdentifier, cert *x509.Certificate) *verdict {
	var of asn1.ObjectIdentifier
	var want []byte
	switch {
	case !a.one(oidMessageDigest, &want), !a.one(oidContentType, &of):
		return invalid("thiếu thuộc tính bắt buộc phải ký", "a signed attribute that there must be is missing")
	case !of.Equal(typ):
		return invalid("chữ ký là của nội dung loại khác", "the signature is of content of another type")
	case !bytes.Equal(want, sum(digest, content)):
		return changed
	}
	var t time.Time
	if !s.Timestamp && a.one(oidSigningTime, &t) {
		s.Signed = t
	}
	if !a.has(oidSigningCertV2) {
		return nil
	}
	var ids struct {
		List []struct {
			Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
			Digest    []byte
		}
	}
	if !a.one(oidSigningCertV2, &ids) || len(ids.List) == 0 {
		return unknown("không đọc được các thuộc tính đã ký", "the signed attributes cannot be read")
	}
	first, h := ids.List[0], crypto.SHA256
	if len(first.Algorithm.Algorithm) > 0 {
		if h = hashes[first.Algorithm.Algorithm.String()]; h == 0 {
			return unknown("thuật toán ký không xét được ở đây", "the algorithm of the signature cannot be verified here")
		}
	}
	if !bytes.Equal(first.Digest, sum(h, [][]byte{cert.Raw})) {
		return invalid("chứng thư số kèm theo không phải chứng thư đã dùng để ký", "the certificate is not the one that signed")
	}
	return nil
}

func refused(err error) *verdict {
	switch {
	case errors.Is(err, errForged):
		return invalid("chữ ký không khớp với nội dung và chứng thư số kèm theo", "the signature does not fit what is signed and its certificate")
	case errors.Is(err, errWeakKey):
		return unknown("khóa ký ngắn dưới 2048 bit, không còn chứng minh được gì", "the key is shorter than 2048 bits and proves nothing any more")
	}
	return unknown("thuật toán ký không xét được ở đây", "the algorithm of the signature cannot be verified here")
}

// doubts tells what leaves open what a signature that verifies is worth. With
// SHA-1 two files can be made that have one signature (SHAttered, 2017, with
// PDFs), so that such a signature fits proves nothing: Unknown, while one that
// does not fit is Invalid all the same.
func (s *Signature) doubts(cert *x509.Certificate, used ...crypto.Hash) *verdict {
	for _, h := range used {
		if h == crypto.SHA1 {
			return unknown("chữ ký khớp nhưng dùng SHA-1 đã bị phá, không còn chứng minh được gì", "the signature fits but uses SHA-1, which is broken, and proves nothing any more")
		}
	}
	if !s.Signed.IsZero() && (s.Signed.Before(cert.NotBefore) || s.Signed.After(cert.NotAfter)) {
		return unknown("chứng thư số không có hiệu lực vào lúc ký", "the certificate was not in force at the time of signing")
	}
	return nil
}

// chain tells whether the certificate leads to one of the roots, at the time
// of signing where one is claimed.
func (s *Signature) chain(cert *x509.Certificate, others []*x509.Certificate, roots *x509.CertPool, at time.Time) {
	if s.Chain = ChainNotChecked; roots == nil {
		return
	}
	if !s.Signed.IsZero() {
		at = s.Signed
	}
	pool := x509.NewCertPool()
	for _, c := range others {
		pool.AddCert(c)
	}
	s.Chain = ChainTrusted
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		s.Chain, s.ChainWhy = ChainUntrusted, strings.TrimPrefix(err.Error(), "x509: ")
	}
}

// nameIn gives a name as the certificate has it, cut to what can be read.
func nameIn(n pkix.Name) Name {
	return Name{Common: short(n.CommonName), Organisation: short(strings.Join(n.Organization, ", "))}
}

func short(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
