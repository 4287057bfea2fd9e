package nuclei

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Knetic/govaluate"
	other "github.com/projectdiscovery/dsl"
	"github.com/projectdiscovery/gologger"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/common/dsl"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/expressions"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/retryablehttp-go"
)

// stranger is a server that nobody may talk to; it counts who does.
func stranger(t *testing.T) (address string, visits *atomic.Int64) {
	t.Helper()
	visits = new(atomic.Int64)
	for _, at := range []string{"127.0.0.2:18080", "[::1]:18080"} {
		l, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "stranger") })}
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				visits.Add(1)
			}
		}
		go func() { _ = s.Serve(l) }()
		t.Cleanup(func() { _ = s.Close() })
	}
	u, err := net.ListenPacket("udp", "127.0.0.2:18080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.Close() })
	go func() {
		for {
			if _, _, err := u.ReadFrom(make([]byte, 1500)); err != nil {
				return
			}
			visits.Add(1)
		}
	}()
	return "127.0.0.2:18080", visits
}

// No engine is needed for the second client of retryablehttp to be closed,
// nor for the clients that others made before this package was ready.
func TestSecondClientReachesNobody(t *testing.T) {
	address, visits := stranger(t)
	made := retryablehttp.NewClient(retryablehttp.DefaultOptionsSpraying)
	for name, c := range map[string]*http.Client{
		"spraying":        {Transport: retryablehttp.DefaultHostSprayingTransport()},
		"pooled":          {Transport: retryablehttp.DefaultReusePooledTransport()},
		"of a new client": made.HTTPClient2,
		"first of it":     made.HTTPClient,
		"default":         retryablehttp.DefaultHTTPClient.HTTPClient,
		"default, second": retryablehttp.DefaultHTTPClient.HTTPClient2,
	} {
		for _, url := range []string{"http://" + address, "https://" + address, "http://stranger.lab:18080", "http://[::1]:18080"} {
			resp, err := c.Get(url)
			if err == nil {
				_ = resp.Body.Close()
				t.Errorf("%s reached %s", name, url)
			}
		}
	}
	if _, err := (&http.Client{Transport: retryablehttp.DefaultHostSprayingTransport()}).Get("http://" + address); !errors.Is(err, errSpare) {
		t.Errorf("refused by %v", err)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d visits", n)
	}
	if _, err := net.LookupHost("stranger.lab"); err == nil {
		t.Error("a name was resolved that nobody told")
	}
}

// A target that answers garbage makes nuclei ask again by its second client.
func TestGarbageLeadsNowhere(t *testing.T) {
	address, visits := stranger(t)
	e := engine(t, Config{})
	load(t, e, "one", overHTTP["one"])
	load(t, e, "unsafe", overHTTP["unsafe"])
	for _, answer := range []string{
		"HTTP/2 302\r\nLocation: http://" + address + "/\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n", "\x00\x00\x12\x04\x00", "garbage\r\nLocation: http://" + address + "\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: http://" + address + "/hit\r\nContent-Length: 0\r\n\r\n",
	} {
		at := at(t, "http://"+tcp(t, says(answer)))
		for _, key := range []string{"one", "unsafe"} {
			if a := e.Run(context.Background(), at, key); a.Found || a.Cause == broken || a.Cause == "" && !strings.Contains(answer, "Found") {
				t.Errorf("%s of %q: %s", key, answer, show(a))
			}
		}
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d visits", n)
	}
}

