package hello

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAskCryptoTLS asks the server of the standard library, which speaks some
// versions and refuses the others by alert.
func TestAskCryptoTLS(t *testing.T) {
	cert := certificate(t)
	for _, c := range []struct {
		lowest, highest uint16
		asked           Version
		accepted        bool
	}{
		{tls.VersionTLS12, tls.VersionTLS13, TLS13, true},
		{tls.VersionTLS12, tls.VersionTLS13, TLS12, true},
		{tls.VersionTLS12, tls.VersionTLS13, TLS11, false},
		{tls.VersionTLS12, tls.VersionTLS13, TLS10, false},
		{tls.VersionTLS12, tls.VersionTLS13, SSL3, false},
		{tls.VersionTLS12, tls.VersionTLS13, SSL2, false},
		{tls.VersionTLS10, tls.VersionTLS12, TLS13, false},
		{tls.VersionTLS10, tls.VersionTLS12, TLS10, true},
		{tls.VersionTLS10, tls.VersionTLS12, TLS11, true},
		{tls.VersionTLS10, tls.VersionTLS10, TLS12, false},
		{tls.VersionTLS13, tls.VersionTLS13, TLS12, false},
	} {
		offers := Offers(c.asked, "example.test")
		var got Answer
		for _, o := range offers {
			if got = askPipe(t, o, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: c.lowest, MaxVersion: c.highest,
				CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}); got.Accepted || got.AboutVersion {
				break
			}
		}
		if got.Accepted != c.accepted || !got.Accepted && !got.AboutVersion {
			t.Errorf("server of 0x%04x to 0x%04x, asked for %s: %+v, want accepted %v", c.lowest, c.highest, c.asked, got, c.accepted)
		}
	}
}

// askPipe also checks what the server understood of the offer.
func askPipe(t *testing.T, o Offer, cfg *tls.Config) Answer {
	t.Helper()
	client, server := net.Pipe()
	for _, c := range []net.Conn{client, server} {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	}
	cfg.GetConfigForClient = func(info *tls.ClientHelloInfo) (*tls.Config, error) {
		if o.Version >= TLS10 && info.ServerName != o.Name {
			t.Errorf("%s: the server read the name %q", o.Version, info.ServerName)
		}
		if want := len(o.Suites); len(info.CipherSuites) < want {
			t.Errorf("%s: the server read %d suites of %d", o.Version, len(info.CipherSuites), want)
		}
		if o.Version == TLS13 && !slices.Equal(info.SupportedVersions, []uint16{tls.VersionTLS13}) {
			t.Errorf("TLS 1.3: the server read the versions %x", info.SupportedVersions)
		}
		return nil, nil
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = tls.Server(server, cfg).Handshake()
		_ = server.Close()
	}()
	a, err := Ask(client, o)
	_ = client.Close()
	<-done
	if err != nil {
		t.Fatalf("%s: %v", o.Version, err)
	}
	return a
}

func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"example.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// hello is a ServerHello of the version with suite 0x002f, in one record.
func serverHello(version string) string {
	return "160301002a" + "02000026" + version + strings.Repeat("ab", 32) + "00" + "002f" + "00"
}

