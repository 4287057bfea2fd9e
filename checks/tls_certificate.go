package checks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Certificate is the fact of tls.certificate. Trust is apart from dates and
// name: an expired certificate of a trusted authority is trusted, and its
// NotAfter is in the past.
type Certificate struct {
	Subject      string    `json:"subject" vi:"chủ thể" en:"subject"`
	Issuer       string    `json:"issuer" vi:"tổ chức cấp" en:"issuer"`
	Names        []string  `json:"names" vi:"các tên miền và địa chỉ được cấp (SAN)" en:"names and addresses it is for (SAN)"`
	NotBefore    time.Time `json:"not_before" vi:"có hiệu lực từ" en:"valid from"`
	NotAfter     time.Time `json:"not_after" vi:"có hiệu lực đến" en:"valid until"`
	LifetimeDays int64     `json:"lifetime_days" vi:"thời hạn (ngày)" en:"lifetime (days)"`
	NameMatches  bool      `json:"name_matches" vi:"khớp với tên máy chủ" en:"matches the server's name"`
	SelfSigned   bool      `json:"self_signed" vi:"tự ký" en:"self-signed"`
	Trusted      bool      `json:"trusted" vi:"được tin cậy" en:"trusted"`
	TrustedBy    string    `json:"trusted_by" vi:"được tin cậy theo danh sách nào (hệ thống hay đơn vị khai báo)" en:"trusted by which list (system or declared)"`
	TrustProblem string    `json:"trust_problem" vi:"lý do không được tin cậy" en:"why it is not trusted"`
	KeyType      string    `json:"key_type" vi:"loại khóa" en:"key type"`
	KeyBits      int64     `json:"key_bits" vi:"độ dài khóa (bit)" en:"key size (bits)"`
	ROCA         bool      `json:"roca" vi:"khóa RSA mang dấu vết lỗi ROCA (CVE-2017-15361)" en:"RSA key bears the mark of ROCA (CVE-2017-15361)"`
	Ordered      bool      `json:"chain_ordered" vi:"chuỗi gửi đúng thứ tự" en:"chain sent in order"`
	RootSent     bool      `json:"root_sent" vi:"gửi thừa chứng thư gốc" en:"root sent needlessly"`
	Chain        []Link    `json:"chain" vi:"chuỗi chứng thư số máy chủ gửi" en:"certificates that the server sent"`
}

// Link is one certificate as the server sent it, the leaf first.
type Link struct {
	Subject       string `json:"subject" vi:"chủ thể" en:"subject"`
	KeyType       string `json:"key_type" vi:"loại khóa" en:"key type"`
	KeyBits       int64  `json:"key_bits" vi:"độ dài khóa (bit)" en:"key size (bits)"`
	SignatureHash string `json:"signature_hash" vi:"hàm băm của chữ ký" en:"hash of the signature"`
	SelfSigned    bool   `json:"self_signed" vi:"tự ký" en:"self-signed"`
}

// TLSCertificate completes a TLS handshake, or goes as far as a server goes
// that wants a certificate of us, and looks at the chain it was shown.
var TLSCertificate = define(Check{
	ID:     "tls.certificate",
	Refs:   []string{"RFC 5280 §6", "RFC 9525", "RFC 8446 §4.4.2", "CA/B Forum BR §6.3.2"},
	Speaks: inventory.OverTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Certificate, error) {
	s, err := p.show(ctx)
	if err != nil {
		return Certificate{}, err
	}
	f, err := ReadCertificate(s.chain, p.Endpoint.Name())
	if err != nil {
		return Certificate{}, err
	}
	return f, f.trust(s.chain, p.Roots, p.Now())
})