// Templates are vetted before; the guard holds for those that were not.
func TestNoTemplateLeavesTheTarget(t *testing.T) {
	address, visits := stranger(t)
	host, port, _ := net.SplitHostPort(address)
	target := at(t, web(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+address+"/", http.StatusFound)
	}))
	js := func(code string) string {
		return "javascript:\n  - code: |\n      " + code + "\n    args: {Host: \"{{Host}}\", Port: \"6379\"}\n    matchers: [{type: word, words: [stranger]}]\n"
	}
	for name, body := range map[string]string{
		"absolute":       "http:\n  - {method: GET, path: [\"http://" + address + "/\"], matchers: [{type: word, words: [stranger]}]}\n",
		"redirects":      "http:\n  - {method: GET, path: [\"{{BaseURL}}/\"], redirects: true, matchers: [{type: word, words: [stranger]}]}\n",
		"host redirects": "http:\n  - {method: GET, path: [\"{{BaseURL}}/\"], host-redirects: true, matchers: [{type: word, words: [stranger]}]}\n",
		"host":           "http:\n  - raw: [\"@Host: http://" + address + "\\nGET / HTTP/1.1\\nHost: {{Hostname}}\\n\\n\"]\n    matchers: [{type: word, words: [stranger]}]\n",
		"unsafe":         "http:\n  - raw: [\"GET http://" + address + "/ HTTP/1.1\\nHost: " + address + "\\n\\n\"]\n    unsafe: true\n    matchers: [{type: word, words: [stranger]}]\n",
		"tcp":            "tcp:\n  - {host: [\"" + address + "\"], inputs: [{data: \"GET / HTTP/1.0\\r\\n\\r\\n\"}], matchers: [{type: word, words: [stranger]}]}\n",
		"tls":            "tcp:\n  - {host: [\"tls://" + address + "\"], inputs: [{data: \"x\"}], matchers: [{type: word, words: [stranger]}]}\n",
		"ssl":            "ssl:\n  - {address: \"" + address + "\", matchers: [{type: dsl, dsl: [\"expired\"]}]}\n",
		"openssl":        "ssl:\n  - {address: \"" + address + "\", scan_mode: openssl, matchers: [{type: dsl, dsl: [\"expired\"]}]}\n",
		"resolve":        "http:\n  - {method: GET, path: [\"{{BaseURL}}/{{resolve('stranger.lab')}}\"], matchers: [{type: word, words: [stranger]}]}\n",
		"jarm":           "http:\n  - {method: GET, path: [\"{{BaseURL}}/{{jarm('" + address + "')}}\"], matchers: [{type: word, words: [stranger]}]}\n",
		"net":            js("Export(require('nuclei/net').Open('tcp', '" + address + "').RecvString(8))"),
		"net tls":        js("Export(require('nuclei/net').OpenTLS('tcp', '" + address + "').RecvString(8))"),
		"net udp":        js("const c = require('nuclei/net').Open('udp', '" + address + "'); c.Send('x'); Export('x')"),
		"open":           js("Export(isPortOpen('" + host + "', '" + port + "'))"),
		"open udp":       js("Export(isUDPPortOpen('" + host + "', '" + port + "'))"),
		"redis":          js("Export(require('nuclei/redis').GetServerInfo('" + host + "', " + port + "))"),
		"ssh":            js("Export(require('nuclei/ssh').SSHClient().ConnectSSHInfoMode('" + host + "', " + port + "))"),
		"mysql":          js("Export(require('nuclei/mysql').MySQLClient().IsMySQL('" + host + "', " + port + "))"),
		"mssql":          js("Export(require('nuclei/mssql').MSSQLClient().Connect('" + host + "', " + port + ", 'a', 'b'))"),
		"postgres":       js("Export(require('nuclei/postgres').PGClient().Connect('" + host + "', " + port + ", 'a', 'b'))"),
		"ldap":           js("Export(new (require('nuclei/ldap').Client)('ldap://" + address + "', 'a.b'))"),
		"smb":            js("Export(require('nuclei/smb').SMBClient().ConnectSMBInfoMode('" + host + "', " + port + "))"),
		"payload file":   "http:\n  - raw: [\"GET /{{name}} HTTP/1.1\\nHost: {{Hostname}}\\n\\n\"]\n    payloads: {name: /etc/hostname}\n    matchers: [{type: word, words: [stranger]}]\n",
	} {
		t.Run(name, func(t *testing.T) {
			e := engine(t, Config{Relayed: true}) // else some are not even tried
			if _, err := e.Load("x", []byte(head+body)); err != nil {
				t.Log(err)
				return
			}
			a := e.Run(context.Background(), target, "x")
			if a.Found {
				t.Error(show(a))
			}
			t.Log(show(a))
			if n := visits.Swap(0); n != 0 {
				t.Errorf("%d visits", n)
			}
		})
	}
}

