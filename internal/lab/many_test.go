package lab

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// Every connection comes to the server of the address that it was made to, with
// a certificate for that address; one that nobody comes to is forgotten.
func TestMany(t *testing.T) {
	recipes := map[string]string{"127.3.0.1": "https-good", "127.3.0.2": "cert-expired", "127.3.0.3": "ssh-good", "127.3.0.4": "smtp-good", "127.3.0.9": ""}
	var listeners []*net.TCPListener
	ports := map[string]string{}
	for host := range recipes {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.ParseIP(host)})
		if err != nil {
			t.Skip("this system has one address of loopback: ", err)
		}
		listeners, ports[host] = append(listeners, l), l.Addr().String()
	}
	m := StartMany(listeners, func(a netip.AddrPort) string { return recipes[a.Addr().String()] }, 200*time.Millisecond)
	defer func() { _ = m.Close() }()
	at := func(host string) string { return ports[host] }

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(CAPEM())
	c, err := tls.Dial("tcp", at("127.3.0.1"), &tls.Config{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	var expired x509.CertificateInvalidError
	if _, err := tls.Dial("tcp", at("127.3.0.2"), &tls.Config{RootCAs: roots}); !errors.As(err, &expired) {
		t.Errorf("cert-expired: %v", err)
	}
	for host, want := range map[string]string{"127.3.0.3": "SSH-2.0-", "127.3.0.4": "220 mail"} {
		c, err := net.Dial("tcp", at(host))
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(want))
		if _, err := io.ReadFull(c, b); err != nil || string(b) != want {
			t.Errorf("%s says %q, %v", host, b, err)
		}
		_ = c.Close()
	}
	c2, err := net.Dial("tcp", at("127.3.0.9"))
	if err == nil {
		_, err = c2.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("where nobody is: %v", err)
	}
	if n, _ := m.Accepted(); n != 5 {
		t.Errorf("%d connections, want 5", n)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, left := m.Accepted(); left == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("%d servers are still there", left)
		}
	}
}
