package nuclei

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"testing"

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
	handlers := map[string]http.HandlerFunc{
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
			var log []string
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				log = append(log, fmt.Sprint(r.Method, r.RequestURI, r.Header))
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
			return a, log
		}
		for as, h := range handlers {
			if name == "negative" && as == "nothing" {
				continue
			}
			want, wire := asked(h, false)
			got, seen := asked(h, true)
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
