package lab

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"slices"
	"testing"
	"time"
)

// hello13Record is a ClientHello of TLS 1.3 without a key.
func hello13Record() []byte {
	return helloWith([]byte{0}, []uint16{0x1301, 0x1302}, 0, extSupportedVersions, 0, 3, 2, 3, 4)
}

// pours proves that a server answers a hello with the same record for ever.
func pours(kind byte, payload ...byte) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, hello13Record())
		want := append([]byte{kind, 3, 3, 0, byte(len(payload))}, payload...)
		if got := readN(t, c, 100_000*len(want)); !bytes.Equal(got, bytes.Repeat(want, 100_000)) {
			t.Errorf("begins % x, want % x over and over", got[:20], want)
		}
		if _, err := tls.Dial("tcp", s.AddrPort.String(), &tls.Config{InsecureSkipVerify: true}); err == nil {
			t.Error("crypto/tls takes it")
		}
	}
}

// speaks13 gives the ServerHello that answers a hello of TLS 1.3, and proves
// that one of TLS 1.2 is refused.
func speaks13(t *testing.T, s *Server) (io.Reader, []byte) {
	t.Helper()
	old := dial(t, s)
	send(t, old, helloRecord(versionTLS12, 0xc02f))
	says(t, old, alertProtocolVersion)
	c := dial(t, s)
	send(t, c, hello13Record())
	kind, msg := readRecord(t, c)
	if kind != recordHandshake || msg[0] != msgServerHello || !bytes.Contains(msg, []byte{0, extSupportedVersions, 0, 2, 3, 4}) {
		t.Fatalf("record of type %d, % x", kind, msg)
	}
	return c, msg
}

var recordProofs = map[string]func(*testing.T, *Server){
	"tls-endless-warnings": pours(recordAlert, 1, 112),
	"tls-endless-empty":    pours(recordHandshake),
	"tls-endless-ccs":      pours(recordCCS, 1),
	"tls-endless-retry": func(t *testing.T, s *Server) {
		c, msg := speaks13(t, s)
		if !bytes.Contains(msg, retryRandom) {
			t.Errorf("no HelloRetryRequest: % x", msg)
		}
		again := readN(t, c, 1000*(recordHeader+len(msg)))
		if !bytes.Equal(again[recordHeader:][:len(msg)], msg) || !bytes.HasSuffix(again, msg) {
			t.Error("the next is another")
		}
	},
	"tls13-garbage": func(t *testing.T, s *Server) {
		c, _ := speaks13(t, s)
		if got := readN(t, c, 20*(recordHeader+maxRecord)); !bytes.Equal(got[:5], []byte{23, 3, 3, 0x40, 0}) {
			t.Errorf("goes on with % x", got[:5])
		}
	},
	"tls-absurd-lengths": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, helloRecord(versionTLS12, 0xc02f))
		_, msg := readRecord(t, c)
		if !bytes.Equal(msg[len(msg)-7:], []byte{0xff, 0xff, 0xff, 1, 0xff, 0xff, 0}) || len(msg) != 4+int(msg[3]) {
			t.Errorf("message % x", msg)
		}
	},
	"tls-announces-16mb": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, helloRecord(versionTLS12, 0xc02f))
		if _, msg := readRecord(t, c); !bytes.HasSuffix(msg, []byte{msgCertificate, 0xff, 0xff, 0xff}) {
			t.Errorf("message % x", msg)
		}
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if n, err := c.Read(make([]byte, 1)); n > 0 || err == io.EOF {
			t.Errorf("then %d bytes, %v", n, err)
		}
	},
	"cert-16mb": func(t *testing.T, s *Server) {
		c := dial(t, s)
		send(t, c, helloRecord(versionTLS12, 0x1301, 0xc02f))
		kinds, sizes := handshakes(t, c)
		if !bytes.Equal(kinds, []byte{msgServerHello, msgCertificate, msgHelloDone}) || sizes[1] < most24-2000 {
			t.Errorf("messages %v of %v bytes", kinds, sizes)
		}
	},
	"https-fragments": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		c := dial(t, s)
		send(t, c, helloWith([]byte{0}, []uint16{0xc02b}, 0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3)) // P-256; ECDSA with SHA-256
		r, sent := bufio.NewReader(c), []byte{}
		for !bytes.HasSuffix(sent, []byte{msgHelloDone, 0, 0, 0}) {
			head := readN(t, r, recordHeader)
			if n := binary.BigEndian.Uint16(head[3:]); head[0] != recordHandshake || n != 1 {
				t.Fatalf("record % x after %d bytes", head, len(sent))
			}
			sent = append(sent, readN(t, r, 1)...)
		}
		if !slices.Contains(versions(s), "TLS 1.2") {
			t.Error("no whole handshake of TLS 1.2")
		}
	},
}
