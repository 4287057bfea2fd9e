package scan

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/miekg/dns"
)

// leads are answers over HTTP that would lead the scanner elsewhere, by the
// port that gives them. %[1]s is the stranger.
var leads = map[int]string{
	8001: "HTTP/1.1 302 Found\r\nLocation: http://%[1]s/stolen\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8002: "garbage Location: http://%[1]s/\r\n\r\n",
	8003: "HTTP/2 302\r\nLocation: http://%[1]s/\r\n\r\n",
	8004: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	8005: "HTTP/1.1 200 OK\r\nAlt-Svc: h2=\"%[1]s\"; ma=86400, h3=\"%[1]s\"\r\nRefresh: 0; url=http://%[1]s/\r\nLink: <http://%[1]s/>; rel=preload\r\nContent-Location: http://%[1]s/\r\nSourceMap: http://%[1]s/\r\nNEL: {}\r\nReport-To: {\"endpoints\":[{\"url\":\"http://%[1]s/\"}]}\r\nSet-Cookie: a=b; Domain=stranger.example\r\nConnection: close\r\n\r\n<html><base href=\"http://%[1]s/\"><meta http-equiv=refresh content=\"0;url=http://%[1]s/\"><script src=\"//%[1]s/x.js\"></script><iframe src=\"http://%[1]s/\"></iframe><!DOCTYPE x [<!ENTITY y SYSTEM \"http://%[1]s/\">]>",
	8006: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM TlRMTVNTUAACAAAAAAAAAAAAAAABAgAA\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Digest realm=\"x\", domain=\"http://%[1]s/\", nonce=\"a\", qop=\"auth\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8007: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Location\r\n\r\n5\r\nhello\r\nffffffffffffffffff\r\nLocation: http://%[1]s/\r\n\r\n",
	8008: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nLocation: http://%[1]s/\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
	8009: "HTTP/1.1 305 Use Proxy\r\nLocation: http://%[1]s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8010: "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nLocation: http://%[1]s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8011: "HTTP/1.1 200 OK\r\nX-Tok: {{resolve('stranger.example')}}\r\nConnection: close\r\n\r\ntoken=\"{{resolve('stranger.example')}}\"",
	8012: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntoken=\"{{public_ip()}}{{jarm('%[1]s')}}{{llm_prompt('x')}}{{wait_for(1)}}\"",
	8013: "HTTP/1.1 301 Moved\r\nLocation: //%[1]s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8014: "HTTP/1.1 307 Moved\r\nLocation: http://web.unit.example@%[1]s/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	8015: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ntoken=\"@" + strangerHost + ":18080/ HTTP/1.1\r\nHost: %[1]s\r\n\r\n\"",
}

// fine is where a harmless server speaks HTTP, and fineTLS one over TLS.
const fine, fineTLS = 80, 443

// serveHostile starts the servers at one address.
func serveHostile(t *testing.T, host string) {
	t.Helper()
	other := strangerHost + ":18080"
	at := func(port int) string { return fmt.Sprintf("%s:%d", host, port) }
	for port, answer := range leads {
		var n atomic.Int32
		accept(t, at(port), func(c net.Conn) {
			if !readHead(c) {
				return
			}
			if port == 8002 && n.Add(1)%2 == 0 { // what the second client gets
				answer = leads[8001]
			}
			fmt.Fprintf(c, answer, other)
		})
	}
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") })
	for port, secure := range map[int]bool{fine: false, fineTLS: true} {
		l, err := net.Listen("tcp", at(port))
		if err != nil {
			t.Fatal(err)
		}
		if secure {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pointing(t, other)}})
		}
		s := &http.Server{Handler: hello, ErrorLog: quiet()}
		go func() { _ = s.Serve(l) }()
		t.Cleanup(func() { _ = s.Close() })
	}
	for port, f := range map[int]func(net.Conn){
		3306: mysqlThatAsksForAFile, 1433: mssqlThatRoutes, 389: ldapThatRefers,
		6379: says("-MOVED 1 " + other + "\r\n"), 21: says("227 Entering Passive Mode (" + strings.ReplaceAll(strangerHost, ".", ",") + ",70,160)\r\n"),
		1521: says("\x00\x36\x00\x00\x05\x00\x00\x00\x00\x2c(ADDRESS=(PROTOCOL=tcp)(HOST=" + strangerHost + ")(PORT=18080))"),
		445:  says("\x00\x00\x00\x08\xfeSMBgarbage"), 3389: says("\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x02\x00\x00\x00"),
		25: says("220 " + other + "\r\n251 User not local; will forward to <a@" + other + ">\r\n"),
	} {
		accept(t, at(port), f)
	}
}

// accept does the same with each connection.
func accept(t *testing.T, at string, f func(net.Conn)) {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go each(l, func(c net.Conn) {
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(2 * time.Second))
		f(c)
	})
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func readHead(c net.Conn) bool {
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil || strings.TrimSpace(line) == "" {
			return err == nil
		}
	}
}

// says speaks first, and again after each thing that it is told.
func says(s string) func(net.Conn) {
	return func(c net.Conn) {
		for b := make([]byte, 4096); ; {
			if _, err := io.WriteString(c, s); err != nil {
				return
			}
			if _, err := c.Read(b); err != nil {
				return
			}
		}
	}
}

