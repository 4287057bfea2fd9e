package checks

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"math/big"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

const nginxConfig = `
daemon off;
pid %[1]s/nginx.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	default_type text/html;
	ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
	server { listen %[2]s; %[4]s }
	server { listen %[3]s ssl; %[5]s location = / { return 200 "<!DOCTYPE html><title>Xin chào</title>"; } location / { return 404; } }
}
`

// nginx starts it and gives its endpoint.
func nginx(t testing.TB, plain func(secure string) string, secure string) inventory.Endpoint {
	path, dir := program(t, "nginx"), t.TempDir()
	writeCertificate(t, dir)
	http, https := freeAddress(t), freeAddress(t)
	config := write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(nginxConfig, dir, http, https, plain(https), secure))
	daemon(t, https, path, "-c", config, "-e", "stderr")
	return inventory.Endpoint{ID: "nginx", Target: "https://" + https + "/", Kind: inventory.HTTPS, Plain: "http://" + http + "/"}
}

func writeCertificate(t testing.TB, dir string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "nginx"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}

func TestRealNginxGood(t *testing.T) {
	e := nginx(t, func(https string) string { return "server_tokens off; return 301 https://" + https + "$request_uri;" }, `
		server_tokens off;
		ssl_protocols TLSv1.2 TLSv1.3;
		add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;
		add_header Content-Security-Policy "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'" always;
		add_header X-Content-Type-Options nosniff always;
		add_header Referrer-Policy strict-origin-when-cross-origin always;
		add_header Set-Cookie "PHPSESSID=x; Secure; HttpOnly; SameSite=Lax";`)
	expect(t, e, map[*Check]string{
		TCPOpen:        `{"open": true}`,
		TLSVersions:    `{"ssl2": false, "ssl3": false, "tls10": false, "tls11": false, "tls12": true, "tls13": true}`,
		TLSCertificate: `{"subject": "CN=nginx", "name_matches": true, "self_signed": true, "trusted": false, "key_type": "ECDSA", "key_bits": 256}`,
		HTTPAnswer:     `{"status": 200, "document": true}`,
		HTTPRedirect:   `{"open": true, "status": 301, "to_https": true, "same_host": true, "permanent": true, "content": false, "ends_https": true}`,
		HTTPHeaders:    `{"hsts": true, "hsts_max_age": 31536000, "csp": true, "framing_protected": true, "nosniff": true, "referrer_policy": "strict-origin-when-cross-origin"}`,
		HTTPCookies:    `{"cookies": [{"name": "PHPSESSID", "session": true, "secure": true, "http_only": true, "same_site": "Lax"}]}`,
		HTTPDisclosure: `{"versions": [], "stack_trace": false}`,
		ClockSkew:      `{"skew_seconds": 0.0}`,
	})
	compareSSLScan(t, e)
}

func TestRealNginxBad(t *testing.T) {
	e := nginx(t, func(string) string { return `location / { return 200 "Xin chào"; }` }, `
		server_tokens on;
		ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers DEFAULT:@SECLEVEL=0;
		add_header Set-Cookie "PHPSESSID=x";`)
	expect(t, e, map[*Check]string{
		TLSVersions:  `{"ssl2": false, "ssl3": false, "tls10": true, "tls11": true, "tls12": true, "tls13": false}`,
		HTTPRedirect: `{"open": true, "status": 200, "to_https": false, "content": true, "ends_https": false}`,
		HTTPHeaders:  `{"hsts": false, "csp": false, "framing_protected": false, "nosniff": false, "referrer_policy": ""}`,
		HTTPCookies:  `{"cookies": [{"name": "PHPSESSID", "session": true, "secure": false, "http_only": false, "same_site": ""}]}`,
	})
	var f Disclosure
	decodeFact(t, e, HTTPDisclosure, &f)
	if len(f.Versions) != 2 || !strings.HasPrefix(f.Versions[0], "Server: nginx/1.") || !strings.HasPrefix(f.Versions[1], "error page: nginx/1.") {
		t.Errorf("versions %q, want that of nginx in the header and on the error page", f.Versions)
	}
	compareSSLScan(t, e)
}

// sslscanKnows are the kinds that sslscan can turn to TLS, by its options. Not
// here: ldap, with which it fails on OpenLDAP ("unknown error"), which openssl
// and we do not.
var sslscanKnows = map[inventory.Kind]string{
	inventory.SMTP: "--starttls-smtp", inventory.POP3: "--starttls-pop3", inventory.IMAP: "--starttls-imap", inventory.FTP: "--starttls-ftp",
	inventory.Postgres: "--starttls-psql", inventory.MySQL: "--starttls-mysql", inventory.RDP: "--rdp",
}

// compareSSLScan asks Debian's sslscan, which sends hellos of its own too,
// for the versions.
func compareSSLScan(t *testing.T, e inventory.Endpoint) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := []string{"--xml=-", "--no-ciphersuites", "--no-cipher-details", "--no-heartbleed",
		"--no-groups", "--no-check-certificate", "--no-renegotiation", "--no-compression", "--no-fallback", e.Address()}
	if as := sslscanKnows[e.Kind]; as != "" {
		args = append([]string{as}, args...)
	}
	out, err := exec.CommandContext(ctx, program(t, "sslscan"), args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Protocols []struct {
			Type    string `xml:"type,attr"`
			Version string `xml:"version,attr"`
			Enabled bool   `xml:"enabled,attr"`
		} `xml:"ssltest>protocol"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	var fact map[string]bool
	decodeFact(t, e, TLSVersions, &fact)
	if len(doc.Protocols) != len(fact) {
		t.Errorf("sslscan tells of %d versions in\n%s", len(doc.Protocols), out)
	}
	for _, p := range doc.Protocols {
		name := p.Type + strings.ReplaceAll(p.Version, ".", "")
		if ours, ok := fact[name]; !ok || ours != p.Enabled {
			t.Errorf("%s: sslscan says %v, we say %v", name, p.Enabled, ours)
		}
	}
}
