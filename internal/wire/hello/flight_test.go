package hello

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// handshakeRecord puts messages, given in hexadecimal, into one record.
func handshakeRecord(messages ...string) string {
	all := strings.Join(messages, "")
	return fmt.Sprintf("160303%04x%s", len(all)/2, all)
}

func handshakeMessage(kind byte, body string) string {
	return fmt.Sprintf("%02x%06x%s", kind, len(body)/2, body)
}

func flightHello(suite string) string {
	return handshakeMessage(msgServerHello, "0303"+strings.Repeat("ab", 32)+"00"+suite+"00")
}

const (
	twoCertificates = "00000c" + "000003aabbcc" + "000003ddeeff"
	namedP256       = "030017" + "0104" // and what should be a point
	dhOf9Bits       = "0002" + "0101" + "0001" + "02" + "0001" + "05"
)

// flights are what servers say after a hello, and what it tells.
var flights = []struct{ name, sent, want string }{
	{"RSA", handshakeRecord(flightHello("002f"), handshakeMessage(msgCertificate, twoCertificates), "0e000000"), "certificate 15 aabbcc, done"},
	{"ECDHE", handshakeRecord(flightHello("c02f"), handshakeMessage(msgServerKeyExchange, namedP256), "0e000000"), "secp256r1, done"},
	{"curve of its own", handshakeRecord(flightHello("c02f"), handshakeMessage(msgServerKeyExchange, "01000000"), "0e000000"), "arbitrary_explicit_prime_curves, done"},
	{"DHE", handshakeRecord(flightHello("009e")) + handshakeRecord(handshakeMessage(msgServerKeyExchange, dhOf9Bits)) + handshakeRecord("0e000000"), "p 257, g 2, done"},
	{"DHE with a hint", handshakeRecord(flightHello("00aa"), handshakeMessage(msgServerKeyExchange, "0003616263"+dhOf9Bits), "0e000000"), "p 257, g 2, done"},
	{"anonymous DH", handshakeRecord(flightHello("00a6"), handshakeMessage(msgServerKeyExchange, dhOf9Bits), "0e000000"), "p 257, g 2, done"},
	{"export RSA", handshakeRecord(flightHello("0003"), handshakeMessage(msgServerKeyExchange, "0002ffff"+"000103"), "0e000000"), "RSA 16, done"},
	{"hint alone", handshakeRecord(flightHello("00a8"), handshakeMessage(msgServerKeyExchange, "0000"), "0e000000"), "nothing, done"},
	{"wants a certificate", handshakeRecord(flightHello("002f"), handshakeMessage(msgStatus, "01000000"), handshakeMessage(msgRequest, "0101"), "0e000000"), "requested, done"},
	{"byte by byte", crumbs(handshakeRecord(flightHello("009e"), handshakeMessage(msgCertificate, twoCertificates), handshakeMessage(msgServerKeyExchange, dhOf9Bits), "0e000000")), "certificate 15 aabbcc, p 257, g 2, done"},
	{"ends early", handshakeRecord(flightHello("002f")), "broken: EOF"},
	{"alert after the hello", handshakeRecord(flightHello("002f")) + "15030300020250", "broken: alert internal_error(80)"},
	{"no prime", handshakeRecord(flightHello("009e"), handshakeMessage(msgServerKeyExchange, "0000")), "broken: malformed ServerKeyExchange"},
	{"cut curve", handshakeRecord(flightHello("c02f"), handshakeMessage(msgServerKeyExchange, "0300")), "broken: malformed ServerKeyExchange"},
	{"curve of no kind", handshakeRecord(flightHello("c02f"), handshakeMessage(msgServerKeyExchange, "09001700")), "broken: malformed ServerKeyExchange"},
	{"chain does not add up", handshakeRecord(flightHello("002f"), handshakeMessage(msgCertificate, "0000ff")), "broken: malformed Certificate"},
	{"no certificate", handshakeRecord(flightHello("002f"), handshakeMessage(msgCertificate, "000000"), "0e000000"), "certificate 3 , done"},
	{"a chain of 16 MB", handshakeRecord(flightHello("002f"), "0bffffff"), "broken: handshake message 11 of 16777215 bytes"},
	{"another hello", handshakeRecord(flightHello("002f"), flightHello("002f")), "broken: handshake message 2 in the"},
	{"refuses", "15030300020228", "refused: alert handshake_failure(40)"},
	{"closes", "", "error: EOF"},
}

func describeFlight(sent []byte) string {
	o := Offer{Version: TLS12, Suites: []uint16{0x002f, 0xc02f, 0x009e, 0x00aa, 0x00a6, 0x0003, 0x00a8}}
	f, broken, err := ReadFlight(bytes.NewReader(sent), o)
	var said []string
	switch {
	case err != nil:
		return "error: " + err.Error()
	case !f.Accepted:
		return f.String()
	case broken != nil:
		return "broken: " + broken.Error()
	}
	if f.CertificateBytes > 0 {
		said = append(said, fmt.Sprintf("certificate %d %x", f.CertificateBytes, f.Leaf))
	}
	switch e := f.Exchange; {
	case e == nil:
	case e.Group != 0:
		said = append(said, GroupName(e.Group))
	case e.Prime != nil:
		said = append(said, fmt.Sprintf("p %d, g %d", e.Prime, e.Base))
	case e.RSA != nil:
		said = append(said, fmt.Sprintf("RSA %d", e.RSA.BitLen()))
	default:
		said = append(said, "nothing")
	}
	if f.CertificateRequested {
		said = append(said, "requested")
	}
	if f.Done {
		said = append(said, "done")
	}
	return strings.Join(said, ", ")
}

