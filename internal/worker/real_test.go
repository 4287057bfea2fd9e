package worker

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// engine is a pool of the real worker.
func engine(t testing.TB, change ...func(*Options)) *Pool {
	t.Helper()
	if tt, ok := t.(*testing.T); ok {
		needApart(tt)
	}
	o := Options{Timeout: time.Second, Agent: "sansang-test", Log: zerolog.New(zerolog.NewTestWriter(t)).Level(zerolog.InfoLevel)}
	o.Path, o.Version = real(t)
	for _, c := range change {
		c(&o)
	}
	p := New(o)
	t.Cleanup(p.Close)
	return p
}

func text(id, body string, protocols ...string) *templates.Template {
	return &templates.Template{ID: id, Protocols: protocols, Steps: 1,
		Data: []byte("id: " + id + "\ninfo: {name: x, author: lab, severity: info}\n" + body + "\n")}
}

var get = text("get", `http: [{method: GET, path: ["{{BaseURL}}/x"], matchers: [{type: word, words: [needle]}]}]`, "http")

// to is the target of a listener.
func to(t testing.TB, scheme string, a net.Addr) jobs.Target {
	t.Helper()
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return jobs.Target{Scheme: scheme, Host: at.Addr().String(), Addr: at.Addr().String(), Port: int(at.Port())}
}

// peer listens and does the same with each connection.
func peer(t testing.TB, at string, f func(net.Conn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer c.Close(); f(c) })
			wg.Go(func() { <-stop; c.Close() })
		}
	})
	t.Cleanup(func() { close(stop); l.Close(); wg.Wait() })
	return l.Addr()
}

// request reads one request over HTTP.
func request(c net.Conn) bool {
	buf := make([]byte, 4096)
	all := ""
	for !strings.Contains(all, "\r\n\r\n") {
		n, err := c.Read(buf)
		if err != nil {
			return false
		}
		all += string(buf[:n])
	}
	return true
}

func abort(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }

func TestRealHTTP(t *testing.T) {
	for _, walled := range []bool{true, false} {
		t.Run(fmt.Sprintf("walled %v", walled), func(t *testing.T) {
			if !walled {
				unwall(t)
			}
			servers(t)
		})
	}
}

func servers(t *testing.T) {
	p := engine(t)
	web := func(at string, h http.HandlerFunc) jobs.Target {
		s := httptest.NewUnstartedServer(h)
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		s.Listener.Close()
		s.Listener = l
		s.Start()
		t.Cleanup(s.Close)
		return to(t, "http", l.Addr())
	}
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a needle") }))
	t.Cleanup(tls.Close)
	secure := to(t, "https", tls.Listener.Addr())
	plain := peer(t, "127.0.0.1:0", func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n") })
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	closed := l.Addr()
	l.Close()
	drip := func(c net.Conn) {
		if request(c) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
			for {
				if _, err := c.Write([]byte("a")); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		}
	}
	for _, c := range []struct {
		name  string
		to    jobs.Target
		found bool
		cause fact.Cause
	}{
		{"found", web("127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a needle") }), true, ""},
		{"not found", web("127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }), false, ""},
		{"IPv6", web("[::1]:0", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a needle") }), true, ""},
		{"over TLS", secure, true, ""},
		{"TLS asked of plain text", jobs.Target{Scheme: "https", Host: "127.0.0.1", Addr: "127.0.0.1", Port: to(t, "", plain).Port}, false, fact.Unanswered},
		{"refused", to(t, "http", closed), false, fact.Unreachable},
		{"mute", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })), false, fact.Timeout},
		{"reset", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) { request(c); abort(c) })), false, fact.Reset},
		{"drip", to(t, "http", peer(t, "127.0.0.1:0", drip)), false, fact.Timeout},
		{"stalled", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) {
			if request(c) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
				_, _ = io.Copy(io.Discard, c)
			}
		})), false, fact.Unanswered},
		{"cut without a length", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) {
			if request(c) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")
				time.Sleep(50 * time.Millisecond)
				abort(c)
			}
		})), false, fact.Unanswered},
		{"ended without a length", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) {
			if request(c) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na needle")
			}
		})), true, ""},
		{"no HTTP", to(t, "http", peer(t, "127.0.0.1:0", func(c net.Conn) { request(c); fmt.Fprint(c, "SSH-2.0-x\r\n") })), false, fact.Unanswered},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := p.Open(c.to, direct)
			defer s.Close()
			a, err := s.Run(t.Context(), get)
			if c.name == "stalled" && len(walls) == 0 {
				c.cause = fact.Timeout // nuclei's own clock, where there is no relay to cut it off
			}
			if a.Found != c.found || cause(err) != c.cause {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	if name, why := p.Wall(); (name == "") != (len(walls) == 0) {
		t.Errorf("the wall is %q: %s", name, why)
	}
}