// mysqlThatAsksForAFile answers every query by LOCAL INFILE.
func mysqlThatAsksForAFile(c net.Conn) {
	packet := func(n byte, b string) { _, _ = c.Write(append([]byte{byte(len(b)), byte(len(b) >> 8), 0, n}, b...)) }
	packet(0, "\x0a5.7.1\x00\x01\x00\x00\x00abcdefgh\x00\xff\xf7\x21\x02\x00\xff\x81\x15"+strings.Repeat("\x00", 10)+"abcdefghijkl\x00mysql_native_password\x00")
	b := make([]byte, 4096)
	if _, err := c.Read(b); err != nil {
		return
	}
	packet(2, "\x00\x00\x00\x02\x00\x00\x00")
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
		packet(1, "\xfb"+os.Getenv("HOME")+"/trap.txt")
	}
}

// mssqlThatRoutes sends whoever logs in to another server (MS-TDS 2.2.7.9,
// type 20).
func mssqlThatRoutes(c net.Conn) {
	packet := func(b []byte) {
		head := []byte{4, 1, 0, 0, 0, 0, 1, 0}
		binary.BigEndian.PutUint16(head[2:], uint16(len(b)+8))
		_, _ = c.Write(append(head, b...))
	}
	b := make([]byte, 4096)
	if _, err := c.Read(b); err != nil {
		return
	}
	packet([]byte{0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 15, 0, 0, 0, 0, 0, 2})
	if _, err := c.Read(b); err != nil {
		return
	}
	name := utf16.Encode([]rune(strangerHost))
	value := []byte{0, 0xa0, 0x46, byte(len(name)), 0} // TCP, port 18080
	for _, r := range name {
		value = binary.LittleEndian.AppendUint16(value, r)
	}
	change := binary.LittleEndian.AppendUint16([]byte{20}, uint16(len(value)))
	change = append(append(change, value...), 0, 0)
	tokens := binary.LittleEndian.AppendUint16([]byte{0xe3}, uint16(len(change)))
	tokens = append(tokens, change...)
	ack := append([]byte{1, 0x74, 0, 0, 4, 1, 'x', 0}, 0, 0, 0, 0)
	tokens = append(binary.LittleEndian.AppendUint16(append(tokens, 0xad), uint16(len(ack))), ack...)
	packet(append(tokens, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	_, _ = c.Read(b)
}

// ldapThatRefers answers each operation by the result referral (RFC 4511
// §4.1.10).
func ldapThatRefers(c net.Conn) {
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil || n < 7 {
			return
		}
		uri := "ldap://" + strangerHost + ":18080/"
		operation := b[5] + 1
		if b[5] == 0x63 {
			operation = 0x65 // searchResDone
		}
		referral := append([]byte{0xa3, byte(len(uri) + 2), 0x04, byte(len(uri))}, uri...)
		result := append([]byte{0x0a, 1, 10, 4, 0, 4, 0}, referral...)
		body := append([]byte{2, 1, b[4], operation, byte(len(result))}, result...)
		_, _ = c.Write(append([]byte{0x30, byte(len(body))}, body...))
	}
}

// pointing is a certificate full of addresses of the stranger.
func pointing(t *testing.T, other string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stranger.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		OCSPServer: []string{"http://" + other + "/ocsp"}, IssuingCertificateURL: []string{"http://" + other + "/ca"}, CRLDistributionPoints: []string{"http://" + other + "/crl"},
		DNSNames: []string{"stranger.example", "*.stranger.example"}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, OCSPStaple: []byte("http://" + other), SignedCertificateTimestamps: [][]byte{[]byte(other)}}
}

// serveStranger answers at an address that nobody declared, so that whoever
// comes gets on.
func serveStranger(t *testing.T) {
	t.Helper()
	for _, port := range []int{18080, 53, 43, 389, 443} {
		accept(t, fmt.Sprintf("%s:%d", strangerHost, port), func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(strangerSays), strangerSays)
			_, _ = c.Read(make([]byte, 4096))
		})
	}
}

// serveNames answers as the resolver does, and less honestly with each
// question: for web, first the target, then the stranger.
// It gives where, and which names were asked for so far.
func serveNames(t *testing.T) (netip.AddrPort, *sync.Map) {
	t.Helper()
	var asked atomic.Int32
	names := new(sync.Map)
	answer := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		name, kind := q.Question[0].Name, q.Question[0].Qtype
		names.Store(name, true)
		text := func(s string) {
			if r, err := dns.NewRR(s); err == nil {
				m.Answer = append(m.Answer, r)
			}
		}
		switch {
		case kind == dns.TypeA && strings.HasPrefix(name, "www."), kind == dns.TypeA && strings.HasPrefix(name, "web.") && asked.Add(1) == 1:
			text(name + " 0 A " + firstTarget)
		case kind == dns.TypeA && strings.HasPrefix(name, "web."):
			text(name + " 0 A " + strangerHost)
		case kind == dns.TypeA:
			text(name + " 0 CNAME elsewhere.stranger.example.")
			text("elsewhere.stranger.example. 0 A " + strangerHost)
		case kind == dns.TypeNS:
			text(name + " 0 NS ns.stranger.example.")
			text("ns.stranger.example. 0 A " + strangerHost)
		}
		_ = w.WriteMsg(m)
	})
	at := netip.MustParseAddrPort(resolverHost + ":53")
	u, err := net.ListenPacket("udp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: u, Handler: answer}, {Listener: l, Handler: answer}} {
		go func() { _ = s.ActivateAndServe() }()
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return at, names
}
