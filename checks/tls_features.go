package checks

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Features is the fact of tls.features: what a server does beside encrypting.
type Features struct {
	ALPN              []string           `json:"alpn" vi:"giao thức ứng dụng được nhận (ALPN)" en:"application protocols accepted (ALPN)"`
	HTTP2             bool               `json:"http2" vi:"hỗ trợ HTTP/2" en:"speaks HTTP/2"`
	Resumption        fact.Maybe[bool]   `json:"resumption" vi:"nối lại phiên cũ" en:"resumes sessions"`
	Stapled           bool               `json:"ocsp_stapled" vi:"gửi kèm trạng thái thu hồi (OCSP stapling)" en:"sends the revocation status along (OCSP stapling)"`
	MustStaple        bool               `json:"must_staple" vi:"chứng thư đòi gửi kèm trạng thái thu hồi" en:"certificate demands that it does"`
	SCTs              int                `json:"scts" vi:"số dấu thời gian minh bạch chứng thư (SCT), trong chứng thư và khi bắt tay" en:"certificate timestamps (SCT), in the certificate and the handshake"`
	ClientCertificate fact.Maybe[string] `json:"client_certificate" vi:"chứng thư số phía gọi: none (không hỏi), requested (có hỏi), required (bắt buộc)" en:"client certificate: none, requested or required"`
	ClientCAs         []string           `json:"client_cas" vi:"CA của chứng thư phía gọi được nhận" en:"authorities of client certificates"`
}

// Bounds of what is kept of a CertificateRequest.
const maxClientCAs = 64

// TLSFeatures makes whole handshakes with crypto/tls: one plain, one for each
// application protocol, one to resume the first.
var TLSFeatures = define(Check{
	ID:     "tls.features",
	Refs:   []string{"RFC 7301", "RFC 6066 §8", "RFC 7633", "RFC 6962 §3.3", "RFC 5077", "RFC 8446 §2.2", "RFC 8446 §4.3.2"},
	Speaks: inventory.OverTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Features, error) {
	f := Features{ALPN: []string{}, ClientCAs: []string{}}
	sessions := &sessions{ClientSessionCache: tls.NewLRUClientSessionCache(4)}
	leaf, err := f.first(ctx, p, sessions)
	if err != nil {
		return Features{}, err
	}
	f.MustStaple = hasExtension(leaf.Extensions, oidTLSFeature)
	f.SCTs += embeddedSCTs(leaf.Extensions)
	if p.Now().After(leaf.NotAfter) {
		f.Resumption = fact.Not[bool](fact.Because(fact.Prerequisite, "crypto/tls takes up no session with an expired certificate"))
	} else {
		f.Resumption = f.resumes(ctx, p, sessions)
	}
	for _, name := range []string{"h2", "http/1.1"} {
		ok, err := p.speaks(ctx, name)
		if err != nil {
			return Features{}, err
		}
		if ok {
			f.ALPN = append(f.ALPN, name)
		}
	}
	f.HTTP2 = slices.Contains(f.ALPN, "h2")
	return f, nil
})

// first makes the plain handshake and learns whether the server wants a
// certificate of its client. It requires one when it ends the talk with an
// alert for want of it; when it ends it in another way, nobody can tell.
func (f *Features) first(ctx context.Context, p *Probe, s *sessions) (*x509.Certificate, error) {
	var leaf *x509.Certificate
	asked := false
	c := tlsClient(p.Endpoint.Name())
	c.ClientSessionCache = s
	c.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		for _, dn := range r.AcceptableCAs[:min(len(r.AcceptableCAs), maxClientCAs)] {
			f.ClientCAs = append(f.ClientCAs, distinguishedName(dn))
		}
		return &tls.Certificate{}, nil
	}
	c.VerifyConnection = func(state tls.ConnectionState) error {
		leaf, f.Stapled, f.SCTs = state.PeerCertificates[0], len(state.OCSPResponse) > 0, len(state.SignedCertificateTimestamps)
		return nil
	}
	err := p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		t, err := p.secure(ctx, conn, c)
		if err == nil {
			err = s.listen(t)
		}
		if asked && isAlert(err) {
			return errWantsCertificate
		}
		return err
	})
	switch {
	case leaf == nil && err != nil:
		return nil, err
	case !asked:
		f.ClientCertificate = fact.Known("none")
	case errors.Is(err, errWantsCertificate):
		f.ClientCertificate = fact.Known("required")
	case err != nil:
		f.ClientCertificate = fact.Not[string](fact.FromError(err))
	default:
		f.ClientCertificate = fact.Known("requested")
	}
	return leaf, nil
}