// ReadCertificate tells of a chain, the leaf first, all but whom it is trusted
// by. name is that of the server. A kind of key that is not known is an error.
func ReadCertificate(chain []*x509.Certificate, name string) (Certificate, error) {
	leaf := chain[0]
	f := Certificate{
		Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(),
		Names:     names(leaf),
		NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter,
		LifetimeDays: lifetimeDays(leaf),
		NameMatches:  leaf.VerifyHostname(name) == nil,
		SelfSigned:   signsItself(leaf),
	}
	for _, c := range chain {
		link, err := describe(c)
		if err != nil {
			return Certificate{}, err
		}
		f.Chain = append(f.Chain, link)
	}
	f.KeyType, f.KeyBits = f.Chain[0].KeyType, f.Chain[0].KeyBits
	f.ROCA, f.Ordered, f.RootSent = bearsROCA(leaf), ordered(chain), len(chain) > 1 && signsItself(chain[len(chain)-1])
	return f, nil
}

// shown is what a server shows of itself: its chain, and the revocation state
// it sent along.
type shown struct {
	chain  []*x509.Certificate
	staple []byte
}

// show gives what the server showed, once it has proved that it holds the key:
// by finishing the handshake, or by asking for our certificate, which comes
// after the proof but with the old key exchange by RSA.
func (p *Probe) show(ctx context.Context) (shown, error) {
	var raw [][]byte
	var s shown
	asked := false
	c := tlsClient(p.Endpoint.Name())
	c.VerifyPeerCertificate = func(certs [][]byte, _ [][]*x509.Certificate) error { raw = certs; return nil }
	c.VerifyConnection = func(state tls.ConnectionState) error { s.staple = state.OCSPResponse; return nil }
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return &tls.Certificate{}, nil
	}
	err := p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		_, err := p.secure(ctx, conn, c)
		return err
	})
	if proved := asked && len(raw) > 0; err != nil && !proved {
		return shown{}, err
	}
	for _, der := range raw {
		p.Note("certificate", der)
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return shown{}, unanswered("a certificate that cannot be read: " + err.Error())
		}
		s.chain = append(s.chain, cert)
	}
	if len(s.chain) == 0 {
		return shown{}, unanswered("the server shows no certificate")
	}
	return s, nil
}

// trust looks for a way from the leaf to an authority of the system or of the
// unit.
func (f *Certificate) trust(chain []*x509.Certificate, declared *x509.CertPool, now time.Time) error {
	system, err := x509.SystemCertPool()
	if err != nil {
		system = x509.NewCertPool()
	}
	problem := verify(chain, system, now)
	if problem == nil {
		f.Trusted, f.TrustedBy = true, "system"
		return nil
	}
	if declared != nil {
		if problem = verify(chain, declared, now); problem == nil {
			f.Trusted, f.TrustedBy = true, "declared"
			return nil
		}
	}
	if system.Equal(x509.NewCertPool()) {
		return fact.Because(fact.Prerequisite, "this machine has no list of trusted authorities")
	}
	f.TrustProblem = unanswered(problem.Error()).Detail
	return nil
}

// verify tells whether the chain leads to one of the roots, now or, if the
// leaf is not valid now, at the nearest time at which it is.
func verify(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	leaf := chain[0]
	if now.Before(leaf.NotBefore) {
		now = leaf.NotBefore
	}
	if now.After(leaf.NotAfter) {
		now = leaf.NotAfter
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

// signsItself tells whether c is its own issuer. Go refuses to check a
// signature with MD5 or SHA-1; there the names decide.
func signsItself(c *x509.Certificate) bool {
	if string(c.RawSubject) != string(c.RawIssuer) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var weak x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &weak)
}

// ordered tells whether each certificate names the next as its issuer, as TLS
// 1.2 demands (RFC 5246 §7.4.2) and TLS 1.3 advises.
func ordered(chain []*x509.Certificate) bool {
	for i, c := range chain[:len(chain)-1] {
		if string(c.RawIssuer) != string(chain[i+1].RawSubject) {
			return false
		}
	}
	return true
}

// lifetimeDays counts both ends (RFC 5280 §4.1.2.5) and a begun day as a day,
// as the CA/Browser Forum does.
func lifetimeDays(c *x509.Certificate) int64 {
	const day = 24 * time.Hour
	life := c.NotAfter.Sub(c.NotBefore) + time.Second
	return int64((life + day - 1) / day)
}

func names(c *x509.Certificate) []string {
	out := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}
