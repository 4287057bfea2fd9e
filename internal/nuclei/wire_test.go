package nuclei

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/jobs"
)

// counted is a server that counts connections and requests.
func counted(t *testing.T, h http.HandlerFunc) (url string, conns, requests *atomic.Int64) {
	t.Helper()
	conns, requests = new(atomic.Int64), new(atomic.Int64)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		h(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, conns, requests
}

func asks(path, word string) string {
	return "http:\n  - {method: GET, path: [\"{{BaseURL}}" + path + "\"], matchers: [{type: word, words: [\"" + word + "\"]}]}\n"
}

// One after the other, requests go over one connection.
func TestConnectionsAreUsedAgain(t *testing.T) {
	url, conns, requests := counted(t, app("vuln-here"))
	e := engine(t, Config{})
	for i := range 20 {
		key := fmt.Sprint(i)
		load(t, e, key, asks("/p"+key, "nothing"))
		if a := e.Run(context.Background(), at(t, url), key); verdict(a) != "not" {
			t.Error(show(a))
		}
	}
	load(t, e, "raw", overHTTP["raw"])
	if a := e.Run(context.Background(), at(t, url), "raw"); verdict(a) != "found" {
		t.Error(show(a))
	}
	if requests.Load() != 22 || conns.Load() > 2 { // a POST has one of its own
		t.Errorf("%d requests over %d connections", requests.Load(), conns.Load())
	}
}

// Cookies are of one run: neither the next run nor another template has them.
func TestCookiesAreOfOneRun(t *testing.T) {
	var got []string
	var mu sync.Mutex
	target := at(t, web(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r.URL.Path+" "+r.Header.Get("Cookie"))
		mu.Unlock()
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1", Path: "/"})
	}))
	e := engine(t, Config{})
	load(t, e, "two", "http:\n  - {method: GET, path: [\"{{BaseURL}}/a\", \"{{BaseURL}}/b\"], matchers: [{type: word, words: [x]}]}\n")
	load(t, e, "off", "http:\n  - {method: GET, disable-cookie: true, path: [\"{{BaseURL}}/c\", \"{{BaseURL}}/d\"], matchers: [{type: word, words: [x]}]}\n")
	for _, key := range []string{"two", "two", "off"} {
		e.Run(context.Background(), target, key)
	}
	if want := []string{"/a ", "/b sid=1", "/a ", "/b sid=1", "/c ", "/d "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The same question is asked once; what failed is asked by each.
func TestTheSameIsAskedOnce(t *testing.T) {
	var fails atomic.Int64
	url, _, requests := counted(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/long": // as front pages are
			fmt.Fprint(w, strings.Repeat("<p>tin tức</p>\n", 50_000), "vuln-here")
		case r.URL.Path == "/cut":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "vuln")
		case r.URL.Path == "/once" && fails.Add(1) == 1:
			c, _, _ := w.(http.Hijacker).Hijack()
			abort(c)
		default:
			time.Sleep(20 * time.Millisecond)
			fmt.Fprint(w, "hello vuln-here")
		}
	})
	e := engine(t, Config{})
	run := func(path string, n int, words ...string) (verdicts []string) {
		requests.Store(0)
		var all sync.WaitGroup
		verdicts = make([]string, n)
		for i := range n {
			key := fmt.Sprint(path, i)
			load(t, e, key, asks(path, words[i%len(words)]))
			all.Go(func() {
				a := e.Run(context.Background(), at(t, url), key)
				verdicts[i] = verdict(a)
				if a.Cause == "" && (len(a.Request) == 0 || len(a.Response) == 0 || a.Answers != 1 || a.Requests != 1) {
					t.Error(show(a))
				}
			})
		}
		all.Wait()
		return verdicts
	}
	if v := run("/", 20, "vuln-here", "nothing"); requests.Load() != 1 || v[0] != "found" || v[1] != "not" || v[18] != "found" || v[19] != "not" {
		t.Errorf("%d requests: %q", requests.Load(), v)
	}
	if v := run("/long", 6, "vuln-here", "nothing"); requests.Load() != 1 || v[0] != "found" || v[5] != "not" {
		t.Errorf("%d requests: %q", requests.Load(), v)
	}
	if v := run("/broken", 5, "nothing"); requests.Load() != 5 {
		t.Errorf("%d requests: %q", requests.Load(), v)
	}
	if v := run("/cut", 5, "nothing"); requests.Load() != 5 || slices.Contains(v, "not") {
		t.Errorf("%d requests: %q", requests.Load(), v)
	}
	// Whoever met the failure does not know, unless it was on a connection that
	// had been used before; all others do.
	if v := run("/once", 5, "nothing"); requests.Load() != 2 || strings.Count(fmt.Sprint(v), "reset") > 1 || strings.Count(fmt.Sprint(v), "not") < 4 {
		t.Errorf("%d requests: %q", requests.Load(), v)
	}
}

// What hangs on time is not answered from what was seen before.
func TestTimeIsNotRemembered(t *testing.T) {
	url, _, requests := counted(t, app("hello"))
	e := engine(t, Config{})
	for _, key := range []string{"a", "b"} {
		load(t, e, key, "http:\n  - {method: GET, path: [\"{{BaseURL}}/\"], matchers: [{type: dsl, dsl: [\"duration>=6\"]}]}\n")
		e.Run(context.Background(), at(t, url), key)
	}
	if requests.Load() != 2 {
		t.Errorf("%d requests", requests.Load())
	}
}

