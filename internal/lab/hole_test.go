package lab

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	"net"
	"slices"
	"testing"
)

// helloWith is a ClientHello of TLS 1.2 that offers RSA with AES.
func helloWith(compression []byte, suites []uint16, extensions ...byte) []byte {
	body := binary.BigEndian.AppendUint16(nil, versionTLS12)
	body = append(body, make([]byte, 32+1)...) // random, no session
	suites = append(slices.Clone(suites), 0x002f)
	body = binary.BigEndian.AppendUint16(body, uint16(2*len(suites)))
	for _, s := range suites {
		body = binary.BigEndian.AppendUint16(body, s)
	}
	body = append(append(body, byte(len(compression))), compression...)
	body = binary.BigEndian.AppendUint16(body, uint16(len(extensions)))
	return record(recordHandshake, handshake(msgClientHello, append(body, extensions...)))
}

func record(kind byte, payload []byte) []byte {
	var out bytes.Buffer
	_, _ = recordWriter{&out, kind, versionTLS12}.Write(payload)
	return out.Bytes()
}

// firstFlight sends a hello and reads the answer to its end: the ServerHello,
// and the key of the certificate.
func firstFlight(t *testing.T, c net.Conn, hello []byte) (chosen []byte, key *rsa.PublicKey) {
	t.Helper()
	send(t, c, hello)
	kind, flight := readRecord(t, c)
	if kind != recordHandshake || flight[0] != msgServerHello {
		t.Fatalf("record of type %d, % x…", kind, flight[:min(8, len(flight))])
	}
	n := 4 + int(binary.BigEndian.Uint16(flight[2:]))
	chosen, flight = flight[:n], flight[n:]
	const upToLeaf = 4 + 3 + 3
	leaf, err := x509.ParseCertificate(flight[upToLeaf : len(flight)-4])
	if err != nil {
		t.Fatal(err)
	}
	if done := flight[len(flight)-4:]; !bytes.Equal(done, []byte{msgHelloDone, 0, 0, 0}) {
		t.Fatalf("the flight ends with % x", done)
	}
	return chosen, leaf.PublicKey.(*rsa.PublicKey)
}

func readRecord(t *testing.T, c net.Conn) (kind byte, payload []byte) {
	t.Helper()
	head := readN(t, c, recordHeader)
	return head[0], readN(t, c, int(binary.BigEndian.Uint16(head[3:])))
}

// isGoodSite holds that the server is the good web site to anybody else.
func isGoodSite(t *testing.T, s *Server) {
	t.Helper()
	if resp, _ := getWith(t, s.URL(), &tls.Config{RootCAs: labPool()}); resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
	if v := versions(s); !slices.Contains(v, "TLS 1.3") || slices.Contains(v, "TLS 1.1") {
		t.Errorf("versions %v", v)
	}
}

func says(t *testing.T, c net.Conn, alert byte) {
	t.Helper()
	if kind, payload := readRecord(t, c); kind != recordAlert || !bytes.Equal(payload, []byte{2, alert}) {
		t.Errorf("record of type %d, % x; want alert %d", kind, payload, alert)
	}
}

