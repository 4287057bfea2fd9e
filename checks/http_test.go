package checks

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
)

// says runs a server that gives each request in turn its own raw answer, the
// last one again and again, and tells the requests.
func says(t *testing.T, asked func(*http.Request), answers ...string) inventory.Endpoint {
	t.Helper()
	var n atomic.Int64
	return serve(t, inventory.HTTP, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if asked != nil && err == nil { // else it is the malformed one
			asked(r)
		}
		i := int(n.Add(1)) - 1
		_, _ = c.Write([]byte(answers[min(i, len(answers)-1)]))
	})
}

const emptyOK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"

// TestWhereRedirectsLead holds which places are gone to and which never are.
func TestWhereRedirectsLead(t *testing.T) {
	for location, want := range map[string]string{
		"/tiep#phan":                      `{"same_host": true, "ends_https": false}`,
		"https://user@127.0.0.1/":         `{"to_https": false, "ends_https": {"unknown": {"cause": "unanswered"}}}`,
		"https://[fe80::1%25eth0]/":       `{"to_https": false, "ends_https": {"unknown": {"cause": "unanswered"}}}`,
		"ftp://127.0.0.1/":                `{"to_https": false, "ends_https": {"unknown": {"cause": "unanswered"}}}`,
		"javascript:alert(1)":             `{"to_https": false, "ends_https": {"unknown": {"cause": "unanswered"}}}`,
		"https://127.0.0.1:99999/":        `{"to_https": false, "ends_https": {"unknown": {"cause": "unanswered"}}}`,
		"https://198.51.100.7/#a":         `{"to_https": true, "same_host": false, "ends_https": {"unknown": {"cause": "out-of-scope"}}, "hops": {"unknown": {"cause": "out-of-scope"}}}`,
		"https://[::ffff:198.51.100.7]/":  `{"to_https": true, "ends_https": {"unknown": {"cause": "out-of-scope"}}}`,
		"//cong.example.test/dang-nhap":   `{"to_https": false, "same_host": false, "ends_https": {"unknown": {"cause": "out-of-scope"}}}`,
		"https://127.0.0.1:1/khong-co-ai": `{"to_https": true, "same_host": true, "permanent": true, "ends_https": {"unknown": {"cause": "unreachable"}}}`,
	} {
		t.Run(location, func(t *testing.T) {
			e := says(t, nil, "HTTP/1.1 308 Permanent Redirect\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n", emptyOK)
			obs := observe(t, HTTPRedirect, e, 10*time.Second)
			if obs.Unknown != nil {
				t.Fatal(obs.Unknown)
			}
			if diff := differs("fact", decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
				t.Errorf("%s\nwhole: %s", diff, obs.Value)
			}
		})
	}
}

// TestAnswerOnTheWay holds that cookies come back on a redirect within the
// origin, that the fact has those of every answer, and what is sent.
func TestAnswerOnTheWay(t *testing.T) {
	e := says(t, func(r *http.Request) {
		if got := r.Header.Get("User-Agent"); got != UserAgent {
			t.Errorf("User-Agent %q", got)
		}
		if got := r.Header.Get("Cookie"); r.URL.Path == "/vao" && got != "JSESSIONID=1" {
			t.Errorf("Cookie %q", got)
		}
	},
		"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 302 Found\r\nSet-Cookie: JSESSIONID=1; Path=/\r\nSet-Cookie: old=; Max-Age=0\r\nLocation: /vao\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nSet-Cookie: theme=dark; SameSite=none\r\n\r\n<!DOCTYPE html><title>x</title>")
	for c, want := range map[*Check]string{
		HTTPAnswer:  `{"status": 200, "document": true, "content_type": ""}`,
		HTTPCookies: `{"cookies": [{"name": "JSESSIONID", "session": true}, {"name": "theme", "session": false, "same_site": "None"}]}`,
	} {
		e := e
		if c == HTTPCookies { // a fresh server: this one is past its first answer
			e = says(t, nil, "HTTP/1.1 302 Found\r\nSet-Cookie: JSESSIONID=1; Path=/\r\nSet-Cookie: old=; Max-Age=0\r\nLocation: /vao\r\nContent-Length: 0\r\n\r\n",
				"HTTP/1.1 200 OK\r\nSet-Cookie: theme=dark; SameSite=none\r\n\r\n<!DOCTYPE html><title>x</title>")
		}
		obs := observe(t, c, e, 10*time.Second)
		if obs.Unknown != nil {
			t.Fatal(obs.Unknown)
		}
		if diff := differs(c.ID, decode(t, []byte(want)), decode(t, obs.Value)); diff != "" {
			t.Errorf("%s\nwhole: %s", diff, obs.Value)
		}
	}
}

