package lab

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

var tlsProofs = map[string]func(*testing.T, *Server){
	"https-good": func(t *testing.T, s *Server) {
		resp, body := getWith(t, s.URL(), &tls.Config{RootCAs: labPool()})
		if resp.StatusCode != 200 || !strings.Contains(body, `<html lang="vi">`) {
			t.Errorf("status %d, body %q", resp.StatusCode, body)
		}
		if v := versions(s); !slices.Equal(v, []string{"TLS 1.2", "TLS 1.3"}) {
			t.Errorf("versions %v", v)
		}
		if _, ok := leaf(t, s).PublicKey.(*ecdsa.PublicKey); !ok {
			t.Error("key is not ECDSA")
		}
		for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
			if err := leaf(t, s).VerifyHostname(name); err != nil {
				t.Error(err)
			}
		}
	},
	"https-tls10": func(t *testing.T, s *Server) {
		if v := versions(s); !slices.Equal(v, []string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"}) {
			t.Errorf("versions %v", v)
		}
	},
	"https-tls13-missing": func(t *testing.T, s *Server) {
		if v := versions(s); !slices.Equal(v, []string{"TLS 1.2"}) {
			t.Errorf("versions %v", v)
		}
	},
	"https-ssl3": func(t *testing.T, s *Server) {
		if !speaksSSL3(t, s) {
			t.Error("no SSL 3.0 ServerHello")
		}
		c := dial(t, s)
		send(t, c, helloRecord(versionSSL3, 0x1301)) // no common suite
		if got := readN(t, c, 7); !bytes.Equal(got, []byte{21, 3, 0, 0, 2, 2, 40}) {
			t.Errorf("without a common suite: % x", got)
		}
	},
	"https-ssl2": func(t *testing.T, s *Server) {
		if !speaksSSL2(t, s) {
			t.Error("no SSL 2.0 SERVER-HELLO")
		}
	},

	"cert-expired":              untrusted[x509.CertificateInvalidError]("expired"),
	"cert-not-yet-valid":        untrusted[x509.CertificateInvalidError]("not yet valid"),
	"cert-self-signed":          untrusted[x509.UnknownAuthorityError](""),
	"cert-untrusted":            untrusted[x509.UnknownAuthorityError](""),
	"cert-missing-intermediate": untrusted[x509.UnknownAuthorityError](""),
	"cert-wrong-name":           untrusted[x509.HostnameError](""),
	"cert-sha1": func(t *testing.T, s *Server) {
		if a := leaf(t, s).SignatureAlgorithm; a != x509.ECDSAWithSHA1 {
			t.Errorf("signed with %v", a)
		}
	},
	"cert-rsa-1024": func(t *testing.T, s *Server) {
		key, ok := leaf(t, s).PublicKey.(*rsa.PublicKey)
		if !ok || key.N.BitLen() != 1024 {
			t.Errorf("key %T", leaf(t, s).PublicKey)
		}
	},
	"cert-name-too-long": func(t *testing.T, s *Server) {
		if name := leaf(t, s).Subject.CommonName; len(name) <= 64 {
			t.Errorf("the name %s has %d characters", name, len(name))
		}
	},
	"cert-second-weak": func(t *testing.T, s *Server) {
		conf := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
		c, err := tls.Dial("tcp", s.AddrPort.String(), conf)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		second := c.ConnectionState().PeerCertificates[0]
		key, ok := second.PublicKey.(*rsa.PublicKey)
		if !ok || key.N.BitLen() != 1024 || time.Now().Before(second.NotAfter) {
			t.Errorf("second certificate: key %T, until %v", second.PublicKey, second.NotAfter)
		}
		if _, ok := leaf(t, s).PublicKey.(*ecdsa.PublicKey); !ok {
			t.Errorf("first certificate: key %T", leaf(t, s).PublicKey)
		}
	},
	"cert-long-life": func(t *testing.T, s *Server) {
		if d := life(leaf(t, s)); d != 825*day {
			t.Errorf("lives %v", d)
		}
	},
}

