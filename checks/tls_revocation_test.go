package checks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/sansang/sansang/internal/inventory"
)

// issuing is a certificate authority of one test, with its two services.
type issuing struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	status int // of every certificate, as ocsp has it
	until  time.Duration
	server *httptest.Server
}

func newIssuing(t *testing.T, status int, until time.Duration) *issuing {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &issuing{key: key, status: status, until: until}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	ca.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/crl") {
			_, _ = w.Write(ca.crl(t))
			return
		}
		_, _ = w.Write(ca.ocsp(t))
	}))
	t.Cleanup(ca.server.Close)
	return ca
}

func (ca *issuing) from() time.Time { return time.Now().Add(-2 * time.Hour) }

func (ca *issuing) ocsp(t *testing.T) []byte {
	b, err := ocsp.CreateResponse(ca.cert, ca.cert, ocsp.Response{Status: ca.status, SerialNumber: big.NewInt(2), ThisUpdate: ca.from(), NextUpdate: time.Now().Add(ca.until), RevokedAt: ca.from()}, ca.key)
	if err != nil {
		t.Error(err)
	}
	return b
}

func (ca *issuing) crl(t *testing.T) []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: ca.from(), NextUpdate: time.Now().Add(ca.until)}
	if ca.status == ocsp.Revoked {
		list.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: big.NewInt(2), RevocationTime: ca.from()}}
	}
	b, err := x509.CreateRevocationList(rand.Reader, list, ca.cert, ca.key)
	if err != nil {
		t.Error(err)
	}
	return b
}

// endpoint runs a TLS server with a certificate of the authority.
func (ca *issuing) endpoint(t *testing.T, ocspURL, crlURL string, staple []byte) inventory.Endpoint {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	if ocspURL != "" {
		template.OCSPServer = []string{ocspURL}
	}
	if crlURL != "" {
		template.CRLDistributionPoints = []string{crlURL}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &ca.key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der, ca.cert.Raw}, PrivateKey: ca.key, OCSPStaple: staple}}}
	return serve(t, inventory.TLS, func(c net.Conn) { _ = tls.Server(c, config).Handshake() })
}

func TestRevocation(t *testing.T) {
	good, bad, old := newIssuing(t, ocsp.Good, time.Hour), newIssuing(t, ocsp.Revoked, time.Hour), newIssuing(t, ocsp.Revoked, -time.Hour)
	unknown := newIssuing(t, ocsp.Unknown, time.Hour)
	for name, c := range map[string]struct {
		e    inventory.Endpoint
		want string
	}{
		"stapled, good":                   {good.endpoint(t, "", "", good.ocsp(t)), `{"revoked": false, "seen_revoked": false, "source": "ocsp-stapled"}`},
		"stapled, revoked":                {bad.endpoint(t, "", "", bad.ocsp(t)), `{"revoked": true, "seen_revoked": true, "source": "ocsp-stapled"}`},
		"service, revoked":                {bad.endpoint(t, bad.server.URL, "", nil), `{"revoked": true, "source": "ocsp"}`},
		"service, good":                   {good.endpoint(t, good.server.URL+"/", "", nil), `{"revoked": false, "source": "ocsp"}`},
		"list, revoked":                   {bad.endpoint(t, "", bad.server.URL+"/crl", nil), `{"revoked": true, "source": "crl"}`},
		"list, good":                      {good.endpoint(t, "", good.server.URL+"/crl", nil), `{"revoked": false, "source": "crl"}`},
		"the service does not know":       {unknown.endpoint(t, unknown.server.URL, unknown.server.URL+"/crl", nil), `{"revoked": false, "source": "crl"}`},
		"an old answer is none":           {old.endpoint(t, old.server.URL, "", old.ocsp(t)), `{"revoked": {"unknown": {"cause": "unanswered"}}, "seen_revoked": false}`},
		"another authority's answer":      {good.endpoint(t, bad.server.URL, "", nil), `{"revoked": {"unknown": {"cause": "unanswered"}}}`},
		"an answer that is none":          {good.endpoint(t, "", "", []byte("x")), `{"revoked": {"unknown": {"cause": "unanswered"}}}`},
		"nowhere to ask":                  {good.endpoint(t, "", "", nil), `{"revoked": {"unknown": {"cause": "prerequisite"}}}`},
		"a service that is not for us":    {good.endpoint(t, "http://198.51.100.9/ocsp", "", nil), `{"revoked": {"unknown": {"cause": "out-of-scope"}}, "services": ["http://198.51.100.9/ocsp"]}`},
		"not for us beside a broken list": {good.endpoint(t, "http://198.51.100.9/ocsp", good.server.URL+"/other", nil), `{"revoked": {"unknown": {"cause": "out-of-scope"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			obs := observe(t, TLSRevocation, c.e, 5*time.Second)
			if obs.Unknown != nil {
				t.Fatal(obs.Unknown)
			}
			if diff := differs("fact", decode(t, []byte(c.want)), decode(t, obs.Value)); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, obs.Value)
			}
		})
	}
}
