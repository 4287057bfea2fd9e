package lab

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

var httpProofs = map[string]func(*testing.T, *Server){
	"http-redirect": func(t *testing.T, s *Server) {
		redirectProof(t, s, 301, "https://127.0.0.1/trang?a=%20b")
	},
	"http-302": func(t *testing.T, s *Server) {
		redirectProof(t, s, 302, "https://127.0.0.1/trang?a=%20b")
	},
	"http-other-host": func(t *testing.T, s *Server) {
		redirectProof(t, s, 301, "https://may-khac.invalid/trang?a=%20b")
	},
	"http-content": func(t *testing.T, s *Server) {
		if resp, body := get(t, s.URL()); resp.StatusCode != 200 || body != frontPage {
			t.Errorf("status %d, body %q", resp.StatusCode, body)
		}
	},
	"headers-none": func(t *testing.T, s *Server) {
		resp, _ := get(t, s.URL())
		for name := range goodPages().headers {
			if resp.Header.Get(name) != "" {
				t.Errorf("sends %s", name)
			}
		}
	},
	"hsts-short":     headerProof("Strict-Transport-Security", "max-age=86400;"),
	"csp-unsafe":     headerProof("Content-Security-Policy", "'unsafe-inline'"),
	"server-version": headerProof("Server", "nginx/1.14.0"),
	"cookies-insecure": func(t *testing.T, s *Server) {
		resp, _ := get(t, s.URL())
		if len(resp.Cookies()) != 2 {
			t.Errorf("cookies %v", resp.Cookies())
		}
		for _, c := range resp.Cookies() {
			if c.Secure || c.HttpOnly || c.SameSite != 0 {
				t.Errorf("cookie %v", c)
			}
		}
	},
	"stack-trace": func(t *testing.T, s *Server) {
		if resp, body := get(t, s.URL()+"khong-co"); resp.StatusCode != 404 || !strings.Contains(body, "\tat ") {
			t.Errorf("status %d, body %q", resp.StatusCode, body)
		}
	},
	"breach": func(t *testing.T, s *Server) {
		resp, body := get(t, s.URL()+"?a=xinchao") // net/http asks for gzip and unpacks it
		if !resp.Uncompressed || !strings.Contains(body, "a=xinchao") {
			t.Errorf("compressed %v, body %q", resp.Uncompressed, body)
		}
	},
	"clock-wrong": func(t *testing.T, s *Server) {
		resp, _ := get(t, s.URL())
		if skew := dateSkew(t, resp); skew != -time.Hour {
			t.Errorf("skew %v", skew)
		}
	},
}

func redirectProof(t *testing.T, s *Server, status int, location string) {
	resp, _ := get(t, s.URL()+"trang?a=%20b")
	if resp.StatusCode != status || resp.Header.Get("Location") != location {
		t.Errorf("status %d to %q", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func headerProof(name, part string) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		resp, _ := get(t, s.URL())
		if got := resp.Header.Get(name); !strings.Contains(got, part) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// dateSkew rounds to what a fast test cannot miss.
func dateSkew(t *testing.T, resp *http.Response) time.Duration {
	t.Helper()
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	return time.Until(at).Round(time.Minute)
}

// TestRedirectReachesTheTwin follows the redirect to a page that a client of
// the practice CA trusts.
func TestRedirectReachesTheTwin(t *testing.T) {
	twin := start(t, "https-good")
	s := start(t, "http-redirect", RedirectTo(twin.URL()))
	redirectProof(t, s, 301, twin.URL()+"trang?a=%20b")

	// The target comes from the option: the Host header changes nothing, and a
	// path that looks like a host stays a path.
	c := dial(t, s)
	send(t, c, []byte("GET //ke-xau.invalid/ HTTP/1.1\r\nHost: ke-xau.invalid\r\nConnection: close\r\n\r\n"))
	if got := readAll(t, c); !strings.Contains(got, "Location: "+twin.URL()+"/ke-xau.invalid/\r\n") {
		t.Errorf("answer %q", got)
	}
}

func TestErrorsArePlainAndShort(t *testing.T) {
	s := start(t, "https-good")
	resp, body := get(t, s.URL()+"khong-co")
	if resp.StatusCode != 404 || len(body) > 100 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("404: status %d, body %q", resp.StatusCode, body)
	}
	clear := start(t, "http-content")
	c := dial(t, clear)
	send(t, c, []byte("GET / HTTP/1.1\r\n\r\n"))
	if got := readAll(t, c); !strings.HasPrefix(got, "HTTP/1.1 400 ") || len(got) > 200 {
		t.Errorf("400: %q", got)
	}
}
