package checks

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/wire/dnssec"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// domainOf is the practice domain, as the practice server of that name has it:
// the labels tell where the test finds its resolver, and the servers behind the
// ports of addresses that the domain names.
func domainOf(t *testing.T, recipe string) inventory.Endpoint {
	t.Helper()
	var s *lab.Server
	if recipe == "closed" {
		s = start(t, "tcp-open")
		_ = s.Close()
	} else {
		s = start(t, recipe)
	}
	at := s.AddrPort.String()
	return inventory.Endpoint{ID: recipe, Target: lab.DNSName, Kind: inventory.Domain, Zone: inventory.Internet, DKIM: []string{"thu"},
		Labels: map[string]string{"resolver": at, "53": at, "25": start(t, "smtp-good").AddrPort.String(), "443": start(t, "https-good").AddrPort.String()}}
}

// withNames lets a probe ask that resolver; addresses on loopback lead to the
// practice servers, and every other one is out of scope.
func withNames(s Settings, e inventory.Endpoint) Settings {
	s.Resolver = func(ctx context.Context, network string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, e.Labels["resolver"])
	}
	reach := func(network string) DialFunc {
		return func(ctx context.Context, address string) (net.Conn, error) {
			host, port, _ := net.SplitHostPort(address)
			if a, err := netip.ParseAddr(host); err != nil || !a.IsLoopback() {
				return nil, fact.Because(fact.OutOfScope, host+" is not in the test's scope")
			}
			if e.Labels["out "+host] != "" {
				return nil, fact.Because(fact.OutOfScope, host+" is not in the test's scope")
			}
			if to := cmp.Or(e.Labels[network+" "+address], e.Labels[host+":"+port]); to != "" {
				return new(net.Dialer).DialContext(ctx, network, to)
			}
			return new(net.Dialer).DialContext(ctx, network, e.Labels[port])
		}
	}
	s.Dial, s.Packet = reach("tcp"), reach("udp")
	if text := e.Labels["roots"]; text != "" {
		s.Roots = x509.NewCertPool()
		s.Roots.AppendCertsFromPEM([]byte(text))
	}
	if text := e.Labels["anchor"]; text != "" {
		s.Anchors, _ = dnssec.Anchors(text)
	} else {
		s.Anchors, _ = dnssec.Anchors(lab.DNSAnchor())
	}
	return s
}

// A policy of MTA-STS counts only from a web server that proves its name.
func TestMTASTSPolicy(t *testing.T) {
	const text = "version: STSv1\r\nmode: enforce\r\nmx: mail.xa.gov.vn\r\nmax_age: 604800\r\n"
	var kind string
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/mta-sts.txt" || r.Host != "mta-sts.xa.gov.vn" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, text)
	}))
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	paper := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"mta-sts.xa.gov.vn"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, paper, paper, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	web.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	web.StartTLS()
	t.Cleanup(web.Close)
	e := domainOf(t, "dns-good")
	e.Labels["443"] = web.Listener.Addr().String()
	for _, c := range []struct{ roots, kind, want string }{
		{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), "text/plain", `{"mode": "enforce", "mx": ["mail.xa.gov.vn"], "max_age": 604800, "mx_left_out": [], "policy_problems": []}`},
		{string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})), "text/html", `{"mode": {"unknown": {"cause": "unanswered"}}}`},
		{"", "text/plain", `{"mode": {"unknown": {"cause": "unanswered"}}}`},
	} {
		kind, e.Labels["roots"] = c.kind, c.roots
		expect(t, e, map[*Check]string{MailMTASTS: c.want})
	}
}

// One server that is out of step, or lame, is told from the other.
func TestServersAtOdds(t *testing.T) {
	e := domainOf(t, "dns-good")
	e.Labels["127.0.1.2:53"] = start(t, "dns-stale").AddrPort.String()
	expect(t, e, map[*Check]string{DNSDelegation: `{"all_answer": true, "same_serial": false, "lame": []}`})
	e.Labels["127.0.1.2:53"] = start(t, "dns-lame").AddrPort.String()
	expect(t, e, map[*Check]string{DNSDelegation: `{"all_answer": false, "lame": ["127.0.1.2"]}`})
	e.Labels["127.0.1.2:53"] = start(t, "dns-fails").AddrPort.String()
	expect(t, e, map[*Check]string{DNSDelegation: `{"all_answer": {"unknown": {"cause": "unanswered"}}, "same_serial": {"unknown": {"cause": "unanswered"}}, "lame": []}`})
}

