package nuclei

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/jobs"
)

// here allows loopback and nothing else of the names of this test.
func here(a netip.AddrPort) bool { return a.Addr() == netip.MustParseAddr("127.0.0.1") }

func engine(t *testing.T, c Config) *Engine {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.Allow == nil {
		c.Allow = here
	}
	c.Resolver = questions // nuclei keeps that of the first engine
	c.Folder, c.Agent = t.TempDir(), "sansang-test"
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

const head = "id: x\ninfo: {name: x, author: lab, severity: low}\n"

// show says an answer in a line.
func show(a jobs.Answer) string {
	return fmt.Sprintf("found=%v matchers=%q at=%s extracted=%q requests=%d answers=%d statuses=%v cause=%s detail=%q request=%q response=%.80q",
		a.Found, a.Matchers, a.At, a.Extracted, a.Requests, a.Answers, a.Statuses, a.Cause, a.Detail, a.Request, a.Response)
}

func load(t *testing.T, e *Engine, key, body string) {
	t.Helper()
	if _, err := e.Load(key, []byte(head+strings.TrimPrefix(body, "\n"))); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
}

// at is the target behind a URL or "host:port".
func at(t *testing.T, s string) jobs.Target {
	t.Helper()
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	u, err := url.Parse("x://" + rest)
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(u.Port())
	return jobs.Target{ID: 1, Scheme: scheme, Host: u.Hostname(), Port: port, Path: u.Path, Addr: u.Hostname()}
}

func web(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

func webTLS(t *testing.T, h http.HandlerFunc, c *tls.Config) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if c != nil {
		s.TLS = c
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// tcp serves every connection with f; the address is "127.0.0.1:port".
func tcp(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
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
			go f(c)
		}
	}()
	return l.Addr().String()
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func abort(c net.Conn) {
	if tc, ok := c.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
	_ = c.Close()
}

// says answers the first line of a connection with s and ends.
func says(s string) func(net.Conn) {
	return func(c net.Conn) {
		defer func() { _ = c.Close() }()
		r := bufio.NewReader(c)
		for {
			line, err := r.ReadString('\n')
			if err != nil || strings.TrimSpace(line) == "" {
				break
			}
		}
		_, _ = io.WriteString(c, s)
	}
}

func mute(c net.Conn) { _, _ = io.Copy(io.Discard, c); _ = c.Close() }

// certificate is self-signed and lasts until a time.
func certificate(t *testing.T, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lab"}, NotBefore: until.Add(-30 * 24 * time.Hour), NotAfter: until, IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

const questions = "127.0.0.1:10053"

// zone answers the DNS: fail.lab SERVFAIL, mute.lab nothing, half.lab a truncated
// answer, host.lab and plain.lab TXT, all else NXDOMAIN. It is one for the process, as nuclei's client is.
func zone(t *testing.T) {
	t.Helper()
	pc, err := net.ListenPacket("udp", questions)
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		switch name, kind := q.Question[0].Name, q.Question[0].Qtype; {
		case name == "mute.lab.":
			return
		case name == "fail.lab.":
			m.Rcode = dns.RcodeServerFailure
		case name == "host.lab." && kind == dns.TypeTXT:
			rr, _ := dns.NewRR(`host.lab. 60 IN TXT "v=spf1 +all"`)
			m.Answer = append(m.Answer, rr)
		case name == "half.lab.":
			m.Truncated = true
		case name == "plain.lab.":
			rr, _ := dns.NewRR(`plain.lab. 60 IN TXT "v=spf1 -all"`)
			m.Answer = append(m.Answer, rr)
		default:
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
}

// namesOf is a resolver that knows one name, as 127.0.0.1, and no other.
func namesOf(t *testing.T, name string) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Name != name+"." {
			m.Rcode = dns.RcodeNameError
		} else if q.Question[0].Qtype == dns.TypeA {
			rr, _ := dns.NewRR(name + ". 60 IN A 127.0.0.1")
			m.Answer = append(m.Answer, rr)
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
	return pc.LocalAddr().String()
}