// answers are what servers say, in hexadecimal, and what it means.
var answers = []struct {
	name  string
	asked Version
	sent  string
	want  string // of Answer.String, or of the error
}{
	{"accepts", TLS10, serverHello("0301"), "accepted: ServerHello TLS 1.0, suite 0x002f"},
	{"lower version", TLS10, serverHello("0300"), "refused: ServerHello SSL 3.0"},
	{"higher version", TLS10, serverHello("0303"), "ServerHello TLS 1.2 in answer to a hello of TLS 1.0"},
	{"version that does not exist", TLS10, serverHello("0102"), "no such version"},
	{"older than TLS 1.3", TLS13, serverHello("0303"), "refused: ServerHello TLS 1.2"},
	{"suite not offered", TLS10, strings.Replace(serverHello("0301"), "00002f00", "00130100", 1), "which was not offered"},
	{"TLS 1.3", TLS13, "1603030032" + "0200002e0303" + strings.Repeat("ab", 32) + "00130100" + "0006" + "002b00020304", "accepted: ServerHello TLS 1.3, suite 0x1301"},
	{"alert protocol_version", TLS10, "15030100020246", "refused: alert protocol_version(70)"},
	{"alert handshake_failure", TLS10, "15030100020228", "refused: alert handshake_failure(40)"},
	{"warning, then accepts", TLS10, "15030100020170" + serverHello("0301"), "accepted: ServerHello TLS 1.0, suite 0x002f"},
	{"only warnings", TLS10, strings.Repeat("15030100020170", 9), "more than 4 messages"},
	{"refuses the name", TLS10, "15030100020270", "does not know the name"},
	{"says good-bye", TLS10, "15030100020100", "close_notify(0) in answer to a hello"},
	{"HelloRequest first", TLS10, "160301000400000000" + serverHello("0301"), "accepted: ServerHello TLS 1.0, suite 0x002f"},
	{"in two records", TLS10, "1603010002" + serverHello("0301")[10:14] + "1603010028" + serverHello("0301")[14:], "accepted: ServerHello TLS 1.0, suite 0x002f"},
	{"byte by byte", TLS10, crumbs(serverHello("0301")), "accepted: ServerHello TLS 1.0, suite 0x002f"},
	{"closes", TLS10, "", "EOF"},
	{"cut short", TLS10, serverHello("0301")[:20], "unexpected EOF"},
	{"another message", TLS10, "16030100040b000000", "handshake message 11"},
	{"application data", TLS10, "170301000400000000", "record of type 23"},
	{"plain HTTP", TLS10, hex.EncodeToString([]byte("HTTP/1.1 400 Bad Request\r\n")), "plain HTTP"},
	{"another protocol", TLS10, hex.EncodeToString([]byte("220 mail.example.test ESMTP")), "no TLS record"},
	{"huge record", TLS10, "160301ffff", "TLS record of 65535 bytes"},
	{"huge ServerHello", TLS10, "160301000402ffffff", "ServerHello of 16777215 bytes"},
	{"SSL 2.0 accepts", SSL2, "800f" + "040001" + "0002" + "0001" + "0003" + "0000" + "30" + "010080", "accepted: SERVER-HELLO SSL 2.0 with 1 ciphers"},
	{"SSL 2.0 error", SSL2, "8003000001", "refused: SSL 2.0 NO-CIPHER-ERROR"},
	{"SSL 2.0 alert", SSL2, "15030000020228", "refused: alert handshake_failure(40)"},
	{"SSL 2.0 lengths", SSL2, "800f" + "040001" + "0002" + "0101" + "0003" + "0000" + "30" + "010080", "do not add up"},
	{"SSL 2.0 closes", SSL2, "", "EOF"},
	{"SSL 2.0 garbage", SSL2, hex.EncodeToString([]byte("HTTP/1.1 400")), "no SSL 2.0 record"},
}

// crumbs cuts a record to records of one byte.
func crumbs(record string) string {
	var out strings.Builder
	for i := 10; i < len(record); i += 2 {
		out.WriteString(record[:6] + "0001" + record[i:i+2])
	}
	return out.String()
}

func TestRead(t *testing.T) {
	for _, c := range answers {
		sent, err := hex.DecodeString(c.sent)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		a, err := Read(bytes.NewReader(sent), offerOf(c.asked))
		got := a.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func offerOf(v Version) Offer { return Offers(v, "example.test")[0] }

// TestOffers holds what the size of a hello must keep to, and that together
// the offers name each suite once.
func TestOffers(t *testing.T) {
	for _, v := range []Version{SSL3, TLS10, TLS11, TLS12, TLS13} {
		seen := map[uint16]bool{}
		for _, o := range Offers(v, "mot-ten-may-chu-dai.xa.tinh.gov.vn") {
			n := len(o.Bytes()) - 5
			if n >= 256 && n < 512 || n > 700 {
				t.Errorf("%s: a hello of %d bytes", v, n)
			}
			for _, s := range o.Suites {
				if seen[s] {
					t.Errorf("%s: suite 0x%04x twice", v, s)
				}
				if s == 0x5600 || s == 0 {
					t.Errorf("%s: offers 0x%04x", v, s)
				}
				seen[s] = true
			}
		}
		t.Logf("%s: %d suites", v, len(seen))
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range answers {
		sent, _ := hex.DecodeString(c.sent)
		f.Add(uint16(c.asked), sent)
	}
	f.Fuzz(func(t *testing.T, v uint16, sent []byte) {
		o := Offer{Version: Version(v), Suites: []uint16{0x002f, 0x1301}}
		r := &counter{Reader: bytes.NewReader(sent)}
		a, err := Read(r, o)
		if err == nil && a.Said == "" {
			t.Errorf("an answer that says nothing: %+v", a)
		}
		if err != nil && (a.Accepted || a.AboutVersion) {
			t.Errorf("both an answer and an error: %+v, %v", a, err)
		}
		if r.n > maxRecords*(maxRecord+5) {
			t.Errorf("read %d bytes", r.n)
		}
	})
}

type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}
