package holes

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/wire/hello"
)

// certificates gives one for each kind of key.
func certificates(t *testing.T) []tls.Certificate {
	t.Helper()
	small, err1 := rsa.GenerateKey(rand.Reader, 2048)
	curve, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"x"}}
	var out []tls.Certificate
	for _, key := range []crypto.Signer{small, curve} {
		der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
	}
	return out
}

// TestPaddingAgainstCryptoTLS holds that records are what they mean to be: a
// sound server takes the good one and answers all flaws alike.
func TestPaddingAgainstCryptoTLS(t *testing.T) {
	certs := certificates(t)
	for v := hello.TLS10; v <= hello.TLS12; v++ {
		for suite := range cbcSuites {
			for f := range Flaw(flaws) {
				client, server := net.Pipe()
				_ = client.SetDeadline(time.Now().Add(10 * time.Second))
				got := make(chan string, 1)
				go func() {
					s := tls.Server(server, &tls.Config{Certificates: certs, MinVersion: tls.VersionTLS10, CipherSuites: []uint16{suite}})
					b := make([]byte, 10)
					n, err := s.Read(b)
					got <- fmt.Sprintf("%q %v", b[:n], err)
					if f == NoFlaw {
						_, _ = s.Write([]byte("xin chao"))
					}
					_ = server.Close()
				}()
				chosen, said, err := Padding(t.Context(), client, v, "x", f, time.Second)
				if strings.Contains(fmt.Sprint(err), "handshake failure") && (suite == tls.TLS_RSA_WITH_AES_128_CBC_SHA256 || suite == tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 || suite == tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256) && v < hello.TLS12 {
					_ = client.Close()
					<-got
					continue // those came with TLS 1.2
				}
				heard := <-got
				want, answer := `"" local error: tls: bad record MAC`, "alert bad_record_mac(20), end of connection"
				if f == NoFlaw {
					want, answer = `"\r\n" <nil>`, "data, end of connection"
				}
				if err != nil || chosen != suite || said != answer || heard != want {
					t.Errorf("%s, 0x%04x, %s: chose 0x%04x, %q, %v; the server %s", v, suite, f, chosen, said, err, heard)
				}
				_ = client.Close()
			}
		}
	}
}

// TestFindPadding holds what is made of replies.
func TestFindPadding(t *testing.T) {
	const mac, failed = "alert bad_record_mac(20), end of connection", "alert decryption_failed(21), end of connection"
	type server func(f Flaw, nth int) string
	for name, c := range map[string]struct {
		server server
		want   string
		most   int
	}{
		"sound": {func(f Flaw, _ int) string { return map[bool]string{true: silence, false: mac}[f == NoFlaw] }, "sound", 7},
		"sound, and cuts": {func(f Flaw, _ int) string {
			return map[bool]string{true: "data", false: "end of connection"}[f == NoFlaw]
		}, "sound", 7},
		"poodle": {func(f Flaw, _ int) string { return map[bool]string{true: silence, false: mac}[f < WrongMAC] }, "accepts", 21},
		"first byte only": {func(f Flaw, _ int) string {
			return map[bool]string{true: silence, false: mac}[f == NoFlaw || f == WrongFirst]
		}, "accepts", 21},
		"zombie":  {func(f Flaw, _ int) string { return []string{silence, failed, failed, failed, mac, mac, mac}[f] }, "oracle", 21},
		"no data": {func(f Flaw, _ int) string { return []string{silence, mac, mac, mac, mac, mac + ", " + mac, mac}[f] }, "oracle", 21},
		"chance":  {func(f Flaw, n int) string { return map[bool]string{true: silence, false: mac}[f == NoFlaw || n == 3] }, "not three times", 14},
		"chance comes late": {func(f Flaw, n int) string {
			return map[bool]string{true: failed, false: map[bool]string{true: silence, false: mac}[f == NoFlaw]}[f == WrongFirst && n < 13]
		}, "not three times", 21},
		"takes leave": {func(f Flaw, _ int) string {
			return map[bool]string{true: "alert close_notify(0)", false: mac}[f == NoFlaw]
		}, "sound", 7},
		"refuses all":         {func(Flaw, int) string { return mac }, "to a good record", 7},
		"ends everything":     {func(Flaw, int) string { return "end of connection" }, "alike", 7},
		"never says anything": {func(Flaw, int) string { return silence }, "alike", 7},
	} {
		n := 0
		o, err := FindPadding(func(f Flaw, _ time.Duration) (string, error) { n++; return c.server(f, n), nil })
		got := "sound"
		switch {
		case err != nil:
			got = err.Error()
		case o.Accepts:
			got = "accepts"
		case o.Vulnerable:
			got = "oracle"
		}
		if !strings.Contains(got, c.want) || n > c.most || o.Vulnerable && err != nil {
			t.Errorf("%s: %s after %d connections, want %s after %d at most", name, got, n, c.want, c.most)
		}
	}
	gone := errors.New("no route")
	if _, err := FindPadding(func(f Flaw, _ time.Duration) (string, error) {
		return silence, map[bool]error{true: gone}[f == WrongMAC]
	}); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

// FuzzCBC: records after the handshake are the server's to choose.
func FuzzCBC(f *testing.F) {
	how := cbcSuites[tls.TLS_RSA_WITH_AES_128_CBC_SHA]
	direction := func(v hello.Version) *cbcDirection {
		d, err := newCBC(v, how, make([]byte, 20), make([]byte, 16))
		if err != nil {
			panic(err)
		}
		d.chained = make([]byte, 16)
		return d
	}
	for flaw := range Flaw(flaws) {
		f.Add(direction(hello.TLS12).seal(recordApplication, []byte("xin chao"), flaw))
	}
	f.Add(appendRecord(nil, recordApplication, hello.TLS12, make([]byte, 16)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, v := range []hello.Version{hello.TLS10, hello.TLS12} {
			if _, data, err := direction(v).read(bytes.NewReader(b)); err == nil && len(data) > len(b) {
				t.Errorf("%d bytes out of %d", len(data), len(b))
			}
			_, _ = direction(v).after(b)
		}
	})
}

// TestCBCSessionOfNothing: a handshake that never was cannot be followed.
func TestCBCSessionOfNothing(t *testing.T) {
	log := "CLIENT_RANDOM " + strings.Repeat("ab", 32) + " " + strings.Repeat("cd", 48)
	for _, passed := range [][]byte{nil, {22, 3, 3}, appendRecord(nil, recordCCS, hello.TLS12, []byte{1})} {
		if _, err := cbcSessionOf(&tap{received: passed, sent: passed}, log, hello.TLS12, tls.TLS_RSA_WITH_AES_128_CBC_SHA); err == nil {
			t.Errorf("% x is followed", passed)
		}
	}
	if _, err := cbcSessionOf(&tap{}, log, hello.TLS12, 0x1301); err == nil {
		t.Error("a suite without CBC")
	}
}
