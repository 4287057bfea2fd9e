package checks

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// sslServer starts Debian's openssl s_server with a certificate of RSA.
func sslServer(t *testing.T, args ...string) inventory.Endpoint {
	t.Helper()
	path, dir, address := program(t, "openssl"), t.TempDir(), freeAddress(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "s_server"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert := write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	secret := write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
	daemon(t, address, path, append([]string{"s_server", "-accept", address, "-cert", cert, "-key", secret, "-www", "-quiet"}, args...)...)
	return inventory.Endpoint{ID: "s_server", Target: address, Kind: inventory.TLS}
}

// TestRealOpenSSLHoles looks for holes in a server that has none, though it
// accepts nearly everything.
func TestRealOpenSSLHoles(t *testing.T) {
	t.Parallel()
	expect(t, sslServer(t, "-cipher", "ALL:@SECLEVEL=0", "-tls1_2"), map[*Check]string{
		TLSHeartbleed:    `{"heartbeat_offered": false, "vulnerable": false, "excess_bytes": 0}`,
		TLSCCS:           `{"vulnerable": false, "answer": "alert unexpected_message(10)"}`,
		TLSRobot:         `{"rsa_key_exchange": true, "vulnerable": false, "strength": ""}`,
		TLSRenegotiation: `{"secure": true, "client_initiated": false}`,
		TLSCompression:   `{"deflate": false}`,
		TLSFallback:      `{"needed": false}`,
		TLSTicketbleed:   `{"tickets": true, "vulnerable": false}`,
	})
	expect(t, sslServer(t, "-no_ticket"), map[*Check]string{TLSTicketbleed: `{"tickets": false, "vulnerable": false}`})
}

func TestRealOpenSSLOldVersions(t *testing.T) {
	t.Parallel()
	expect(t, sslServer(t, "-cipher", "kRSA:@SECLEVEL=0", "-no_tls1_2", "-no_tls1_3"), map[*Check]string{
		TLSCCS:           `{"vulnerable": false, "answer": "alert unexpected_message(10)"}`,
		TLSRobot:         `{"rsa_key_exchange": true, "vulnerable": false}`,
		TLSFallback:      `{"needed": true, "scsv": true}`,
		TLSRenegotiation: `{"secure": true, "client_initiated": {"unknown": {"cause": "prerequisite"}}}`,
	})
}

// TestRealOpenSSLOnly13 holds that what TLS 1.3 does not have is not asked.
func TestRealOpenSSLOnly13(t *testing.T) {
	t.Parallel()
	expect(t, sslServer(t, "-tls1_3"), map[*Check]string{
		TLSHeartbleed:    `{"heartbeat_offered": false, "vulnerable": false}`,
		TLSCCS:           `{"vulnerable": false, "answer": "not asked: TLS 1.3 only"}`,
		TLSRobot:         `{"rsa_key_exchange": false, "vulnerable": false}`,
		TLSRenegotiation: `{"secure": true, "client_initiated": false}`,
		TLSCompression:   `{"deflate": false}`,
		TLSFallback:      `{"needed": false}`,
		TLSTicketbleed:   `{"tickets": false, "vulnerable": false}`,
	})
}

func TestRealOpenSSLRenegotiates(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "AES128-GCM-SHA256"} {
		expect(t, sslServer(t, "-tls1_2", "-client_renegotiation", "-cipher", suite), map[*Check]string{
			TLSRenegotiation: `{"secure": true, "client_initiated": true}`,
		})
	}
}

// TestRealNginxHoles does the same with nginx.
func TestRealNginxHoles(t *testing.T) {
	t.Parallel()
	e := nginx(t, func(string) string { return "return 404;" }, "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT:@SECLEVEL=0;")
	expect(t, e, map[*Check]string{
		TLSHeartbleed:    `{"heartbeat_offered": false, "vulnerable": false}`,
		TLSCCS:           `{"vulnerable": false, "answer": "alert unexpected_message(10)"}`,
		TLSRobot:         `{"rsa_key_exchange": false, "vulnerable": false}`,
		TLSRenegotiation: `{"secure": true, "client_initiated": false}`,
		TLSCompression:   `{"deflate": false}`,
		TLSFallback:      `{"needed": true, "scsv": true}`,
		TLSTicketbleed:   `{"tickets": true, "vulnerable": false}`,
	})
}