// TestServerName holds that an endpoint declared by address and name is asked
// for by name, and that a redirect to the name goes to the address.
func TestServerName(t *testing.T) {
	var hosts []string
	e := says(t, func(r *http.Request) { hosts = append(hosts, r.Host) },
		"HTTP/1.1 301 Moved\r\nLocation: /mot\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
	e.ServerName = "cong.example.test"
	obs := observe(t, HTTPAnswer, e, 10*time.Second)
	if obs.Unknown != nil {
		t.Fatal(obs.Unknown)
	}
	_, port, _ := net.SplitHostPort(e.Target)
	if want := []string{"cong.example.test:" + port, "cong.example.test:" + port}; !slices.Equal(hosts, want) {
		t.Errorf("asked for %q, want %q", hosts, want)
	}
	p := &Probe{Endpoint: inventory.Endpoint{Target: "https://127.0.0.1/", Kind: inventory.HTTPS, ServerName: "cong.example.test"}}
	u, _ := inventory.ParseTarget("https://CONG.example.test/a")
	if address, name, host := p.place(u); address != "127.0.0.1:443" || name != "cong.example.test" || !strings.EqualFold(host, "cong.example.test") {
		t.Errorf("place %q, %q, %q", address, name, host)
	}
}

// TestCutOff holds what of an answer that breaks off is a fact, and why the
// rest is not.
func TestCutOff(t *testing.T) {
	for name, c := range map[string]struct {
		check  *Check
		answer string
		want   string
	}{
		"in the header":         {HTTPAnswer, "HTTP/1.1 200 OK\r\nContent-Ty", `{"unknown": {"cause": "reset"}}`},
		"in the status":         {HTTPAnswer, "HTTP/1.", `{"unknown": {"cause": "reset"}}`},
		"no HTTP":               {HTTPAnswer, "220 mail.example.test ESMTP\r\n", `{"unknown": {"cause": "unanswered"}}`},
		"in the body":           {HTTPAnswer, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nabc", `{"status": 200, "document": true}`},
		"error page":            {HTTPDisclosure, "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc", `{"stack_trace": {"unknown": {"cause": "reset"}}}`},
		"only redirects":        {HTTPDisclosure, "HTTP/1.1 302 Found\r\nLocation: https://198.51.100.7/\r\nContent-Length: 0\r\n\r\n", `{"stack_trace": {"unknown": {"cause": "unanswered"}}}`},
		"trace before the end":  {HTTPDisclosure, "HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\ngoroutine 7 [running]:\nmain.main()", `{"stack_trace": true, "stack_trace_kind": "Go"}`},
		"no Date":               {ClockSkew, emptyOK, `{"unknown": {"cause": "unanswered"}}`},
		"out of a cache":        {ClockSkew, "HTTP/1.1 404 Not Found\r\nAge: 7\r\nDate: Tue, 24 Nov 2026 10:00:00 GMT\r\n\r\n", `{"unknown": {"cause": "unanswered"}}`},
		"endless interim":       {HTTPAnswer, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50), `{"unknown": {"cause": "unanswered"}}`},
		"page without an end":   {HTTPAnswer, emptyOK + strings.Repeat("a", 1<<20), `{"status": 200, "document": true}`},
		"content without bytes": {HTTPRedirect, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", `{"unknown": {"cause": "reset"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			obs := observe(t, c.check, says(t, nil, c.answer), 10*time.Second)
			got := string(obs.Value)
			if obs.Unknown != nil {
				got = fmt.Sprintf(`{"unknown": {"cause": %q}}`, obs.Unknown.Cause)
			}
			if diff := differs("fact", decode(t, []byte(c.want)), decode(t, []byte(got))); diff != "" {
				t.Errorf("%s\nwhole: %s %v", diff, got, obs.Unknown)
			}
		})
	}
}

// TestTwoClocks holds that a pair of servers behind one address is no clock.
func TestTwoClocks(t *testing.T) {
	at := func(d time.Duration) string {
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nDate: " + time.Now().Add(d).UTC().Format(http.TimeFormat) + "\r\n\r\n"
	}
	obs := observe(t, ClockSkew, says(t, nil, at(0), at(time.Minute)), 10*time.Second)
	if obs.Unknown == nil || obs.Unknown.Detail != "two answers show two clocks" {
		t.Errorf("%v, %s", obs.Unknown, obs.Value)
	}
}