// A guard that refuses is told as the cause, though nuclei saw a reset only.
func TestRealGuard(t *testing.T) {
	p := engine(t)
	s := p.Open(jobs.Target{Scheme: "http", Host: "192.0.2.7", Addr: "192.0.2.7", Port: 80}, Hooks{Dial: func(_ context.Context, address string) (net.Conn, error) {
		if address != "192.0.2.7:80" {
			t.Error(address)
		}
		return nil, fact.Because(fact.OutOfScope, "not in the document")
	}})
	for _, tpl := range []*templates.Template{get, text("js", scripts["catches"], "javascript"), text("tcp", banner, "tcp")} {
		if _, err := s.Run(t.Context(), tpl); cause(err) != fact.OutOfScope {
			t.Errorf("%s: %v", tpl.ID, err)
		}
	}
}

const banner = `tcp: [{host: ["{{Hostname}}"], inputs: [{data: "x\r\n"}], read-size: 2048, matchers: [{type: word, words: ["needle"]}]}]`

var scripts = map[string]string{
	"net":     script(`const c = require('nuclei/net').Open('tcp', Host+':'+Port); c.Send('x\r\n'); Export(c.RecvString(64))`),
	"redis":   script(`const m = require('nuclei/redis'); Export(m.GetServerInfo(Host, parseInt(Port)))`),
	"ssh":     script(`const m = require('nuclei/ssh'); const c = m.SSHClient(); Export(c.ConnectSSHInfoMode(Host, parseInt(Port)))`),
	"mysql":   script(`const m = require('nuclei/mysql'); const c = new m.MySQLClient(); Export(c.IsMySQL(Host, parseInt(Port)))`),
	"pg":      script(`const m = require('nuclei/postgres'); const c = new m.PGClient(); Export(c.IsPostgres(Host, parseInt(Port)))`),
	"catches": script(`try { const c = require('nuclei/net').Open('tcp', Host+':'+Port); c.Send('x'); Export(c.RecvString(64)) } catch (e) { Export('nothing') }`),
}

func script(code string) string {
	return "javascript:\n  - code: |\n      " + code + "\n    args: {Host: \"{{Host}}\", Port: \"22\"}\n    matchers: [{type: word, words: [needle]}]"
}

// Whatever dialer a module of scripts has, it meets the declared target.
func TestRealScripts(t *testing.T) {
	p := engine(t)
	for name, body := range scripts {
		t.Run(name, func(t *testing.T) {
			var met atomic.Int32
			at := peer(t, "127.0.0.1:0", func(c net.Conn) {
				met.Add(1)
				fmt.Fprint(c, "needle\r\n")
				_ = c.SetReadDeadline(time.Now().Add(time.Second))
				_, _ = io.Copy(io.Discard, c)
			})
			s := p.Open(to(t, "", at), direct)
			defer s.Close()
			a, err := s.Run(t.Context(), text("js-"+name, body, "javascript"))
			t.Logf("%+v, %v", a, err)
			if met.Load() == 0 {
				t.Error("the target was not met")
			}
			if (name == "net" || name == "catches") && !a.Found {
				t.Error("not found")
			}
		})
	}
}

// Names of their own lead two targets of one address apart.
func TestRealNames(t *testing.T) {
	p := engine(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "a.unit.example:") {
			fmt.Fprint(w, "needle")
		}
	}))
	defer srv.Close()
	var wg sync.WaitGroup
	for name, found := range map[string]bool{"a.unit.example": true, "b.unit.example": false} {
		wg.Go(func() {
			var dialled atomic.Int32
			target := to(t, "http", srv.Listener.Addr())
			target.Host = name
			s := p.Open(target, Hooks{Dial: func(ctx context.Context, address string) (net.Conn, error) {
				dialled.Add(1)
				return direct.Dial(ctx, address)
			}})
			defer s.Close()
			for i := range 3 {
				if a, err := s.Run(t.Context(), get); err != nil || a.Found != found {
					t.Errorf("%s %d: %+v, %v", name, i, a, err)
				}
			}
			if dialled.Load() != 1 {
				t.Errorf("%s: %d connections for three runs", name, dialled.Load())
			}
		})
	}
	wg.Wait()
}

