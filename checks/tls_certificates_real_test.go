package checks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// issued is a certificate in a file, and its fingerprint.
type issued struct{ cert, key, sha256 string }

// issue makes a key by openssl, as "EC -pkeyopt ec_paramgen_curve:P-256", and
// signs a certificate with it.
func issue(t *testing.T, dir, name, kind string) issued {
	t.Helper()
	i := issued{cert: filepath.Join(dir, name+".pem"), key: filepath.Join(dir, name+".key")}
	args := append([]string{"req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name,
		"-keyout", i.key, "-out", i.cert, "-newkey"}, strings.Fields(kind)...)
	if out, err := exec.CommandContext(t.Context(), program(t, "openssl"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program(t, "openssl"), "x509", "-in", i.cert, "-outform", "DER").Output()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out)
	i.sha256 = hex.EncodeToString(sum[:])
	return i
}

const (
	ecP256 = "ec -pkeyopt ec_paramgen_curve:P-256"
	ecP384 = "ec -pkeyopt ec_paramgen_curve:P-384"
)

const twoCertificates = `
daemon off;
pid %[1]s/nginx.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT:@SECLEVEL=0;
	server { listen %[2]s ssl default_server; %[3]s }
	server { listen %[2]s ssl; server_name hai.test; ssl_certificate %[1]s/hai.test.pem; ssl_certificate_key %[1]s/hai.test.key;
		ssl_certificate %[1]s/cu.test.pem; ssl_certificate_key %[1]s/cu.test.key; }
}
`

// TestRealNginxCertificates looks at a site with two certificates beside a
// default site with another, or none.
func TestRealNginxCertificates(t *testing.T) {
	t.Parallel()
	path, dir := program(t, "nginx"), t.TempDir()
	ours := []issued{issue(t, dir, "hai.test", ecP384), issue(t, dir, "cu.test", "rsa:2048")}
	other := issue(t, dir, "mac-dinh.test", ecP256)
	for _, c := range []struct{ site, without string }{
		{"ssl_certificate " + other.cert + "; ssl_certificate_key " + other.key + ";", "other"},
		{"ssl_certificate " + ours[0].cert + "; ssl_certificate_key " + ours[0].key + "; ssl_certificate " + ours[1].cert + "; ssl_certificate_key " + ours[1].key + ";", "same"},
		{"ssl_certificate " + ours[0].cert + "; ssl_certificate_key " + ours[0].key + ";", "other"}, // one of the two
		{"ssl_reject_handshake on;", "none"},
	} {
		address := freeAddress(t)
		daemon(t, address, path, "-c", write(t, filepath.Join(t.TempDir(), "nginx.conf"), fmt.Sprintf(twoCertificates, dir, address, c.site)), "-e", "stderr")
		e := inventory.Endpoint{ID: "nginx", Target: "https://" + address + "/", Kind: inventory.HTTPS, ServerName: "hai.test"}
		f := certificatesOf(t, e)
		if types, u := f.KeyTypes.Get(); u != nil || strings.Join(types, " ") != "ECDSA RSA" {
			t.Errorf("%s: kinds of keys %v, %v", c.site, types, u)
		}
		if got, u := f.WithoutName.Get(); got != c.without {
			t.Errorf("%s: without a name %q, %v; want %q", c.site, got, u, c.without)
		}
		for _, i := range ours {
			row := rowOf(t, f, i.sha256)
			if !row.WithName || strings.Join(row.Protocols, " ") != "TLS 1.3 TLS 1.2 TLS 1.1 TLS 1.0" || row.NameMatches != (row.KeyType == "ECDSA") {
				t.Errorf("%s: %+v", c.site, row)
			}
		}
		compareClient(t, e, f)
	}
}

func certificatesOf(t *testing.T, e inventory.Endpoint) (f Certificates) {
	t.Helper()
	decodeFact(t, e, TLSCertificates, &f)
	return f
}

func rowOf(t *testing.T, f Certificates, fingerprint string) Shown {
	t.Helper()
	i := slices.IndexFunc(f.Seen, func(s Shown) bool { return s.SHA256 == fingerprint })
	if i < 0 {
		t.Errorf("the certificate %s was not seen", fingerprint)
		return Shown{}
	}
	return f.Seen[i]
}

// compareClient asks openssl s_client for each kind of key, with the name and
// without, and holds that it gets the certificates that were seen, all of them.
func compareClient(t *testing.T, e inventory.Endpoint, f Certificates) {
	t.Helper()
	with, without := map[string]bool{}, map[string]bool{}
	for _, version := range []string{"-tls1_3", "-tls1_2"} {
		for _, schemes := range []string{"ECDSA+SHA256:ECDSA+SHA384", "RSA-PSS+SHA256:RSA+SHA256", "ed25519"} {
			for got, name := range map[*map[string]bool][]string{&with: {"-servername", e.Name()}, &without: {"-noservername"}} {
				if version == "-tls1_2" && got == &without {
					continue // we look at the newest version only
				}
				if sum := clientSees(t, e, append(name, version, "-sigalgs", schemes)...); sum != "" {
					(*got)[sum] = true
				}
			}
		}
	}
	for _, row := range f.Seen {
		if row.WithName != with[row.SHA256] || row.WithoutName != without[row.SHA256] {
			t.Errorf("openssl sees %s with a name: %v, without: %v; we %+v", row.SHA256, with[row.SHA256], without[row.SHA256], row)
		}
		delete(with, row.SHA256)
		delete(without, row.SHA256)
	}
	if len(with)+len(without) > 0 {
		t.Errorf("openssl sees what we do not: %v, %v", with, without)
	}
}