// What connects by a dialer that asks nobody is not even taken.
func TestWhatGoesOutIsNotTaken(t *testing.T) {
	e := engine(t, Config{})
	const match = "matchers: [{type: word, words: [x]}]"
	for name, body := range map[string]string{
		"pipeline":  "http:\n  - {raw: [\"GET / HTTP/1.1\\nHost: {{Hostname}}\\n\\n\"], pipeline: true, " + match + "}\n",
		"signature": "http:\n  - {method: GET, path: [\"{{BaseURL}}/\"], signature: AWS, " + match + "}\n",
		"old form":  "signature: AWS\nhttp:\n  - {method: GET, path: [\"{{BaseURL}}/\"], " + match + "}\n",
		"trace":     "dns:\n  - {name: \"{{FQDN}}\", type: A, trace: true, " + match + "}\n",
		"resolvers": "dns:\n  - {name: \"{{FQDN}}\", type: A, resolvers: [\"127.0.0.2:53\"], " + match + "}\n",
	} {
		if _, err := e.Load(name, []byte(head+body)); err == nil || !strings.Contains(err.Error(), "not run") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Nothing is allowed until somebody allows it.
func TestNothingIsAllowedByItself(t *testing.T) {
	hit := at(t, web(t, app("vuln-here")))
	e := engine(t, Config{Allow: func(netip.AddrPort) bool { return false }})
	load(t, e, "one", overHTTP["one"])
	if a := e.Run(context.Background(), hit, "one"); a.Cause != outOfScope {
		t.Error(show(a))
	}
}

// A refusal is taken for one: fastdialer would try again, in TLS.
func TestRefusedOnce(t *testing.T) {
	var dials atomic.Int64
	e := engine(t, Config{Allow: func(netip.AddrPort) bool { dials.Add(1); return true }})
	dead := at(t, closedPort(t))
	load(t, e, "tcp", overOthers["banner"])
	load(t, e, "js", overOthers["js"])
	for _, key := range []string{"tcp", "js"} {
		if a := e.Run(context.Background(), dead, key); a.Cause != unreachable || dials.Swap(0) != 1 {
			t.Error(show(a))
		}
	}
}

// Modules that connect by themselves are for where the wall is.
func TestStrayModulesNeedTheWall(t *testing.T) {
	target := at(t, tcp(t, says("-ERR\r\n")))
	const body = "javascript:\n  - code: Export(require('nuclei/redis').GetServerInfo(Host, parseInt(Port)))\n    args: {Host: \"{{Host}}\", Port: \"6379\"}\n    matchers: [{type: word, words: [x]}]\n"
	for _, relayed := range []bool{false, true} {
		e := engine(t, Config{Relayed: relayed})
		load(t, e, "x", body)
		if a := e.Run(context.Background(), target, "x"); (a.Cause == outOfScope) == relayed || a.Cause == "" {
			t.Error(relayed, show(a))
		}
	}
}

func TestFunctionsAreTame(t *testing.T) {
	for _, functions := range []map[string]govaluate.ExpressionFunction{dsl.HelperFunctions, other.DefaultHelperFunctions} {
		for _, name := range []string{"resolve", "public_ip", "publicip", "llm_prompt", "llmprompt", "wait_for", "waitfor", "jarm", "print_debug", "printdebug"} {
			if _, err := functions[name]("127.0.0.1:1"); !errors.Is(err, errForbidden) {
				t.Errorf("%s is open: %v", name, err)
			}
		}
		for name, f := range functions { // none may end the process
			for _, args := range [][]any{nil, {nil}, {"a"}, {"a", "b"}, {1.0}, {-1.0, -1.0}, {"a", 1e12}, {1e12}, {1e12, "a"}, {"a", "b", 1e12, "prefix"}, {"a", "b", "c"}} {
				if out, err := f(args...); err == nil && len(fmt.Sprint(out)) > mostText+16 {
					t.Errorf("%s%v gives %d bytes", name, args, len(fmt.Sprint(out)))
				}
			}
		}
	}
	for expression, want := range map[string]string{"{{repeat('ab', 3)}}": "ababab", "{{md5('a')}}": "0cc175b9c0f1b6a831c399e269772661", "{{repeat('a', 999999999999)}}": "{{repeat('a', 999999999999)}}"} {
		if got, err := expressions.Evaluate(expression, nil); err != nil || got != want {
			t.Errorf("%s is %q, %v", expression, got, err)
		}
	}
}

// What a target answers is not evaluated: CVE-2026-41645.
func TestAnswersAreNotEvaluated(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"token": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `token="{{md5('a')}}"`) },
		"header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Token", "{{md5('a')}}")
			fmt.Fprint(w, `token="a"`)
		},
		"cookie": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Set-Cookie", "a={{md5('a')}}")
			fmt.Fprint(w, `token="a"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var second atomic.Value
			target := at(t, web(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/login" {
					answer(w, r)
					return
				}
				second.Store(r.URL.String())
			}))
			for kind, body := range map[string]string{
				"raw": `
http:
  - raw:
      - "GET /login HTTP/1.1\nHost: {{Hostname}}\n\n"
      - "GET /admin?t={{tok}}&x={{x_token}} HTTP/1.1\nHost: {{Hostname}}\n\n"
    extractors: [{type: regex, name: tok, internal: true, group: 1, regex: ['token="(.+)"']}]
    matchers: [{type: word, words: [admin]}]
`,
				"flow": `
flow: http(1) && http(2)
http:
  - method: GET
    path: ["{{BaseURL}}/login"]
    extractors: [{type: regex, name: tok, internal: true, group: 1, regex: ['token="(.+)"']}]
  - method: GET
    path: ["{{BaseURL}}/admin?t={{tok}}&x={{http_1_x_token}}"]
    matchers: [{type: word, words: [admin]}]
`,
			} {
				e := engine(t, Config{})
				load(t, e, kind, body)
				a := e.Run(context.Background(), target, kind)
				if a.Found || a.Cause != unanswered {
					t.Error(kind, show(a))
				}
				if s := second.Load(); s != nil {
					t.Errorf("%s sent %v after it", kind, s)
				}
			}
		})
	}
}

// What is done twice is done twice.
func TestScriptsKeepNothing(t *testing.T) {
	for i := range 2 {
		v, err, _ := protocolstate.Memoizer.Do("x", func() (any, error) { return i, nil })
		if err != nil || v != i {
			t.Errorf("the %dth time gives %v, %v", i, v, err)
		}
	}
}

// What would have ended the process is a panic of the run, and printed nowhere.
func TestFatalMessages(t *testing.T) {
	engine(t, Config{})
	defer func() {
		if _, ok := recover().(fatal); !ok {
			t.Error("no panic")
		}
	}()
	gologger.Fatal().Msg("the end")
}

func TestPanicIsBroken(t *testing.T) {
	if a := (&run{errs: []error{io.EOF, &panicked{"x"}}}).answer(&template{}, ""); a.Cause != broken {
		t.Error(show(a))
	}
}