// What is out of scope is told apart from what is not so.
func TestNameServersOutOfScope(t *testing.T) {
	e := domainOf(t, "dns-good")
	e.Labels["out 127.0.1.2"] = "yes"
	expect(t, e, map[*Check]string{
		DNSDelegation: `{"asked": ["127.0.0.1"], "unasked": ["127.0.1.2"], "lame": [], "all_answer": {"unknown": {"cause": "out-of-scope"}}, "same_serial": {"unknown": {"cause": "out-of-scope"}}}`,
		DNSServers:    `{"asked": ["127.0.0.1"], "unasked": ["127.0.1.2"], "transfer": {"unknown": {"cause": "out-of-scope"}}, "recursion": {"unknown": {"cause": "out-of-scope"}}}`,
	})
	e = domainOf(t, "dns-axfr-open")
	e.Labels["out 127.0.1.2"] = "yes"
	expect(t, e, map[*Check]string{DNSServers: `{"transfer": true, "transfer_at": ["127.0.0.1"]}`})
	e = domainOf(t, "dns-good")
	e.Labels["out 127.0.0.1"], e.Labels["out ::1"] = "yes", "yes"
	expect(t, e, map[*Check]string{
		MailMX:   `{"starttls": {"unknown": {"cause": "out-of-scope"}}, "unasked": ["127.0.0.1"]}`,
		DNSNames: `{"ipv6": true, "https_over_ipv6": {"unknown": {"cause": "out-of-scope"}}}`,
	})
}

// Mail servers are told by what they answer.
func TestMXWithoutTLS(t *testing.T) {
	e := domainOf(t, "dns-good")
	for recipe, want := range map[string]string{
		"smtp-plain":       `{"starttls": false, "without_starttls": ["127.0.0.1"]}`,
		"smtp-tls-refused": `{"starttls": false}`,
		"resets":           `{"starttls": {"unknown": {"cause": "reset"}}, "without_starttls": []}`,
	} {
		e.Labels["25"] = start(t, recipe).AddrPort.String()
		expect(t, e, map[*Check]string{MailMX: want})
	}
}

// Whoever transfers a zone to us is not kept a record of it.
func TestTransfersAreNotKept(t *testing.T) {
	o := observe(t, DNSServers, domainOf(t, "dns-axfr-open"), 10*time.Second)
	for _, e := range o.Evidence {
		if bytes.Contains(e.Received, []byte("_domainkey")) {
			t.Errorf("%s of %s holds the zone", e.Label, e.Peer)
		}
	}
}

// A fault above the unit's zone is not that of the zone: a resolver with a root
// of its own is told apart from a zone whose signatures do not hold.
func TestAnotherRoot(t *testing.T) {
	e := domainOf(t, "dns-good")
	e.Labels["anchor"] = ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
	o := observe(t, DNSDNSSEC, e, 10*time.Second)
	if o.Unknown == nil || o.Unknown.Cause != fact.Prerequisite {
		t.Errorf("%s, %v", o.Value, o.Unknown)
	}
}

// A name inside a zone has the state of that zone.
func TestNameInsideAZone(t *testing.T) {
	e := domainOf(t, "dns-good")
	e.Target = "MAIL.xa.gov.vn."
	expect(t, e, map[*Check]string{
		DNSDNSSEC:     `{"status": "secure", "zone": "xa.gov.vn"}`,
		DNSDelegation: `{"zone": "xa.gov.vn", "all_answer": true}`,
		DNSCAA:        `{"at": "xa.gov.vn"}`,
		MailMX:        `{"implicit": true, "servers": [{"name": "mail.xa.gov.vn"}]}`,
		MailDMARC:     `{"inherited": true, "at": "xa.gov.vn", "policy": "reject"}`,
	})
	e.Target = "khong-co.xa.gov.vn"
	if o := observe(t, MailSPF, e, 10*time.Second); o.Unknown == nil || o.Unknown.Cause != fact.Unreachable {
		t.Errorf("a domain that does not exist: %s, %v", o.Value, o.Unknown)
	}
}

