package service

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// inTLS is a server inside TLS that answers pings of Redis, and hangs up at all
// else.
func inTLS(t *testing.T, auth tls.ClientAuthType, newest uint16) *net.TCPAddr {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, ClientAuth: auth, MaxVersion: newest})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				b := make([]byte, 512)
				for {
					n, err := c.Read(b)
					switch asked := string(b[:n]); {
					case err != nil:
						return
					case strings.Contains(asked, "INFO"):
						_, _ = io.WriteString(c, "-NOAUTH Authentication required.\r\n")
					case strings.Contains(asked, "PING"):
						_, _ = io.WriteString(c, "+PONG\r\n")
					default:
						return
					}
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

// TestInsideTLS recognises what is inside TLS on a port where TLS is not usual,
// and tells a server that lets in nobody without a certificate.
func TestInsideTLS(t *testing.T) {
	if s, a, err := look(t, inTLS(t, tls.NoClientCert, 0), 6379); s.Protocol != "redis" || !s.TLS || a.Door != Shut {
		t.Errorf("%+v %+v %v", s, a, err)
	}
	for _, newest := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if s, _, _ := look(t, inTLS(t, tls.RequireAnyClientCert, newest), 6379); s.Protocol != "" || !s.TLS || !s.WantsCertificate {
			t.Errorf("with a certificate, version %#x: %+v", newest, s)
		}
	}
	if s, _, err := look(t, inTLS(t, tls.NoClientCert, 0), 5999); s.Protocol != "" || !s.TLS || s.WantsCertificate {
		t.Errorf("something unknown inside: %+v %v", s, err)
	}
}