func TestReadFlight(t *testing.T) {
	for _, c := range flights {
		sent, err := hex.DecodeString(c.sent)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := describeFlight(sent); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzReadFlight also holds that no flight is read for ever.
func FuzzReadFlight(f *testing.F) {
	for _, c := range flights {
		sent, _ := hex.DecodeString(c.sent)
		f.Add(sent, uint16(0xc02f))
	}
	f.Fuzz(func(t *testing.T, sent []byte, suite uint16) {
		r := &counter{Reader: bytes.NewReader(sent)}
		fl, broken, err := ReadFlight(r, Offer{Version: TLS12, Suites: []uint16{suite, 0x009e, 0xc02f, 0x0003}})
		if err != nil && (fl.Accepted || broken != nil) || fl.Done && (broken != nil || !fl.Accepted) {
			t.Errorf("%+v, %v, %v", fl, broken, err)
		}
		if r.n > maxFlightRecords*(maxRecord+5) {
			t.Errorf("read %d bytes", r.n)
		}
	})
}

// TestAskFlightCryptoTLS reads the flight of the standard library.
func TestAskFlightCryptoTLS(t *testing.T) {
	cert := certificate(t)
	f := flightOf(t, Offer{Version: TLS12, Suites: []uint16{0xc02b}, Name: "example.test", Groups: []uint16{24, 23}, ALPN: []string{"h2", "http/1.1"}},
		&tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}, ClientAuth: tls.RequestClientCert, CurvePreferences: []tls.CurveID{tls.CurveP384}})
	if !f.Accepted || !f.Done || f.Exchange == nil || f.Exchange.Group != 24 || !f.CertificateRequested || f.Hello.ALPN != "h2" ||
		!bytes.Equal(f.Leaf, cert.Certificate[0]) || f.Hello.Compression != 0 || !f.Hello.Has(RenegotiationInfo) {
		t.Errorf("%+v", f)
	}
}

func flightOf(t *testing.T, o Offer, cfg *tls.Config) Flight {
	t.Helper()
	client := serveOnce(t, cfg)
	f, broken, err := AskFlight(client, o)
	if err != nil || broken != nil {
		t.Fatal(broken, err)
	}
	return f
}

// serveOnce runs a handshake of crypto/tls at the other end of a connection. It
// is no net.Pipe, for on that nobody can write while the other one does.
func serveOnce(t *testing.T, cfg *tls.Config) net.Conn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server, err := l.Accept()
		if err != nil {
			return
		}
		_ = server.SetDeadline(time.Now().Add(5 * time.Second))
		_ = tls.Server(server, cfg).Handshake()
		_ = server.Close()
	}()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = client.SetDeadline(time.Now().Add(5 * time.Second))
	t.Cleanup(func() { _, _ = client.Close(), l.Close(); <-done })
	return client
}

// TestKeyShares holds that each group of which a key can be made is taken by
// crypto/tls, and that without a key it asks for one.
func TestKeyShares(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []uint16{groupX25519, groupP256, groupP384, groupP521, groupX25519MLKEM768} {
		for _, shares := range [][]uint16{{group}, {}} {
			cfg := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, CurvePreferences: []tls.CurveID{tls.CurveID(group)}}
			o := Offer{Version: TLS13, Suites: []uint16{0x1302, 0x1301}, Groups: []uint16{24, group}, Shares: shares}
			a, err := Ask(serveOnce(t, cfg), o)
			if err != nil || !a.Accepted || a.Hello.Group != group || a.Hello.Retry != (len(shares) == 0) || !slices.Contains(o.Suites, a.Hello.Suite) {
				t.Errorf("%s with keys of %v: %+v, %v", GroupName(group), shares, a, err)
			}
		}
	}
}

// TestOfferExtras holds that a server reads what an offer may carry beside its
// suites: a signal of falling back, methods of compression, extensions.
func TestOfferExtras(t *testing.T) {
	cfg := &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	o := Offer{Version: TLS12, Suites: []uint16{0xc02b}, Compression: []byte{1, 0}, Extra: []Extension{EncryptThenMAC, RenegotiationInfo, SessionTicket}}
	if f := flightOf(t, o, cfg); !f.Done || !f.Hello.Has(RenegotiationInfo) || !f.Hello.Has(SessionTicket) || f.Hello.Has(EncryptThenMAC) {
		t.Errorf("%+v", f)
	}
	o.Signals = []uint16{FallBack}
	a, err := Ask(serveOnce(t, cfg), o)
	if err != nil || a.String() != "refused: alert inappropriate_fallback(86)" || !a.Doubtful {
		t.Errorf("falling back: %v, %v", a, err)
	}
}