// through puts somebody between the scan and its practice resolver, who turns
// answers round.
func through(t *testing.T, e inventory.Endpoint, turn func(*dns.Msg)) inventory.Endpoint {
	t.Helper()
	behind := e.Labels["resolver"]
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		c := dns.Client{Net: "tcp"}
		m, _, err := c.Exchange(q, behind)
		if err != nil {
			return
		}
		turn(m)
		m.Compress = true
		_ = w.WriteMsg(m)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = s.Shutdown() })
	e.Labels["resolver"] = conn.LocalAddr().String()
	return e
}

func isAbout(m *dns.Msg, name string, kind uint16) bool {
	return m.Question[0].Name == name && m.Question[0].Qtype == kind
}

func rr(t *testing.T, text string) dns.RR {
	t.Helper()
	out, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func unknownOf(t *testing.T, c *Check, e inventory.Endpoint, want fact.Cause) {
	t.Helper()
	if o := observe(t, c, e, 10*time.Second); o.Unknown == nil || o.Unknown.Cause != want {
		t.Errorf("%s: %s, %v; want %s", c.ID, o.Value, o.Unknown, want)
	}
}

// A zone that only the resolver has is not signed because one above it is.
func TestZoneOfTheResolverAlone(t *testing.T) {
	const inner = "noi-bo.xa.gov.vn."
	e := through(t, domainOf(t, "dns-good"), func(m *dns.Msg) {
		if isAbout(m, inner, dns.TypeSOA) {
			m.Rcode, m.Ns, m.Answer = dns.RcodeSuccess, nil, []dns.RR{rr(t, inner+" 60 SOA dc.noi-bo. x. 1 2 3 4 5")}
		}
	})
	e.Target = "noi-bo.xa.gov.vn"
	unknownOf(t, DNSDNSSEC, e, fact.Prerequisite)
}

// A server that only refers to others, or leads on without end, does not say
// that there is no record.
func TestReferralIsNoAbsence(t *testing.T) {
	e := through(t, domainOf(t, "dns-good"), func(m *dns.Msg) {
		m.RecursionAvailable = false
		if m.Question[0].Qtype == dns.TypeTXT {
			m.Answer, m.Ns, m.Rcode = nil, []dns.RR{rr(t, "xa.gov.vn. 60 NS ns1.xa.gov.vn.")}, dns.RcodeSuccess
		}
	})
	unknownOf(t, MailSPF, e, fact.Unanswered)
	unknownOf(t, MailDMARC, e, fact.Unanswered)
	e = through(t, domainOf(t, "dns-good"), func(m *dns.Msg) {
		if m.Question[0].Qtype == dns.TypeTXT {
			m.Answer = []dns.RR{rr(t, m.Question[0].Name+" 60 CNAME a.vn."), rr(t, "a.vn. 60 CNAME b.vn."), rr(t, "b.vn. 60 CNAME a.vn.")}
		}
	})
	unknownOf(t, MailSPF, e, fact.Unanswered)
}

// A null MX beside another says nothing.
func TestNullMXBesideAnother(t *testing.T) {
	e := through(t, domainOf(t, "dns-good"), func(m *dns.Msg) {
		if isAbout(m, "xa.gov.vn.", dns.TypeMX) {
			m.Answer = append(m.Answer, rr(t, "xa.gov.vn. 60 MX 0 ."))
		}
	})
	expect(t, e, map[*Check]string{MailMX: `{"null_mx": false, "implicit": false, "servers": [{"name": "mail.xa.gov.vn"}]}`})
}

// An IPv6 address that the resolver makes up is not the domain's.
func TestAddressesOfDNS64(t *testing.T) {
	e := through(t, domainOf(t, "dns-good"), func(m *dns.Msg) {
		if m.Question[0].Qtype == dns.TypeAAAA {
			m.Answer = []dns.RR{rr(t, m.Question[0].Name+" 60 AAAA 64:ff9b::c633:6401")}
		}
	})
	expect(t, e, map[*Check]string{DNSNames: `{"ipv6": false, "https_over_ipv6": {"unknown": {"cause": "prerequisite"}}}`})
}

// Nothing is said of all addresses, or of IPv6, by a list that was cut.
func TestManyAddresses(t *testing.T) {
	many := func(n int) func(*dns.Msg) {
		return func(m *dns.Msg) {
			if isAbout(m, "xa.gov.vn.", dns.TypeA) || isAbout(m, "ns1.xa.gov.vn.", dns.TypeA) {
				for i := range n {
					m.Answer = append(m.Answer, rr(t, fmt.Sprintf("%s 60 A 198.51.100.%d", m.Question[0].Name, i)))
				}
			}
		}
	}
	e := through(t, domainOf(t, "dns-good"), many(10))
	expect(t, e, map[*Check]string{DNSNames: `{"ipv6": true}`})
	e = through(t, domainOf(t, "dns-good"), many(20))
	unknownOf(t, DNSServers, e, fact.Skipped)
}

// A server that hangs up on a transfer refuses it, unless it hangs up on
// everything from then on.
func TestHangingUpOnTransfers(t *testing.T) {
	for _, c := range []struct {
		forGood bool
		want    string
	}{{false, `{"transfer": false, "tcp": true}`}, {true, `{"transfer": {"unknown": {"cause": "reset"}}, "tcp": true}`}} {
		e := domainOf(t, "dns-good")
		behind := e.Labels["53"]
		var gone atomic.Bool
		conn, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := &dns.Server{Listener: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if q.Question[0].Qtype == dns.TypeAXFR || gone.Load() {
				gone.Store(c.forGood)
				_ = w.Close()
				return
			}
			client := dns.Client{Net: "tcp"}
			if m, _, err := client.Exchange(q, behind); err == nil {
				_ = w.WriteMsg(m)
			}
		})}
		go func() { _ = s.ActivateAndServe() }()
		t.Cleanup(func() { _ = s.Shutdown() })
		e.Labels["tcp 127.0.0.1:53"] = conn.Addr().String()
		expect(t, e, map[*Check]string{DNSServers: c.want})
	}
}

