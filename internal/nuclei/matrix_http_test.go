package nuclei

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// overHTTP are templates of every kind that asks over HTTP.
var overHTTP = map[string]string{
	"one": `
http:
  - method: GET
    path: ["{{BaseURL}}/hit"]
    matchers: [{type: word, part: body, words: ["vuln-here"]}]
`,
	"many": `
http:
  - method: GET
    path: ["{{BaseURL}}/first", "{{BaseURL}}/hit"]
    matchers: [{type: word, part: body, words: ["vuln-here"]}]
`,
	"raw": `
http:
  - raw:
      - |
        GET /login HTTP/1.1
        Host: {{Hostname}}

      - |
        POST /admin?t={{tok}} HTTP/1.1
        Host: {{Hostname}}
        Content-Type: application/x-www-form-urlencoded

        a=b
    extractors: [{type: regex, name: tok, internal: true, group: 1, part: body, regex: ['token="([a-z0-9]+)"']}]
    matchers: [{type: dsl, dsl: ['status_code_2 == 200 && contains(body_2, "admin-panel")']}]
`,
	"flow": `
flow: http(1) && http(2)
http:
  - method: GET
    path: ["{{BaseURL}}/hit"]
    matchers: [{type: word, part: body, words: ["vuln-here"], internal: true}]
  - method: GET
    path: ["{{BaseURL}}/login"]
    matchers: [{type: word, part: body, words: ["token="]}]
`,
	"extract": `
http:
  - method: GET
    path: ["{{BaseURL}}/login"]
    extractors: [{type: regex, part: body, group: 1, regex: ['token="([a-z0-9]+)"']}]
`,
	"negative": `
http:
  - method: GET
    path: ["{{BaseURL}}/hit"]
    matchers: [{type: word, part: body, negative: true, words: ["hello"]}]
`,
	"unsafe": `
http:
  - raw:
      - |+
        GET /hit HTTP/1.1
        Host: {{Hostname}}

    unsafe: true
    matchers: [{type: word, part: body, words: ["vuln-here"]}]
`,
	"unsafe-negative": `
http:
  - raw:
      - |+
        GET /hit HTTP/1.1
        Host: {{Hostname}}

    unsafe: true
    matchers: [{type: word, part: body, negative: true, words: ["nowhere"]}]
`,
	"payloads": `
http:
  - raw:
      - |
        GET /{{name}} HTTP/1.1
        Host: {{Hostname}}

    payloads: {name: [first, hit, second]}
    matchers: [{type: word, part: body, words: ["vuln-here"]}]
`,
	"unset": `
http:
  - method: GET
    path: ["{{BaseURL}}/hit?a={{not_set_anywhere}}"]
    matchers: [{type: word, part: body, words: ["vuln-here"]}]
`,
	"tls+http": `
ssl:
  - address: "{{Host}}:{{Port}}"
http:
  - method: GET
    path: ["{{BaseURL}}/hit?v={{ssl_tls_version}}"]
    matchers: [{type: dsl, dsl: ["contains(body, 'vuln-here')"]}]
`,
}

// matrixHTTP is what each is to answer of each server: found, not, or the
// cause of Unknown. The columns are in the order of its first line.
//
// Where two stand it hangs on the bytes of a ClientHello which of them comes.
// A server that speaks TLS answers plain HTTP with 400, which is an answer.
// "raw" finds no token in most answers, and then cannot make its second
// request; "negative" finds wherever an answer does not hold its word.
const matrixHTTP = `
               one          many         raw          flow         extract      negative     unsafe       payloads     unset        tls+http
hit            found        found        found        found        found        found        found        found        unanswered   unanswered
hit-tls        found        found        found        found        found        found        found        found        unanswered   found
miss           not          not          unanswered   not          not          not          not          not          unanswered   unanswered
refused        unreachable  unreachable  unreachable  unreachable  unreachable  unreachable  unreachable  unreachable  unanswered   unreachable
mute           timeout      timeout      timeout      timeout      timeout      timeout      timeout      timeout      unanswered   timeout
reset          reset        reset        reset        reset        reset        reset        reset        reset        unanswered   reset
reset-midway   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered
no-handshake   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered
http-to-tls    not          not          unanswered   not          not          found        not          not          unanswered   not
tls-to-http    unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered
elsewhere      not          not          unanswered   not          not          found        not          not          unanswered   unanswered
forbidden      not          not          unanswered   not          not          found        not          not          unanswered   unanswered
too-many       blocked      blocked      blocked      blocked      blocked      blocked      blocked      blocked      unanswered   unanswered
slow-down      blocked      blocked      blocked      blocked      blocked      blocked      blocked      blocked      unanswered   unanswered
cut            unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered/timeout
cut-after-hit  found        found        unanswered   unanswered   unanswered   unanswered   found        found        unanswered   unanswered/timeout
oversize       unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered
drip           timeout      timeout      timeout      timeout      timeout      timeout      timeout      timeout      unanswered   unanswered/timeout
garbage        unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered   unanswered/timeout
lost-syn       found        found        found        found        found        found        found        found        unanswered   unanswered
closes         found        found        found        found        found        found        found        found        unanswered   unanswered
outside        out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope out-of-scope unanswered   out-of-scope
`