// errWantsCertificate is a *fact.Unknown so that it passes through converse.
var errWantsCertificate = fact.Because(fact.Denied, "the server wants a certificate of its client")

// isAlert tells of an error that the server sent, apart from one of the wire.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// sessions keeps the sessions that a server grants and tells when one comes.
type sessions struct {
	tls.ClientSessionCache
	conn *tls.Conn
}

// Put is called by crypto/tls when a ticket arrives; nothing more need then be
// waited for.
func (s *sessions) Put(key string, state *tls.ClientSessionState) {
	s.ClientSessionCache.Put(key, state)
	if s.conn != nil {
		_ = s.conn.SetReadDeadline(time.Now())
	}
}

// listenFor is how long a server may take to send what follows a TLS 1.3
// handshake: a ticket, or the alert that it wants a certificate.
const listenFor = 300 * time.Millisecond

// listen waits for what follows the handshake. Silence is usual and no error;
// neither is a server that speaks first, or closes.
func (s *sessions) listen(t *tls.Conn) error {
	if t.ConnectionState().Version < tls.VersionTLS13 {
		return nil // all was said during the handshake
	}
	if err := t.SetReadDeadline(time.Now().Add(listenFor)); err != nil {
		return err
	}
	s.conn = t
	_, err := t.Read(make([]byte, 1))
	s.conn = nil
	var wire net.Error
	if errors.Is(err, io.EOF) || errors.As(err, &wire) && wire.Timeout() {
		return nil
	}
	return err
}

// resumes tells whether the session of the first handshake is taken up again.
func (f *Features) resumes(ctx context.Context, p *Probe, s *sessions) fact.Maybe[bool] {
	if want, _ := f.ClientCertificate.Get(); want == "required" {
		return fact.Not[bool](fact.Because(fact.Prerequisite, "there is no session without a certificate of the client"))
	}
	c := tlsClient(p.Endpoint.Name())
	c.ClientSessionCache = s
	resumed := false
	err := p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		t, err := p.secure(ctx, conn, c)
		if err == nil {
			resumed = t.ConnectionState().DidResume
		}
		return err
	})
	if err != nil {
		return fact.Not[bool](fact.FromError(err))
	}
	return fact.Known(resumed)
}

// speaks tells whether the server takes an application protocol. Refusing the
// handshake because of it (RFC 7301 §3.2) is an answer, and so is choosing one
// that was not offered, as Apache httpd does without mod_http2; what happens
// after the protocol was agreed is of no matter.
func (p *Probe) speaks(ctx context.Context, name string) (bool, error) {
	got, agreed, refused := "", false, false
	c := tlsClient(p.Endpoint.Name())
	c.NextProtos = []string{name}
	c.VerifyConnection = func(s tls.ConnectionState) error { got, agreed = s.NegotiatedProtocol, true; return nil }
	err := p.converseTLS(ctx, func(ctx context.Context, conn net.Conn) error {
		_, err := p.secure(ctx, conn, c)
		refused = isAlert(err) && strings.Contains(err.Error(), noApplicationProtocol.Error()) ||
			err != nil && strings.Contains(err.Error(), "selected unadvertised ALPN protocol")
		return err
	})
	if err != nil && !agreed && !refused {
		return false, err
	}
	return got == name, nil
}

const noApplicationProtocol = tls.AlertError(120)

var (
	oidTLSFeature = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}       // RFC 7633 §4
	oidSCTList    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2} // RFC 6962 §3.3
)

func hasExtension(all []pkix.Extension, id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(all, func(e pkix.Extension) bool { return e.Id.Equal(id) })
}

// embeddedSCTs counts the timestamps in a certificate: an OCTET STRING of a
// list with lengths of two bytes (RFC 6962 §3.3). A malformed list has none.
func embeddedSCTs(all []pkix.Extension) int {
	i := slices.IndexFunc(all, func(e pkix.Extension) bool { return e.Id.Equal(oidSCTList) })
	if i < 0 {
		return 0
	}
	var list []byte
	if _, err := asn1.Unmarshal(all[i].Value, &list); err != nil || len(list) < 2 {
		return 0
	}
	n := 0
	for list = list[2:]; len(list) >= 2; n++ {
		size := int(list[0])<<8 | int(list[1])
		if size == 0 || len(list) < 2+size {
			return 0
		}
		list = list[2+size:]
	}
	return n
}

// distinguishedName says a raw name as people write it.
func distinguishedName(raw []byte) string {
	var rdn pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &rdn); err != nil {
		return "?"
	}
	name := []rune(rdn.String())
	return string(name[:min(len(name), 200)])
}