// What is sent around by the server's own name tells of relaying only where
// its own users are told apart.
func TestRelays(t *testing.T) {
	const yes, no = starttls.Accepted, starttls.Denied
	for _, c := range []struct {
		plain, route, user, percent starttls.RelayAnswer
		known, open                 bool
	}{
		{no, no, no, no, true, false},
		{yes, no, no, no, true, true},
		{no, yes, no, no, true, true},
		{no, yes, yes, no, false, false},
		{no, no, starttls.Unclear, yes, true, true},
		{no, no, yes, yes, false, false},
		{starttls.Deferred, no, no, no, false, false},
	} {
		open, u := relays(starttls.Relay{Tries: []starttls.RelayTry{{Form: "plain", Answer: c.plain}, {Form: "source-route", Answer: c.route},
			{Form: "unknown-user", Answer: c.user}, {Form: "percent", Answer: c.percent}}}).Get()
		if open != c.open || (u == nil) != c.known {
			t.Errorf("%+v: %v, %v", c, open, u)
		}
	}
}

// Recursion is judged by what a server says to a name of nobody.
func TestRecursionIsSaid(t *testing.T) {
	for _, c := range []struct {
		turn func(*dns.Msg)
		want string
	}{
		{func(m *dns.Msg) { m.Rcode, m.RecursionAvailable = dns.RcodeNameError, true }, `{"recursion": true}`},
		{func(m *dns.Msg) { m.Rcode, m.RecursionAvailable = dns.RcodeSuccess, true }, `{"recursion": {"unknown": {"cause": "unanswered"}}}`},
		{func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }, `{"recursion": {"unknown": {"cause": "unanswered"}}}`},
		{func(m *dns.Msg) { m.Rcode = dns.RcodeSuccess }, `{"recursion": false}`},
		{func(m *dns.Msg) { m.Rcode, m.RecursionAvailable = dns.RcodeServerFailure, true }, `{"recursion": {"unknown": {"cause": "unanswered"}}}`},
	} {
		e := domainOf(t, "dns-good")
		own := e.Labels["resolver"]
		e.Labels["udp 127.0.0.1:53"] = through(t, e, func(m *dns.Msg) {
			if isAbout(m, "sansang.invalid.", dns.TypeA) {
				c.turn(m)
			}
		}).Labels["resolver"]
		e.Labels["resolver"] = own
		expect(t, e, map[*Check]string{DNSServers: c.want})
	}
}
