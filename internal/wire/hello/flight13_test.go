package hello

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestFlight13CryptoTLS reads the encrypted flight of the standard library
// under every suite and group of which it can be read, with and without being
// asked for another key first.
func TestFlight13CryptoTLS(t *testing.T) {
	cert := certificate(t)
	cert.OCSPStaple, cert.SignedCertificateTimestamps = []byte("status"), [][]byte{[]byte("stamp")}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	cas := x509.NewCertPool()
	cas.AddCert(leaf)
	for _, suite := range []uint16{aes128GCM, aes256GCM, chacha20Poly1305} {
		for _, group := range []uint16{groupX25519, groupP256, groupP384, groupP521, groupX25519MLKEM768} {
			for _, shares := range [][]uint16{nil, {}} {
				o := Offer{Version: TLS13, Suites: []uint16{suite}, Name: "example.test", Shares: shares, ALPN: []string{"h2"},
					Extra: []Extension{StatusRequest, {ID: extTimestamps}}}
				f := flightOf(t, o, &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"},
					ClientAuth: tls.RequestClientCert, ClientCAs: cas, CurvePreferences: []tls.CurveID{tls.CurveID(group)}})
				if !f.Done || f.Hello.Group != group || f.Hello.Retry || f.Hello.ALPN != "h2" || f.Signature != 0x0403 || f.Hello.Suite != suite ||
					!bytes.Equal(f.Leaf, leaf.Raw) || len(f.Chain) != 1 || string(f.OCSP) != "status" || string(f.Timestamps) != "\x00\x07\x00\x05stamp" ||
					!f.CertificateRequested || len(f.ClientCAs) != 1 || !bytes.Equal(f.ClientCAs[0], leaf.RawSubject) || !slices.Contains(f.Encrypted, extALPN) {
					t.Errorf("%s, %s: %+v", Find(uint32(suite)).Name, GroupName(group), f)
				}
			}
		}
	}
}

// TestFlight12Extras holds that the same is read of TLS 1.2.
func TestFlight12Extras(t *testing.T) {
	cert := certificate(t)
	cert.OCSPStaple, cert.SignedCertificateTimestamps = []byte("status"), [][]byte{[]byte("stamp")}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	cas := x509.NewCertPool()
	cas.AddCert(leaf)
	o := Offer{Version: TLS12, Suites: []uint16{0xc02b}, Signatures: []uint16{0x0203, 0x0403}, Extra: []Extension{StatusRequest, {ID: extTimestamps}}}
	f := flightOf(t, o, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert, ClientCAs: cas})
	if f.Signature != 0x0403 || string(f.OCSP) != "status" || string(f.Timestamps) != "\x00\x07\x00\x05stamp" ||
		len(f.ClientCAs) != 1 || !bytes.Equal(f.ClientCAs[0], leaf.RawSubject) || len(f.Chain) != 1 {
		t.Errorf("%+v", f)
	}
}

// script is a server that says what it says, whatever it hears.
type script struct {
	io.Reader
	heard bytes.Buffer
}

func (s *script) Write(b []byte) (int, error) { return s.heard.Write(b) }

// hello13 is a ServerHello of TLS 1.3 with some extensions, in one record.
func hello13(random, suite, extensions string) string {
	exts := "002b00020304" + extensions
	body := "0303" + random + "00" + suite + "00" + hex.EncodeToString(append16(nil, uint16(len(exts)/2))) + exts
	return handshakeRecord(handshakeMessage(msgServerHello, body))
}

var (
	anyRandom = strings.Repeat("ab", 32)
	retry     = hex.EncodeToString([]byte(retryRandom))
	basePoint = "00330024001d002009" + strings.Repeat("00", 31) // x25519
	wantsP384 = "003300020018"
)