func app(hit string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hit":
			fmt.Fprint(w, hit)
		case "/login":
			if hit == "vuln-here" {
				http.SetCookie(w, &http.Cookie{Name: "sid", Value: "42", Path: "/"})
				fmt.Fprint(w, `token="abc123"`)
			}
		case "/admin":
			c, _ := r.Cookie("sid")
			body, _ := io.ReadAll(r.Body)
			if r.URL.Query().Get("t") == "abc123" && c != nil && c.Value == "42" && string(body) == "a=b" {
				fmt.Fprint(w, "admin-panel")
			}
		default:
			fmt.Fprint(w, "hello")
		}
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, "no")
	}
}

// serversHTTP are the rows.
func serversHTTP(t *testing.T) map[string]string {
	hit, tlsHit := web(t, app("vuln-here")), webTLS(t, app("vuln-here"), nil)
	cutAt := func(body string) string {
		return "http://" + tcp(t, says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+body))
	}
	return map[string]string{
		"hit": hit, "hit-tls": tlsHit, "miss": web(t, app("hello")),
		"refused": "http://" + closedPort(t), "mute": "http://" + tcp(t, mute),
		"reset": "http://" + tcp(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 4096)); abort(c) }),
		"reset-midway": "http://" + tcp(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhel")
			time.Sleep(50 * time.Millisecond)
			abort(c)
		}),
		"no-handshake": webTLS(t, app("vuln-here"), &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert}),
		"http-to-tls":  strings.Replace(tlsHit, "https", "http", 1),
		"tls-to-http":  strings.Replace(hit, "http", "https", 1),
		"elsewhere": web(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.2:18080/hit", http.StatusFound)
		}),
		"forbidden": web(t, status(403)), "too-many": web(t, status(429)), "slow-down": web(t, status(503, "Retry-After", "9")),
		"cut": cutAt("hello"), "cut-after-hit": cutAt("vuln-here"),
		"oversize": web(t, func(w http.ResponseWriter, _ *http.Request) {
			for range 9 {
				_, _ = w.Write([]byte(strings.Repeat("hello ", 100_000)))
			}
		}),
		"drip": "http://" + tcp(t, func(c net.Conn) {
			defer func() { _ = c.Close() }()
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			for {
				if _, err := io.WriteString(c, "h"); err != nil {
					return
				}
				time.Sleep(200 * time.Millisecond)
			}
		}),
		"garbage":  "http://" + tcp(t, says("SSH-2.0-x\r\n")),
		"lost-syn": "http://" + tardy(t, app("vuln-here")),
		"closes":   "http://" + hasty(t, app("vuln-here")),
		"outside":  "http://127.0.0.2:18080",
	}
}

// tardy is a server whose queue is full at first, so that a SYN is lost.
func tardy(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), 0) })
	for range 2 {
		if c, err := net.DialTimeout("tcp", l.Addr().String(), 200*time.Millisecond); err == nil {
			t.Cleanup(func() { _ = c.Close() })
		}
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	time.AfterFunc(1500*time.Millisecond, func() {
		_ = raw.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), 128) })
		_ = s.Serve(l)
	})
	t.Cleanup(func() { _ = s.Close(); _ = l.Close() })
	return l.Addr().String()
}

// hasty ends every connection after one answer, without saying so.
func hasty(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			_ = c.Close()
		}
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func TestMatrixHTTP(t *testing.T) {
	before := holdings()
	check(t, matrixHTTP, overHTTP, func(t *testing.T) map[string]jobs.Target {
		out := map[string]jobs.Target{}
		for name, s := range serversHTTP(t) {
			out[name] = at(t, s)
		}
		return out
	})
	nothingIsHeld(t, before)
}