// untrusted proves that a client that trusts the practice CA refuses the
// server with an error of type E.
func untrusted[E error](says string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		_, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{RootCAs: labPool(), ServerName: "127.0.0.1"})
		var want E
		if !errors.As(err, &want) || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want %T", err, want)
		}
	}
}

// shakesHands tells whether the server shakes hands under exactly that version.
func shakesHands(s *Server, version uint16, suites ...uint16) bool {
	if len(suites) == 0 {
		for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
			suites = append(suites, c.ID)
		}
	}
	c, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{
		InsecureSkipVerify: true, MinVersion: version, MaxVersion: version, CipherSuites: suites,
	})
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func versions(s *Server) []string {
	var got []string
	for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		if shakesHands(s, v) {
			got = append(got, tls.VersionName(v))
		}
	}
	return got
}

// chain is what the server sends, unverified.
func chain(t *testing.T, s *Server) []*x509.Certificate {
	t.Helper()
	c, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates
}

func leaf(t *testing.T, s *Server) *x509.Certificate { t.Helper(); return chain(t, s)[0] }

// life counts both ends, as RFC 5280 does.
func life(c *x509.Certificate) time.Duration { return c.NotAfter.Sub(c.NotBefore) + time.Second }

// helloRecord is a bare ClientHello.
func helloRecord(version uint16, suites ...uint16) []byte {
	body := binary.BigEndian.AppendUint16(nil, version)
	body = append(body, make([]byte, 32+1)...) // random, no session
	body = binary.BigEndian.AppendUint16(body, uint16(2*len(suites)))
	for _, s := range suites {
		body = binary.BigEndian.AppendUint16(body, s)
	}
	body = append(body, 1, 0) // compression: none
	var out bytes.Buffer
	_, _ = recordWriter{&out, recordHandshake, versionSSL3}.Write(handshake(msgClientHello, body))
	return out.Bytes()
}

func speaksSSL3(t *testing.T, s *Server) bool {
	t.Helper()
	c := dial(t, s)
	send(t, c, helloRecord(versionSSL3, 0x000a, 0x002f))
	got := readN(t, c, 7)
	if got[0] == recordAlert {
		return false
	}
	rest := readN(t, c, int(binary.BigEndian.Uint16(got[3:]))-2)
	suite := binary.BigEndian.Uint16(rest[len(rest)-3:])
	return bytes.Equal(got[:3], []byte{recordHandshake, 3, 0}) && got[5] == msgServerHello && suite == 0x002f
}

func speaksSSL2(t *testing.T, s *Server) bool {
	t.Helper()
	c := dial(t, s)
	// CLIENT-HELLO, version 2, one cipher, no session, 16 bytes of challenge.
	send(t, c, append([]byte{0x80, 9 + 3 + 16, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80}, make([]byte, 16)...))
	head := make([]byte, 2)
	if n, err := c.Read(head); err != nil || n < 2 || head[0]&0x80 == 0 {
		return false
	}
	msg := readN(t, c, int(binary.BigEndian.Uint16(head)&0x7fff))
	certLen := int(binary.BigEndian.Uint16(msg[5:]))
	_, err := x509.ParseCertificate(msg[11 : 11+certLen])
	return msg[0] == ssl2ServerHello && bytes.Equal(msg[3:5], []byte{0, 2}) && err == nil &&
		len(msg) == 11+certLen+3*len(ssl2Ciphers)+16
}

// FuzzParseHello: no bytes from a client may bring a practice server down.
func FuzzParseHello(f *testing.F) {
	f.Add(helloRecord(versionTLS12, 1, 2, 3)[recordHeader:])
	f.Add([]byte{msgClientHello})
	f.Fuzz(func(t *testing.T, b []byte) { parseHello(b) })
}

func TestParseHello(t *testing.T) {
	h, ok := parseHello(helloRecord(versionTLS12, 0xc02b, 0x1301)[recordHeader:])
	if !ok || h.version != versionTLS12 || !slices.Equal(h.suites, []uint16{0xc02b, 0x1301}) {
		t.Errorf("parseHello = %+v, %v", h, ok)
	}
}