func clientSees(t *testing.T, e inventory.Endpoint, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	args = append([]string{"s_client", "-connect", e.Address(), "-showcerts"}, args...)
	if protocol, ok := e.StartTLS(); ok {
		args = append(args, "-starttls", string(protocol))
	}
	out, _ := exec.CommandContext(ctx, program(t, "openssl"), args...).Output() // what it saw stands in its output
	block, _ := pem.Decode(out)
	if block == nil {
		return ""
	}
	sum := sha256.Sum256(block.Bytes)
	return hex.EncodeToString(sum[:])
}

// TestRealOpenSSLCertificates looks at s_server with keys of all kinds.
func TestRealOpenSSLCertificates(t *testing.T) {
	t.Parallel()
	path, dir := program(t, "openssl"), t.TempDir()
	pss := issue(t, dir, "pss.test", "rsa-pss -pkeyopt rsa_keygen_bits:2048")
	rsa, ec, ed := issue(t, dir, "rsa.test", "rsa:2048"), issue(t, dir, "ec.test", ecP256), issue(t, dir, "ed.test", "ed25519")
	for _, c := range []struct {
		args []string
		want string
		seen []issued
	}{
		{[]string{"-cert", rsa.cert, "-key", rsa.key, "-dcert", ec.cert, "-dkey", ec.key}, `{"key_types": ["ECDSA", "RSA"], "whole": true}`, []issued{rsa, ec}},
		{[]string{"-tls1_3", "-cert", rsa.cert, "-key", rsa.key, "-dcert", ed.cert, "-dkey", ed.key}, `{"key_types": ["Ed25519", "RSA"], "whole": true}`, []issued{rsa, ed}},
		{[]string{"-tls1_2", "-cert", ed.cert, "-key", ed.key}, `{"key_types": ["Ed25519"], "whole": true}`, []issued{ed}},
		{[]string{"-tls1_2", "-cert", rsa.cert, "-key", rsa.key, "-cipher", "kRSA"}, `{"key_types": ["RSA"], "whole": true}`, []issued{rsa}},
		{[]string{"-cert", rsa.cert, "-key", rsa.key, "-dcert", pss.cert, "-dkey", pss.key}, `{"key_types": {"unknown": {"cause": "unanswered"}}, "whole": {"unknown": {"cause": "unanswered"}}}`, []issued{rsa}},
		{[]string{"-tls1_2", "-cert", rsa.cert, "-key", rsa.key, "-cipher", "ALL:@SECLEVEL=0"}, `{"key_types": ["RSA"], "whole": true}`, []issued{rsa}},
	} {
		address := freeAddress(t)
		daemon(t, address, path, append([]string{"s_server", "-accept", address, "-www", "-quiet"}, c.args...)...)
		e := inventory.Endpoint{ID: "s_server", Target: address, Kind: inventory.TLS, ServerName: "rsa.test"}
		expect(t, e, map[*Check]string{TLSCertificates: c.want})
		f := certificatesOf(t, e)
		for _, i := range c.seen {
			rowOf(t, f, i.sha256)
		}
		if len(f.Seen) != len(c.seen) {
			t.Errorf("%v: %d certificates seen", c.args, len(f.Seen))
		}
	}
}

// TestRealGnuTLSCertificates looks at another library's server.
func TestRealGnuTLSCertificates(t *testing.T) {
	t.Parallel()
	path, dir, address := program(t, "gnutls-serv"), t.TempDir(), freeAddress(t)
	rsa, ec := issue(t, dir, "rsa.test", "rsa:2048"), issue(t, dir, "ec.test", ecP256)
	_, port, _ := strings.Cut(address, ":")
	daemon(t, address, path, "--quiet", "--echo", "--port", port, "--x509certfile", rsa.cert, "--x509keyfile", rsa.key, "--x509certfile", ec.cert, "--x509keyfile", ec.key)
	e := inventory.Endpoint{ID: "gnutls", Target: address, Kind: inventory.TLS, ServerName: "ec.test"}
	expect(t, e, map[*Check]string{TLSCertificates: `{"key_types": ["ECDSA", "RSA"], "whole": true, "without_name": "same"}`})
	compareClient(t, e, certificatesOf(t, e))
}

// TestRealDovecotCertificates looks past STARTTLS.
func TestRealDovecotCertificates(t *testing.T) {
	t.Parallel()
	path, dir := program(t, "dovecot"), openFolder(t)
	writeCertificate(t, dir)
	alt := issue(t, dir, "alt", "rsa:2048")
	address, port := freeAddressOf(t, "127.0.0.2")
	config := fmt.Sprintf(dovecotConfig, dir, servant(t, "dovecot"), servant(t, "dovenull")) + fmt.Sprintf(
		"protocols = imap\nssl_alt_cert = <%s\nssl_alt_key = <%s\nservice imap-login {\n chroot =\n inet_listener imap {\n address = 127.0.0.2\n port = %s\n }\n}\n", alt.cert, alt.key, port)
	daemon(t, address, path, "-F", "-c", write(t, filepath.Join(dir, "dovecot.conf"), config))
	e := inventory.Endpoint{ID: "imap", Target: address, Kind: inventory.IMAP, ServerName: "thu.test"}
	expect(t, e, map[*Check]string{TLSCertificates: `{"key_types": ["ECDSA", "RSA"], "whole": true, "without_name": "same"}`})
	compareClient(t, e, certificatesOf(t, e))
}