// The DNS is asked of the resolver that was given, and its silence is told.
func TestRealDNS(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &dns.Server{PacketConn: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		switch q.Question[0].Name {
		case "mute.example.":
			return
		case "found.example.":
			m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"a needle"}}}
		case "ill.example.":
			m.Rcode = dns.RcodeServerFailure
		default:
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = srv.ActivateAndServe() }()
	defer srv.Shutdown()
	p := engine(t)
	hooks := Hooks{Dial: direct.Dial, Resolver: func(ctx context.Context, network string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, l.LocalAddr().String())
	}}
	txt := text("txt", `dns: [{name: "{{FQDN}}", type: TXT, matchers: [{type: word, words: [needle]}]}]`, "dns")
	for name, want := range map[string]fact.Cause{"mute.example": fact.Timeout, "found.example": "", "none.example": "", "ill.example": fact.Unanswered} {
		s := p.Open(jobs.Target{Host: name}, hooks)
		if a, err := s.Run(t.Context(), txt); cause(err) != want || a.Found != (name == "found.example") {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		s.Close()
	}
}

// The resolver is asked of open targets alone, by whatever template.
func TestRealDNSOfOthers(t *testing.T) {
	p := engine(t)
	s := p.Open(jobs.Target{Host: "unit.example"}, Hooks{Dial: direct.Dial, Resolver: func(context.Context, string) (net.Conn, error) {
		t.Error("the resolver is asked")
		return nil, net.ErrClosed
	}})
	for _, name := range []string{"stranger.example", "stranger{{FQDN}}", "{{FQDN}}x.stranger.example"} {
		other := text("other", `dns: [{name: "`+name+`", type: TXT, matchers: [{type: word, words: [needle]}]}]`, "dns")
		if a, err := s.Run(t.Context(), other); cause(err) != fact.OutOfScope {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

func TestNameIn(t *testing.T) {
	pack := func(m *dns.Msg) []byte { b, _ := m.Pack(); return b }
	two := new(dns.Msg).SetQuestion("a.example.", dns.TypeA)
	two.Question = append(two.Question, two.Question[0])
	for want, q := range map[string][]byte{"a.example.": pack(new(dns.Msg).SetQuestion("a.example.", dns.TypeA)), "": pack(two)} {
		if got := nameIn(q); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if nameIn(nil) != "" || nameIn([]byte("hello")) != "" || !within("A.unit.example.", "unit.example") || within("aunit.example", "unit.example") || within("a", "") || within("a", ".") {
		t.Error("a name is misread")
	}
}

// Two targets on one literal address share what stands for it.
func TestRealSharedAddress(t *testing.T) {
	p := engine(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/a/") {
			fmt.Fprint(w, "needle")
		}
	}))
	defer srv.Close()
	a, b := to(t, "http", srv.Listener.Addr()), to(t, "http", srv.Listener.Addr())
	a.Path, b.Path = "/a", "/b"
	one, two := p.Open(a, direct), p.Open(b, direct)
	for i := range 2 {
		if x, err := two.Run(t.Context(), get); err != nil || x.Found {
			t.Errorf("%d: %+v, %v", i, x, err)
		}
		if x, err := one.Run(t.Context(), get); err != nil || !x.Found {
			t.Errorf("%d: %+v, %v", i, x, err)
		}
	}
	two.Close()
	if x, err := one.Run(t.Context(), get); err != nil || !x.Found {
		t.Errorf("after the other was closed: %+v, %v", x, err)
	}
}

// Sessions of one host and port come and go without harm to each other, and so
// do those of one name with two ports.
func TestRealManySessions(t *testing.T) {
	p := engine(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a/x" {
			fmt.Fprint(w, "needle")
		}
	})
	one, two := httptest.NewServer(h), httptest.NewServer(h)
	defer one.Close()
	defer two.Close()
	var wg sync.WaitGroup
	var n atomic.Int32
	for range 8 {
		wg.Go(func() {
			for i := n.Add(1); i <= 300; i = n.Add(1) {
				target := to(t, "http", []*httptest.Server{one, two}[i%2].Listener.Addr())
				if i%3 > 0 {
					target.Host = "a.unit.example"
				}
				if i%5 > 0 {
					target.Path = "/a"
				}
				s := p.Open(target, direct)
				if a, err := s.Run(t.Context(), get); err != nil || a.Found != (target.Path != "") {
					t.Errorf("%+v: %v, %v", target, a.Found, err)
				}
				s.Close()
			}
		})
	}
	wg.Wait()
	if len(p.places) > 0 || len(p.sessions) > 0 {
		t.Error("places are left")
	}
}

// Above its bound of memory the worker ends, and what ends it is told.
func TestRealMemory(t *testing.T) {
	p := engine(t, func(o *Options) { o.Memory = 12 << 20 })
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	s := p.Open(to(t, "http", srv.Listener.Addr()), direct)
	if _, err := s.Run(t.Context(), get); cause(err) != fact.Broken || !strings.Contains(err.Error(), "memory") {
		t.Error(err)
	}
}
