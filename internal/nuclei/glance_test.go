package nuclei

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// plainOnes are templates that a glance may do for, and oneNot those that it may not.
var plainOnes = map[string]string{
	"word":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: word, words: [needle]}]}]`,
	"headers":  `http: [{method: GET, path: ["{{BaseURL}}/a?b=%20c"], headers: {X-Odd: "1", accept: text/html}, matchers: [{type: regex, part: header, regex: ["(?i)server: *needle"]}]}]`,
	"two":      `http: [{method: GET, path: ["{{BaseURL}}/", "{{BaseURL}}/a/"], stop-at-first-match: true, matchers: [{type: status, status: [200]}, {type: word, words: [needle]}], matchers-condition: and}]`,
	"negative": `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: word, negative: true, words: [e]}]}]`,
	"dsl":      `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: dsl, dsl: ['status_code == 200 && contains(body, "needle") && !regex("(?i)x-request-time:", header)']}]}]`,
	"doubt":    `http: [{method: GET, path: ["{{BaseURL}}/a"], extractors: [{type: regex, name: v, part: body, group: 1, regex: ['version ([0-9.]+)']}], matchers: [{type: dsl, condition: and, dsl: ['contains(body, "page")', 'compare_versions(v, "< 2")']}]}]`,
	"both":     `http: [{method: GET, path: ["{{BaseURL}}/a", "{{BaseURL}}/b"], matchers: [{type: dsl, dsl: ['contains(body_1, "needle") && contains(body_2, "needle")']}, {type: dsl, dsl: ['contains(header_2, "Needle")', 'status_code_1 == 403 && status_code_2 == 403']}, {type: regex, part: body_1, regex: ["3[.]1"]}]}]`,
	"unsure":   `http: [{method: GET, path: ["{{BaseURL}}/a", "{{BaseURL}}/b"], extractors: [{type: regex, name: v, part: body, group: 1, regex: ['version ([0-9.]+)']}], matchers: [{type: dsl, condition: and, dsl: ['contains(body_1, "page") || contains(body_2, "page")', 'compare_versions(v, "< 2")']}]}]`,
	"parts":    `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: status, status: [403]}]}, {method: GET, path: ["{{BaseURL}}/b", "{{BaseURL}}/c"], headers: {X-Odd: "2"}, matchers-condition: and, matchers: [{type: status, status: [200]}, {type: word, words: [needle]}], extractors: [{type: regex, name: v, part: body, regex: ['version [0-9.]+']}]}]`,
	"wants":    `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers-condition: and, matchers: [{type: word, words: [e, n], condition: or}, {type: status, status: [200, 403]}, {type: dsl, dsl: ['compare_versions(body, "< 2")']}]}]`,
	"either":   `http: [{method: GET, path: ["{{BaseURL}}/a"], extractors: [{type: regex, name: v, part: body, group: 1, regex: ['version ([0-9.]+)']}], matchers: [{type: dsl, name: x, condition: and, dsl: ['status_code == 200', 'compare_versions(v, "< 2")']}, {type: dsl, name: y, condition: and, dsl: ['status_code == 404', 'contains(body, "needle")']}]}]`,
	"late":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers-condition: and, matchers: [{type: dsl, dsl: ['compare_versions(body, "< 2")']}, {type: status, status: [200]}]}]`,
	"unlike":   `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: status, negative: true, status: [404]}, {type: dsl, dsl: ['status_code == 200', 'contains(body, "needle")']}]}]`,
	"extract":  `http: [{method: GET, path: ["{{BaseURL}}/a"], extractors: [{type: regex, part: body, regex: ['version [0-9.]+']}]}]`,
}