// flights13 are what goes wrong in a handshake of TLS 1.3.
var flights13 = []struct{ name, sent, want string }{
	{"ends early", hello13(anyRandom, "1301", basePoint), "EOF"},
	{"unencrypted flight", hello13(anyRandom, "1301", basePoint) + handshakeRecord("08000002"+"0000"), "record of type 22 among encrypted ones"},
	{"does not decrypt", hello13(anyRandom, "1301", basePoint) + "140303000101" + "1703030020" + strings.Repeat("00", 32), "does not decrypt"},
	{"alert in the open", hello13(anyRandom, "1301", basePoint) + "15030300020250", "alert internal_error(80)"},
	{"no key", hello13(anyRandom, "1301", ""), "of which it got no key"},
	{"point of low order", hello13(anyRandom, "1301", "00330024001d0020"+strings.Repeat("00", 32)), "key exchange by x25519"},
	{"suite of no use", hello13(anyRandom, "1304", basePoint), "TLS_AES_128_CCM_SHA256 cannot be decrypted"},
	{"asks twice", hello13(retry, "1301", wantsP384) + hello13(retry, "1301", wantsP384), "asks for another hello twice"},
	{"asks, then another suite", hello13(retry, "1301", wantsP384) + hello13(anyRandom, "1302", basePoint), "changes the suite"},
	{"asks, then refuses", hello13(retry, "1301", wantsP384) + "15030300020228", "and to that: alert handshake_failure(40)"},
	{"asks for x448", hello13(retry, "1301", "00330002001e"), "wants a key of x448"},
	{"more in the record of the hello", strings.Replace(hello13(anyRandom, "1301", basePoint), "160303005a", "160303005e", 1) + "08000000", "unencrypted messages after"},
}

func TestFlight13Breaks(t *testing.T) {
	for _, c := range flights13 {
		sent, err := hex.DecodeString(c.sent)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		f, broken, err := AskFlight(&script{Reader: bytes.NewReader(sent)}, Offer{Version: TLS13, Suites: []uint16{0x1301, 0x1302, 0x1304}})
		if err != nil || broken == nil || !f.Accepted || f.Done || !strings.Contains(broken.Error(), c.want) {
			t.Errorf("%s: accepted %v, done %v, %v, %v; want %q", c.name, f.Accepted, f.Done, broken, err, c.want)
		}
	}
}

// FuzzAskFlight13 holds that whatever a server says in the open ends well.
func FuzzAskFlight13(f *testing.F) {
	for _, c := range flights13 {
		sent, _ := hex.DecodeString(c.sent)
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		r := &counter{Reader: bytes.NewReader(sent)}
		fl, broken, err := AskFlight(&script{Reader: r}, Offer{Version: TLS13, Suites: []uint16{0x1301, 0x1302, 0x1303}})
		if err != nil && (fl.Accepted || broken != nil) || fl.Done && (broken != nil || !fl.Accepted) {
			t.Errorf("%+v, %v, %v", fl, broken, err)
		}
		if r.n > maxFlightRecords*(maxRecord+5) {
			t.Errorf("read %d bytes", r.n)
		}
	})
}

// FuzzFlight13 holds it for what a server says once it is encrypted.
func FuzzFlight13(f *testing.F) {
	for _, messages := range []string{
		"08000006" + "0004" + "00000000" + "14000000",
		handshakeMessage(msgEncryptedExtensions, "000b"+"00100007"+"0005046874747"+"0"),
		handshakeMessage(msgRequest, "00"+"000b"+"002f0007"+"0005"+"0003300101"),
		handshakeMessage(msgCertificate, "00"+"00000f"+"000003aabbcc"+"0007"+"00050003010000"[:14]),
		handshakeMessage(msgCertificateVerify, "0804"+"0001ff"),
	} {
		sent, err := hex.DecodeString(messages)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		s := &stream{pending: sent, limit: maxFlightMessage}
		fl := Flight{Answer: Answer{Accepted: true, Hello: ServerHello{Version: TLS13, Suite: 0x1301}}}
		for {
			m, whole, err := s.cut()
			if !whole || err != nil || fl.add(m) != nil {
				break
			}
		}
		if len(fl.Chain) > maxChain || len(fl.ClientCAs) > maxAuthorities || (fl.Leaf == nil) != (len(fl.Chain) == 0) {
			t.Errorf("%+v", fl)
		}
	})
}