// The scanner says who it is, unless the template says otherwise.
func TestAgent(t *testing.T) {
	var got []string
	target := at(t, web(t, func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.UserAgent()) }))
	e := engine(t, Config{})
	load(t, e, "plain", asks("/", "x"))
	load(t, e, "own", "http:\n  - {method: GET, path: [\"{{BaseURL}}/own\"], headers: {User-Agent: mine}, matchers: [{type: word, words: [x]}]}\n")
	load(t, e, "raw", "http:\n  - raw: [\"GET /raw HTTP/1.1\\nHost: {{Hostname}}\\nUser-Agent: mine\\n\\n\"]\n    matchers: [{type: word, words: [x]}]\n")
	for _, key := range []string{"plain", "own", "raw"} {
		e.Run(context.Background(), target, key)
	}
	if want := []string{"sansang-test", "mine", "mine"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A run that is stopped says so, soon, and harms no other.
func TestStopped(t *testing.T) {
	e := engine(t, Config{Relayed: true})
	silent := tcp(t, mute)
	load(t, e, "one", overHTTP["one"])
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if a := e.Run(ctx, at(t, "http://"+silent), "one"); a.Cause == "" || a.Found {
		t.Error(show(a))
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	for key, body := range map[string]string{"tcp": overOthers["tcp"], "flow": overHTTP["flow"]} {
		load(t, e, key, body)
		to := silent
		if key == "flow" {
			to = "http://" + silent
		}
		if a := e.Run(ctx, at(t, to), key); a.Cause != skipped {
			t.Error(key, show(a))
		}
	}
}

// What a template found is not carried into its next run.
func TestTwice(t *testing.T) {
	var after atomic.Bool
	target := at(t, web(t, func(w http.ResponseWriter, _ *http.Request) {
		if !after.Load() {
			fmt.Fprint(w, "vuln-here")
		}
	}))
	e := engine(t, Config{})
	load(t, e, "x", "stop-at-first-match: true\nhttp:\n  - {method: POST, body: x, path: [\"{{BaseURL}}/a\"], matchers: [{type: word, words: [vuln-here]}]}\n  - {method: POST, body: x, path: [\"{{BaseURL}}/b\"], matchers: [{type: word, words: [vuln-here]}]}\n")
	for i, want := range []string{"found", "found", "not", "not"} {
		after.Store(i > 1)
		if a := e.Run(context.Background(), target, "x"); verdict(a) != want {
			t.Errorf("run %d: want %s\n  %s", i, want, show(a))
		}
	}
}

// Names are those that the resolver of names knows, and lead where it says;
// the server is asked for by its name.
func TestTargets(t *testing.T) {
	h := func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "host=%s path=%s", r.Host, r.URL.Path) }
	port := at(t, web(t, h)).Port
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	six := &http.Server{Handler: http.HandlerFunc(h), ReadHeaderTimeout: time.Minute}
	go func() { _ = six.Serve(l) }()
	t.Cleanup(func() { _ = six.Close() })
	banner := at(t, tcp(t, says("vuln-here"))).Port
	e := engine(t, Config{Names: namesOf(t, "www.lab"), Allow: func(a netip.AddrPort) bool { return a.Addr().IsLoopback() && a.Port() != 53 }})
	load(t, e, "http", "http:\n  - {method: GET, path: [\"{{BaseURL}}/x\"], extractors: [{type: regex, regex: ['host=.*']}]}\n")
	load(t, e, "js", overOthers["js"][1:])
	for _, c := range []struct {
		target jobs.Target
		want   string
	}{
		{jobs.Target{Scheme: "http", Host: "www.lab", Port: port}, fmt.Sprintf("host=www.lab:%d path=/x", port)},
		{jobs.Target{Scheme: "http", Host: "www.lab", Port: port, Path: "/cong"}, fmt.Sprintf("host=www.lab:%d path=/cong/x", port)},
		{jobs.Target{Scheme: "http", Host: "::1", Port: at(t, l.Addr().String()).Port}, fmt.Sprintf("host=%s path=/x", l.Addr())},
	} {
		if a := e.Run(context.Background(), c.target, "http"); !slices.Equal(a.Extracted, []string{c.want}) {
			t.Errorf("want %q: %s", c.want, show(a))
		}
	}
	if a := e.Run(context.Background(), jobs.Target{Scheme: "http", Host: "other.lab", Port: port}, "http"); a.Cause != unreachable {
		t.Error(show(a))
	}
	for host, want := range map[string]string{"www.lab": "not", "127.0.0.1": "not", "other.lab": unreachable} {
		if a := e.Run(context.Background(), jobs.Target{Host: host, Port: banner}, "js"); verdict(a) != want {
			t.Errorf("%s: %s", host, show(a))
		}
	}
	for _, c := range []struct {
		target jobs.Target
		key    string
	}{{jobs.Target{Host: "www.lab"}, "http"}, {jobs.Target{Host: "127.0.0.1", Port: port}, "http"}, {jobs.Target{Host: "127.0.0.1"}, "js"}} {
		if a := e.Run(context.Background(), c.target, c.key); a.Cause != unanswered {
			t.Errorf("%s of %v: %s", c.key, c.target, show(a))
		}
	}
}

// What is found for want of a word is not found in half an answer.
func TestHalfAnAnswer(t *testing.T) {
	half := at(t, "http://"+tcp(t, says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")))
	e := engine(t, Config{})
	for _, key := range []string{"negative", "unsafe-negative"} {
		load(t, e, key, overHTTP[key])
		if a := e.Run(context.Background(), half, key); a.Found || a.Cause != unanswered {
			t.Error(key, show(a))
		}
	}
}

// TestLength: a body that is too long is not called late, even where the time
// was over when that was seen; one that broke off by then is.
func TestLength(t *testing.T) {
	over, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	for want, err := range map[string]error{unanswered: errOversize, timeout: errPartial} {
		if cause, _ := causeOf([]error{late(over, err)}); cause != want {
			t.Errorf("%q is %s, want %s", err, cause, want)
		}
	}
}
