package nuclei

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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