var otherOnes = map[string]string{
	"post":     `http: [{method: POST, path: ["{{BaseURL}}/a"], matchers: [{type: word, words: [needle]}]}]`,
	"host":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: dsl, dsl: ['contains(body, Hostname)']}]}]`,
	"variable": `http: [{method: GET, path: ["{{BaseURL}}/{{rand_base(5)}}"], matchers: [{type: word, words: [needle]}]}]`,
	"word":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: word, words: ["{{Hostname}}"]}]}]`,
	"follows":  `http: [{method: GET, path: ["{{BaseURL}}/a"], redirects: true, matchers: [{type: word, words: [needle]}]}]`,
	"time":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: dsl, dsl: ['duration >= 6']}]}]`,
	"moment":   `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: dsl, dsl: ['unix_time () > 1']}]}]`,
	"payloads": `http: [{raw: ["GET /{{n}} HTTP/1.1\nHost: {{Hostname}}\n\n"], payloads: {n: [a, b]}, matchers: [{type: word, words: [needle]}]}]`,
	"borrows":  `http: [{method: GET, path: ["{{BaseURL}}/a"], extractors: [{type: regex, name: v, part: body, regex: ['x']}], matchers: [{type: word, words: [needle]}]}, {method: GET, path: ["{{BaseURL}}/b"], matchers: [{type: dsl, dsl: ['contains(body, v)']}]}]`,
	"later":    `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: dsl, dsl: ['contains(body_2, "y")']}]}]`,
	"part":     `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: status, part: ip, status: [200]}]}]`,
	"encoded":  `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: word, encoding: hex, words: ["7b7b486f73746e616d657d7d"]}]}]`,
	"named":    `http: [{method: GET, path: ["{{BaseURL}}/a"], headers: {Host: "127.0.0.1"}, matchers: [{type: word, words: [needle]}]}]`,
	"whole":    `http: [{method: GET, path: ["{{BaseURL}}/a"], matchers: [{type: word, part: request, words: [needle]}]}]`,
}

// A glance gives the answer that nuclei gives, and asks the same.
func TestGlance(t *testing.T) {
	page := func(status int, body string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte("a needle"))
	_ = z.Close()
	deflated := func(s string) string {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write([]byte(s))
		_ = z.Close()
		return b.String()
	}
	half := deflated(strings.Repeat("e", 100) + "a needle")
	handlers := map[string]http.HandlerFunc{
		"deflated": page(200, deflated("a needle"), "Content-Encoding", "deflate"), "halved": page(200, half[:len(half)/2], "Content-Encoding", "deflate"),
		"bomb": page(200, deflated(strings.Repeat("e", 9<<20)), "Content-Encoding", "deflate"), "failing": page(200, "e", "Error", "x"),
		"lost, failing": page(404, "e", "Error", "x"), "lost, with a cookie": page(404, "e", "Set-Cookie", "error=x"), "lost, ignored": page(404, "e", "X-Nuclei-Ignore-Error", "x"),
		"lost, packed": page(404, half[:len(half)/2], "Content-Encoding", "deflate"), "lost, needle": page(404, "a needle"), "lost, long": page(404, strings.Repeat("e", 2<<20)),
		"nowhere": page(302, "e", "Location", "http://[::1"),
		"numbered": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/b" {
				w.Header()["Body-1"] = []string{"needle"}
				_, _ = w.Write([]byte("a needle"))
			}
			_, _ = w.Write([]byte("e"))
		},
		"ancient": func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(c, "HTTP/0.0 404 Not Found\r\nContent-Length: 1\r\n\r\ne")
			_ = c.Close()
		},
		"nothing": page(404, "none here"), "page": page(200, "a page"), "needle": page(200, "a needle"), "old": page(200, "page, version 1.2"), "new": page(200, "page, version 3.1"),
		"odd": page(200, "page, version 1.2.3.4.5..6"), "server": page(200, "e", "Server", "Needle/1"), "forbidden": page(403, "e"), "busy": page(429, "e"), "ill": page(500, "e"),
		"away": page(302, "e", "Location", "http://192.0.2.1/"), "zipped": page(200, zipped.String(), "Content-Encoding", "gzip"), "unzipped": page(200, "e", "Content-Encoding", "gzip"),
		"cookie": page(200, "e", "Set-Cookie", "a=b"), "tainted": page(200, "e", "X-A", "{{1+1}}"), "empty": page(204, ""),
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("e"))
		},
		"gone": func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := http.NewResponseController(w).Hijack()
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		},
	}
	dates := regexp.MustCompile(`Date: [^\r]*\r\n|:[0-9]+`)
	for name, body := range plainOnes {
		data := []byte("id: plain-" + name + "\ninfo: {name: x, author: lab, severity: info}\n" + body + "\n")
		// asked gives the answer and what the server was asked, learned or not.
		asked := func(h http.HandlerFunc, learned bool) (jobs.Answer, []string) {
			var mu sync.Mutex // of what the server notes, which does not wait for a connection that was taken from it
			var log []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				log = append(log, fmt.Sprint(r.Method, r.RequestURI, r.Header))
				mu.Unlock()
				h(w, r)
			}))
			defer srv.Close()
			e := engine(t, Config{})
			if _, err := e.Load("k", data); err != nil {
				t.Fatal(err)
			}
			to := at(t, srv.URL)
			glances.by = nil
			var a jobs.Answer
			sure := false
			if learned {
				glances.by = map[string]*glance{string(data): learn(t, data)}
				a, sure = e.Glance(t.Context(), to, data)
			}
			if !sure {
				a = e.Run(t.Context(), to, "k")
			}
			a.Request, a.Response, a.At = dates.ReplaceAll(a.Request, nil), dates.ReplaceAll(a.Response, nil), dates.ReplaceAllString(a.At, "")
			a.Detail = dates.ReplaceAllString(a.Detail, "")
			mu.Lock()
			defer mu.Unlock()
			return a, slices.Clone(log)
		}
		for as, h := range handlers {
			if name == "negative" && as == "nothing" {
				continue
			}
			want, wire := asked(h, false)
			got, seen := asked(h, true)
			if (as == "halved" || as == "bomb") && !want.Found && want.Cause == "" {
				t.Errorf("%s, %s: not found, by a part of the answer", name, as)
			}
			if got.Detail != want.Detail {
				t.Logf("%s, %s: %q by a glance, %q by nuclei", name, as, got.Detail, want.Detail)
				got.Detail = want.Detail
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s:\n%+v by a glance\n%+v by nuclei", name, as, got, want)
			}
			if !want.Found && want.Cause == "" && !reflect.DeepEqual(seen, wire) {
				t.Errorf("%s, %s: asked\n%q by a glance\n%q by nuclei", name, as, seen, wire)
			}
		}
	}
	for name, body := range otherOnes {
		e := engine(t, Config{})
		if _, err := e.Load("k", []byte("id: other-"+name+"\ninfo: {name: x, author: lab, severity: info}\n"+body+"\n")); err != nil {
			t.Fatal(err)
		}
		if e.loaded["k"].plain {
			t.Errorf("%s is no plain template", name)
		}
	}
}

// What was learned at one target is asked of another as nuclei asks it there.
func TestGlanceElsewhere(t *testing.T) {
	data := []byte(head + `http: [{method: GET, path: ["{{BaseURL}}/a/%2e%2e/b?c=d%20e&f"], headers: {X-Odd: "1"}, matchers: [{type: word, words: [needle]}]}]` + "\n")
	learned := learn(t, data)
	for _, where := range []struct{ scheme, host, listen string }{
		{"http", "127.0.0.1", "127.0.0.1:80"}, {"https", "127.0.0.1", "127.0.0.1:443"}, {"http", "127.0.0.1", "127.0.0.1:443"},
		{"http", "lab.example", "127.0.0.1:0"}, {"https", "lab.example", "127.0.0.1:443"}, {"http", "::1", "[::1]:0"}, {"https", "::1", "[::1]:443"},
	} {
		l, err := net.Listen("tcp", where.listen)
		if err != nil {
			t.Fatal(err)
		}
		var log []string
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name := ""
			if r.TLS != nil {
				name = r.TLS.ServerName
			}
			log = append(log, fmt.Sprint(r.Method, r.RequestURI, r.Host, name, r.Header))
			w.WriteHeader(http.StatusNotFound)
		}))
		_ = srv.Listener.Close()
		if srv.Listener = l; where.scheme == "https" {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		e := engine(t, Config{Names: namesOf(t, "lab.example"), Allow: func(a netip.AddrPort) bool { return a.Addr().IsLoopback() }})
		if _, err := e.Load("k", data); err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		to := jobs.Target{ID: 1, Scheme: where.scheme, Host: where.host}
		to.Port, _ = strconv.Atoi(port)
		glances.by = nil
		want := e.Run(t.Context(), to, "k")
		e.wire.memo.forget()
		glances.by = map[string]*glance{string(data): learned}
		got, sure := e.Glance(t.Context(), to, data)
		srv.Close()
		dates := regexp.MustCompile(`Date: [^\r]*\r\n`)
		got.Response, want.Response = dates.ReplaceAll(got.Response, nil), dates.ReplaceAll(want.Response, nil)
		if !sure || want.Cause != "" || !reflect.DeepEqual(got, want) || len(log) != 2 || log[0] != log[1] {
			t.Errorf("%+v: %v\n%s by a glance\n%s by nuclei\n%q", where, sure, show(got), show(want), log)
		}
	}
}

// A slow server has as long for each answer as nuclei gives it.
func TestGlanceIsPatient(t *testing.T) {
	data := []byte(head + `http: [{method: GET, path: ["{{BaseURL}}/a", "{{BaseURL}}/b", "{{BaseURL}}/c"], matchers: [{type: word, words: [needle]}]}]` + "\n")
	glances.by = map[string]*glance{string(data): learn(t, data)}
	e := engine(t, Config{})
	url := web(t, func(http.ResponseWriter, *http.Request) { time.Sleep(e.timeout * 4 / 5) })
	if a, sure := e.Glance(t.Context(), at(t, url), data); !sure || a.Cause != "" {
		t.Error(sure, show(a))
	}
}

// learn has the template run where nothing is found.
func learn(t *testing.T, data []byte) *glance {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("e"))
	}))
	defer srv.Close()
	e := engine(t, Config{})
	if _, err := e.Load("k", data); err != nil {
		t.Fatal(err)
	}
	to := at(t, srv.URL)
	a := e.Run(t.Context(), to, "k")
	g := glanceOf(data)
	if g == nil {
		t.Fatalf("%s: nothing is learned: %+v", data, a)
	}
	return g
}

// What one template alone asks is not kept once it has looked, or a site that
// has a page for every path would be kept whole.
func TestAGlanceKeepsWhatIsShared(t *testing.T) {
	glances.by = nil
	var all [][]byte
	for i, path := range []string{"own", "all", "all"} {
		data := fmt.Appendf([]byte(head), `http: [{method: GET, path: ["{{BaseURL}}/%s"], headers: {User-Agent: lab}, matchers: [{type: word, words: ["needle %d"]}]}]`+"\n", path, i)
		learn(t, data)
		all = append(all, data)
	}
	var asked []string
	url := web(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		_, _ = w.Write([]byte("e"))
	})
	e := engine(t, Config{})
	for range 2 {
		for _, data := range all {
			if a, sure := e.Glance(t.Context(), at(t, url), data); !sure || a.Cause != "" {
				t.Error(sure, show(a))
			}
		}
	}
	if want := []string{"/own", "/all", "/own"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	if n := len(e.wire.memo.by); n != 1 || e.wire.memo.size != 1 {
		t.Errorf("%d answers of %d bytes are kept", n, e.wire.memo.size)
	}
}