var holeProofs = map[string]func(*testing.T, *Server){
	"heartbleed": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		c := dial(t, s)
		chosen, _ := firstFlight(t, c, helloWith([]byte{0}, nil, 0, extHeartbeat, 0, 1, 1))
		if !bytes.Contains(chosen, []byte{0, extHeartbeat, 0, 1, 1}) {
			t.Error("no heartbeat offered")
		}
		const heartbeat = 24
		for _, claim := range []byte{5, 21, 64} {
			send(t, c, record(heartbeat, append([]byte{1, 0, claim}, "xinchao!xinchao!xinch"...)))
			kind, payload := readRecord(t, c)
			if kind != heartbeat || len(payload) != 3+int(claim)+16 || payload[0] != 2 || payload[2] != claim || !bytes.HasPrefix(payload[3:], []byte("xinch")) {
				t.Errorf("claim of %d: record of type %d, %q", claim, kind, payload)
			}
			if rest := payload[min(len(payload), 3+21):]; !bytes.Equal(rest, make([]byte, len(rest))) {
				t.Errorf("claim of %d: leaks %q", claim, rest)
			}
		}
	},
	"ccs-injection": func(t *testing.T, s *Server) {
		resp, _ := getWith(t, s.URL(), &tls.Config{RootCAs: labPool(), MinVersion: tls.VersionTLS13})
		if resp.StatusCode != 200 {
			t.Errorf("status %d", resp.StatusCode)
		}
		c := dial(t, s)
		firstFlight(t, c, helloWith([]byte{0}, nil))
		send(t, c, append(record(20, []byte{1}), record(20, []byte{1})...))
		says(t, c, alertBadRecordMAC)
		c = dial(t, s)
		firstFlight(t, c, helloWith([]byte{0}, nil))
		send(t, c, record(recordHandshake, []byte{16, 0, 0, 0}))
		says(t, c, alertHandshakeFailure)
	},
	"robot": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		for start, want := range map[byte]byte{2: alertBadRecordMAC, 3: alertDecryptError} {
			c := dial(t, s)
			_, key := firstFlight(t, c, helloWith([]byte{0}, nil))
			block := bytes.Repeat([]byte{0x11}, key.Size())
			block[0], block[1], block[key.Size()-49] = 0, start, 0
			secret := new(big.Int).Exp(new(big.Int).SetBytes(block), big.NewInt(int64(key.E)), key.N).FillBytes(block)
			msg := handshake(16, append(binary.BigEndian.AppendUint16(nil, uint16(len(secret))), secret...))
			send(t, c, slices.Concat(record(recordHandshake, msg), record(20, []byte{1}), record(recordHandshake, make([]byte, 64))))
			says(t, c, want)
		}
	},
	"ticketbleed": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		hello := helloWith([]byte{0}, nil, 0, extTicket, 0, 3, 'v', 'e', '!')
		hello = slices.Concat(hello[:43], []byte{5}, []byte("xinch"), hello[44:])
		hello[4], hello[8] = hello[4]+5, hello[8]+5
		c := dial(t, s)
		send(t, c, hello)
		if _, msg := readRecord(t, c); !bytes.HasPrefix(msg[4+2+32:], append([]byte("\x20xinch"), make([]byte, 27)...)) {
			t.Errorf("% x", msg)
		}
	},
	"renegotiation-insecure": func(t *testing.T, s *Server) {
		chosen, _ := firstFlight(t, dial(t, s), helloWith([]byte{0}, []uint16{0x00ff}))
		if bytes.Contains(chosen, secureRenegotiation) {
			t.Error("says that it renegotiates securely")
		}
	},
	"compression-deflate": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		chosen, _ := firstFlight(t, dial(t, s), helloWith([]byte{1, 0}, nil))
		if method := chosen[4+2+32+1+2]; method != 1 {
			t.Errorf("compression method %d", method)
		}
	},
	"poodle-tls": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		proveCBC(t, s, 0, alertBadRecordMAC)
	},
	"padding-oracle": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		proveCBC(t, s, alertDecryptionFailed, alertBadRecordMAC)
	},
	"cbc-sound": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		proveCBC(t, s, alertBadRecordMAC, alertBadRecordMAC)
	},
	"fallback-unprotected": func(t *testing.T, s *Server) {
		isGoodSite(t, s)
		firstFlight(t, dial(t, s), helloWith([]byte{0}, []uint16{0x5600}))
	},
}

// FuzzWish: no bytes from a client may bring a practice server down.
func FuzzWish(f *testing.F) {
	f.Add(helloWith([]byte{0}, nil, 0, extHeartbeat, 0, 1, 1)[recordHeader:])
	f.Add([]byte{msgClientHello})
	f.Fuzz(func(t *testing.T, b []byte) { new(wish).parse(b) })
}

func TestWish(t *testing.T) {
	for name, c := range map[string]struct {
		extensions []byte
		ok         bool
	}{
		"none":      {nil, true},
		"one":       {[]byte{0, extHeartbeat, 0, 1, 1}, true},
		"too long":  {[]byte{0, extHeartbeat, 0, 2, 1}, false},
		"cut short": {[]byte{0, extHeartbeat, 0, 1, 1, 9}, false},
	} {
		var w wish
		ok := w.parse(helloWith([]byte{1, 0}, nil, c.extensions...)[recordHeader:])
		if ok != c.ok || ok && (!bytes.Equal(w.compression, []byte{1, 0}) || len(w.extensions) != len(c.extensions)/5) {
			t.Errorf("%s: %+v, %v", name, w, ok)
		}
	}
}
