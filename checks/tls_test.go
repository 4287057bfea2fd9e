package checks

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
)

// serve runs a server for one test and gives its endpoint.
func serve(t *testing.T, kind inventory.Kind, answer func(net.Conn)) inventory.Endpoint {
	t.Helper()
	s, err := lab.Serve(answer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return inventory.Endpoint{ID: t.Name(), Target: s.AddrPort.String(), Kind: kind}
}

// peeked is a connection whose first bytes were looked at.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// tlsServer answers as crypto/tls does, unless first wants the connection. It
// is given the first bytes of the hello and how many connections there were.
func tlsServer(t *testing.T, config *tls.Config, first func(c net.Conn, hello []byte, nth int) (done bool)) inventory.Endpoint {
	t.Helper()
	dir := t.TempDir()
	writeCertificate(t, dir)
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	config.Certificates = []tls.Certificate{cert}
	var n atomic.Int64
	return serve(t, inventory.TLS, func(c net.Conn) {
		nth := int(n.Add(1))
		r := bufio.NewReaderSize(c, 20<<10)
		hello, _ := r.Peek(11)
		if first == nil || !first(c, hello, nth) {
			_ = tls.Server(peeked{c, r}, config).Handshake()
		}
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
		_, _ = io.Copy(io.Discard, r)
	})
}

func isSSL2(hello []byte) bool { return len(hello) > 0 && hello[0]&0x80 != 0 }

// alert answers with a fatal alert.
func alert(c net.Conn, code byte) { _, _ = c.Write([]byte{21, 3, 1, 0, 2, 2, code}) }

// TestVersionsThatAreNotSaid holds what counts as a refusal and what does not.
func TestVersionsThatAreNotSaid(t *testing.T) {
	modern := func() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }
	for name, c := range map[string]struct {
		first func(c net.Conn, hello []byte, nth int) bool
		want  string
	}{
		"closes on SSL 2.0 only": {
			func(_ net.Conn, hello []byte, _ int) bool { return isSSL2(hello) },
			`{"ssl2": false, "ssl3": false, "tls10": false, "tls11": false, "tls12": true, "tls13": true}`,
		},
		"closes on SSL 2.0 and then on everything": {
			func(_ net.Conn, hello []byte, nth int) bool { return isSSL2(hello) || nth > 6 },
			`{"ssl2": {"unknown": {"cause": "reset"}}, "ssl3": false, "tls12": true, "tls13": true}`,
		},
		"closes on SSL 2.0, and on everything after the second time": {
			func(_ net.Conn, hello []byte, nth int) bool { return isSSL2(hello) || nth > 8 },
			`{"ssl2": {"unknown": {"cause": "reset"}}, "tls13": true}`,
		},
		"closes on TLS 1.0": {
			func(_ net.Conn, hello []byte, _ int) bool { return len(hello) > 10 && hello[10] == 1 },
			`{"tls10": false, "tls11": false, "tls12": true, "tls13": true}`,
		},
		"closes on TLS 1.0 the first time only": {
			func(_ net.Conn, hello []byte, nth int) bool { return nth < 6 && len(hello) > 10 && hello[10] == 1 },
			`{"tls10": false, "tls11": false, "tls12": true}`,
		},
		"closes on all but the first hello": {
			func(_ net.Conn, _ []byte, nth int) bool { return nth > 1 },
			`{"tls10": {"unknown": {"cause": "reset"}}, "tls11": {"unknown": {"cause": "reset"}}, "tls12": true, "tls13": {"unknown": {"cause": "reset"}}}`,
		},
		"refuses every version by name": {
			func(c net.Conn, _ []byte, _ int) bool { alert(c, 70); return true },
			`{"ssl2": false, "ssl3": false, "tls10": false, "tls11": false, "tls12": false, "tls13": false}`,
		},
		"refuses everything without a reason": {
			func(c net.Conn, _ []byte, _ int) bool { alert(c, 40); return true },
			`{"ssl3": {"unknown": {"cause": "unanswered"}}, "tls10": {"unknown": {"cause": "unanswered"}}, "tls12": {"unknown": {"cause": "unanswered"}}, "tls13": {"unknown": {"cause": "unanswered"}}}`,
		},
		"fails inside for TLS 1.1": {
			func(c net.Conn, hello []byte, _ int) bool {
				if len(hello) > 10 && hello[9] == 3 && hello[10] == 2 {
					alert(c, 80)
					return true
				}
				return false
			},
			`{"tls11": false, "tls12": true}`,
		},
		"does not know the name": {
			func(c net.Conn, _ []byte, _ int) bool { alert(c, 112); return true },
			`{"unknown": {"cause": "unanswered"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := tlsServer(t, modern(), c.first)
			obs := observe(t, TLSVersions, e, 10*time.Second)
			got := string(obs.Value)
			if obs.Unknown != nil {
				got = fmt.Sprintf(`{"unknown": {"cause": %q}}`, obs.Unknown.Cause)
			}
			if diff := differs("fact", decode(t, []byte(c.want)), decode(t, []byte(got))); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, got)
			}
		})
	}
}

// TestRareSuite holds that a version is found though only a suite of a later
// lot suits the server, and that the evidence names the alert.
func TestRareSuite(t *testing.T) {
	e := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS12}, func(c net.Conn, hello []byte, nth int) bool {
		switch {
		case isSSL2(hello) || len(hello) < 11 || hello[10] != 3 || nth > 2:
			alert(c, 70)
		case nth == 1:
			alert(c, 40)
		default:
			// ServerHello TLS 1.2 with TLS_DH_anon_WITH_AES_128_GCM_SHA256.
			body := append([]byte{3, 3}, make([]byte, 32+1)...)
			body = append(body, 0x00, 0xa6, 0)
			_, _ = c.Write(append([]byte{22, 3, 3, 0, byte(len(body) + 4), 2, 0, 0, byte(len(body))}, body...))
		}
		return true
	})
	obs := observe(t, TLSVersions, e, 10*time.Second)
	want := `{"tls12": true, "tls13": false, "tls10": false}`
	if diff := differs("fact", decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
		t.Errorf("%s\nwhole: %s", diff, obs.Value)
	}
	if !slices.ContainsFunc(obs.Evidence, func(e fact.Evidence) bool {
		return e.Label == "TLS 1.3" && strings.Contains(string(e.Received), "alert protocol_version(70)")
	}) {
		t.Errorf("no evidence names the alert: %v", obs.Evidence)
	}
}

// TestCertificateOfMutualTLS holds that a server which wants a certificate of
// us, and so ends the handshake, still has its own looked at.
func TestCertificateOfMutualTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		e := tlsServer(t, &tls.Config{MinVersion: version, MaxVersion: version, ClientAuth: tls.RequireAnyClientCert}, nil)
		obs := observe(t, TLSCertificate, e, 10*time.Second)
		if obs.Unknown != nil {
			t.Errorf("version 0x%04x: %v", version, obs.Unknown)
		}
		if obs := observe(t, HTTPAnswer, inventory.Endpoint{ID: "x", Target: e.Target, Kind: inventory.HTTPS}, 10*time.Second); obs.Unknown == nil || obs.Unknown.Cause != fact.Unanswered {
			t.Errorf("version 0x%04x: http.answer: %v, %s", version, obs.Unknown, obs.Value)
		}
	}
}

// TestHushedEvidence holds that evidence of a leak holds none of what leaked:
// of the answer to a heartbeat only the length is there.
func TestHushedEvidence(t *testing.T) {
	e := endpointOf(t, TLSHeartbleed, "heartbleed")
	obs := observe(t, TLSHeartbleed, e, 10*time.Second)
	hushed := 0
	for _, ev := range obs.Evidence {
		if int64(len(ev.Received)) == ev.ReceivedTotal || len(ev.Received) == keepBytes {
			continue
		}
		hushed++
		if !strings.Contains(ev.Label, "left out") || bytes.Contains(ev.Received, []byte{24, 3, 3}) {
			t.Errorf("%s: %d bytes of %d, % x", ev.Label, len(ev.Received), ev.ReceivedTotal, ev.Received)
		}
	}
	if obs.Unknown != nil || hushed != 1 {
		t.Errorf("%d hushed connections, %v", hushed, obs.Unknown)
	}
}
