package checks

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// keeps runs a server that answers each request of a connection by its number
// on that connection; an empty answer closes it.
func keeps(t *testing.T, made *atomic.Int64, answer func(conn, nth int, r *http.Request) string) inventory.Endpoint {
	t.Helper()
	return serve(t, inventory.HTTP, func(c net.Conn) {
		conn := int(made.Add(1))
		in := bufio.NewReader(c)
		for nth := 0; ; nth++ {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			said := answer(conn, nth, r)
			if said == "" {
				return
			}
			if _, err := c.Write([]byte(said)); err != nil {
				return
			}
		}
	})
}

func probeOf(e inventory.Endpoint) *Probe {
	s := Settings{Dial: dialLoopback, Now: time.Now, Timeout: 5 * time.Second, Log: zerolog.Nop()}
	return NewProbe(s, e, nil)
}

func says200(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// TestSessionKeepsTheConnection holds what shares a connection and what must
// not.
func TestSessionKeepsTheConnection(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(conn, nth int, r *http.Request) string
		conns  int64
	}{
		"kept": {func(_, _ int, r *http.Request) string { return says200(r.URL.Path) }, 1},
		"chunked": {func(_, _ int, r *http.Request) string {
			return fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(r.URL.Path), r.URL.Path)
		}, 1},
		"says that it closes": {func(_, _ int, r *http.Request) string {
			return strings.Replace(says200(r.URL.Path), "\r\n", "\r\nConnection: close\r\n", 1)
		}, 5},
		"closes without a word": {func(_, nth int, r *http.Request) string {
			if nth == 2 {
				return ""
			}
			return says200(r.URL.Path)
		}, 3},
		"says more than asked": {func(_, _ int, r *http.Request) string { return says200(r.URL.Path) + says200("/la") }, 5},
	} {
		t.Run(name, func(t *testing.T) {
			var made atomic.Int64
			p := probeOf(keeps(t, &made, c.answer))
			s := p.session(context.Background(), p.Endpoint.URL())
			defer s.close()
			for i := range 5 {
				path := fmt.Sprint("/", i)
				pg, err := s.get(path)
				if err != nil || string(pg.Body) != path {
					t.Fatalf("%s: %v, %+v", path, err, pg)
				}
			}
			if made.Load() != c.conns {
				t.Errorf("%d connections, want %d", made.Load(), c.conns)
			}
		})
	}
}

// TestSessionAsksAgainOnce holds that a server which always hangs up is left.
func TestSessionAsksAgainOnce(t *testing.T) {
	var made atomic.Int64
	p := probeOf(keeps(t, &made, func(conn, _ int, r *http.Request) string {
		if conn == 1 && r.URL.Path == "/" {
			return says200("x")
		}
		return ""
	}))
	s := p.session(context.Background(), p.Endpoint.URL())
	defer s.close()
	if _, err := s.get("/"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.get("/a"); fact.FromError(err).Cause != fact.Reset || made.Load() != 2 {
		t.Errorf("%v after %d connections", err, made.Load())
	}
}

// TestPathsCost holds what http.paths costs, and that it stops when told to.
func TestPathsCost(t *testing.T) {
	for name, c := range map[string]struct {
		status, after   int
		most, mostConns int64
	}{
		"answers": {404, 0, int64(len(pathsWanted)) + 8, 1},
		"limits":  {429, 8, 11, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var made, asked atomic.Int64
			e := keeps(t, &made, func(_, _ int, r *http.Request) string {
				if r.Method != http.MethodGet {
					t.Errorf("asked %s", r.Method)
				}
				n := int(asked.Add(1))
				if r.URL.Path == "/" {
					return says200("<title>x</title>")
				}
				status := 404
				if n > c.after {
					status = c.status
				}
				return fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n", status)
			})
			obs := HTTPPaths.Observe(context.Background(), NewProbe(Settings{Dial: dialLoopback, Now: time.Now, Timeout: 5 * time.Second, Log: zerolog.Nop()}, e,
				map[string]fact.Observation{HTTPAnswer.ID: {Value: []byte(`{"url":"` + e.URL().String() + `","status":200}`)}}))
			if asked.Load() > c.most || made.Load() > c.mostConns {
				t.Errorf("%d requests, %d connections", asked.Load(), made.Load())
			}
			t.Log(asked.Load(), "requests,", made.Load(), "connections:", obs.Unknown)
		})
	}
}

// TestPathsPatience holds that a server which was busy once is asked on.
func TestPathsPatience(t *testing.T) {
	var made, asked atomic.Int64
	e := keeps(t, &made, func(_, _ int, r *http.Request) string {
		switch {
		case asked.Add(1) == 35:
			return "HTTP/1.1 503 x\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
		case r.URL.Path == "/":
			return says200("<title>x</title>")
		}
		return "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"
	})
	if obs := observe(t, HTTPPaths, e, 10*time.Second); !strings.HasPrefix(string(obs.Value), `{"whole":true`) {
		t.Errorf("%v, %s", obs.Unknown, obs.Value)
	}
}

// TestSecretsAreNotKept holds that nothing of an exposed file is in the record.
func TestSecretsAreNotKept(t *testing.T) {
	for _, recipe := range []string{"exposed-files", "exposed-files-clear"} {
		obs := observe(t, HTTPPaths, endpointOf(t, HTTPPaths, recipe), 10*time.Second)
		if obs.Unknown != nil {
			t.Fatal(obs.Unknown)
		}
		all := string(obs.Value)
		for _, e := range obs.Evidence {
			all += string(e.Received) + e.Label
		}
		if strings.Contains(all, "bi-mat-khong-duoc-lo") || !strings.Contains(all, "DB_PASSWORD=***") {
			t.Errorf("%s: kept %q", recipe, all)
		}
	}
}

// TestDataIsNotKept holds that the record of an API has no content of it.
func TestDataIsNotKept(t *testing.T) {
	clear := says(t, nil, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"soCCCD\": \"001099012345\"}")
	for _, e := range []inventory.Endpoint{endpointOf(t, HTTPAnswer, "api-leaks"), clear} {
		e.Labels = map[string]string{"api": "data"}
		for _, c := range []*Check{HTTPAnswer, HTTPCORS, HTTPAnonymousData, HTTPMethods, HTTPPage} {
			obs := observe(t, c, e, 10*time.Second)
			for _, ev := range obs.Evidence {
				if strings.Contains(string(ev.Received), "001099012345") {
					t.Errorf("%s at %s keeps %q", c.ID, e.Target, ev.Received)
				}
			}
			if c == HTTPAnonymousData && !strings.Contains(string(obs.Value), `"named":`) {
				t.Errorf("%s: %s", e.Target, obs.Value)
			}
		}
	}
}

// FuzzStream holds that whatever a server says on a kept connection ends well
// and within the bounds.
func FuzzStream(f *testing.F) {
	f.Add([]byte(says200("a") + says200("b")))
	f.Add([]byte("HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1 304 x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		s := newStream(strings.NewReader(string(said)))
		for range 3 {
			pg := &page{}
			more, err := pg.next(s, time.Now)
			if len(pg.Body) > maxBody || more && (err != nil || pg.Cut != nil) {
				t.Fatalf("more %v, error %v, %d bytes, cut %v", more, err, len(pg.Body), pg.Cut)
			}
			if !more {
				return
			}
		}
	})
}
