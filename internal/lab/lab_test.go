package lab

import (
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRecipes is what a newcomer's recipe must pass: it starts, behaves as it
// says, and leaves nothing behind.
func TestRecipes(t *testing.T) {
	proofs := allProofs()
	for _, r := range Recipes() {
		t.Run(r.Name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			s, err := Start(r.Name)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if s.Name != r.Name || s.Kind != r.Kind || !s.AddrPort.Addr().IsLoopback() || s.AddrPort.Port() == 0 {
				t.Errorf("server says of itself %+v", s)
			}
			prove := proofs[r.Name]
			if prove == nil {
				t.Fatal("nothing proves what this recipe does: add it to the proofs")
			}
			t.Run("behaves", func(t *testing.T) { prove(t, s) })
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if c, err := net.Dial("tcp", s.AddrPort.String()); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("after Close a connect gives %v, %v", c, err)
			}
			goleak.VerifyNone(t, before)
		})
	}
}

// TestCloseCutsEverything holds connections of every kind open, silent ones
// and talking ones, and wants Close to end them all at once.
func TestCloseCutsEverything(t *testing.T) {
	for _, r := range Recipes() {
		t.Run(r.Name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			s, err := Start(r.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 6 {
				c, err := net.Dial("tcp", s.AddrPort.String())
				if err != nil {
					continue // dies-midway
				}
				defer func() { _ = c.Close() }()
				if i%2 == 0 {
					_, _ = c.Write([]byte("GET / HTTP/1.1\r\n"))
				}
			}
			time.Sleep(20 * time.Millisecond) // let the server get into it
			begin := time.Now()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("Close took %v", took)
			}
			if err := s.Close(); err != nil {
				t.Errorf("closing twice: %v", err)
			}
			goleak.VerifyNone(t, before)
		})
	}
}

func TestRecipesAreDescribed(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	last := Good
	for _, r := range Recipes() {
		if !kebab.MatchString(r.Name) || seen[r.Name] {
			t.Errorf("name %q is not kebab-case or not unique", r.Name)
		}
		seen[r.Name] = true
		if !r.About.Whole() {
			t.Errorf("%s: About lacks a language", r.Name)
		}
		if r.Nature < last {
			t.Errorf("%s: a %v recipe after a %v one", r.Name, r.Nature, last)
		}
		last = r.Nature
		if r.Nature == Hostile && r.Kind != "tcp" {
			t.Errorf("%s: hostile recipes are of kind tcp", r.Name)
		}
	}
}

func TestStartNamesTheNearest(t *testing.T) {
	for wrong, near := range map[string]string{"https-god": "https-good", "ssh-dsa": "ssh-dss", "cert_expired": "cert-expired"} {
		if _, err := Start(wrong); err == nil || !strings.Contains(err.Error(), `"`+near+`"`) {
			t.Errorf("Start(%q) = %v, want the name %s in it", wrong, err, near)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Option{
		Listen("0.0.0.0:0"), Listen("[::]:0"), Listen("192.0.2.1:0"), Listen("localhost:0"), Listen(""),
		RedirectTo("http://127.0.0.1/"), RedirectTo("https:///"), RedirectTo("://"),
	} {
		if s, err := Start("http-redirect", o); err == nil {
			t.Errorf("accepted a bad option: %+v", s)
			_ = s.Close()
		}
	}
}

func TestListenTakesTheAddress(t *testing.T) {
	first, err := Start("tcp-open", Listen("127.0.0.2:0"))
	if err != nil {
		t.Skip("127.0.0.2 is not to be had here:", err)
	}
	addr := first.AddrPort.String()
	if !strings.HasPrefix(addr, "127.0.0.2:") {
		t.Errorf("listens at %s", addr)
	}
	if _, err := Start("tcp-open", Listen(addr)); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("second server on the same port: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
}

func TestServe(t *testing.T) {
	s, err := Serve(func(c net.Conn) { _, _ = c.Write([]byte("xin chao")) })
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, dial(t, s)); got != "xin chao" {
		t.Errorf("got %q", got)
	}
	if s.URL() != s.AddrPort.String() {
		t.Errorf("URL %s", s.URL())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestServersBoundTheirConnections fills a server; one more client waits until
// another leaves.
func TestServersBoundTheirConnections(t *testing.T) {
	s, err := Serve(func(c net.Conn) {
		_, _ = c.Write([]byte("!"))
		_, _ = io.Copy(io.Discard, c)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var first net.Conn
	for range maxConns {
		c := dial(t, s)
		readN(t, c, 1)
		first = c
	}
	late := dial(t, s)
	_ = late.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := late.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one too many got %d bytes, %v", n, err)
	}
	_ = first.Close()
	_ = late.SetReadDeadline(time.Now().Add(5 * time.Second))
	readN(t, late, 1)
}

// TestServersAreFrugal lets clients take all that the largest answers have;
// the servers may not keep them in memory.
func TestServersAreFrugal(t *testing.T) {
	for _, name := range []string{"gzip-bomb", "header-10mb", "cert-5mb", "cert-16mb", "garbage", "endless-headers", "ssh-endless-banner", "tls-endless-warnings", "tls-endless-empty", "tls-endless-ccs"} {
		t.Run(name, func(t *testing.T) {
			s := start(t, name)
			c := dial(t, s)
			_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, _ := io.CopyN(io.Discard, c, 20<<20)
			runtime.ReadMemStats(&after)
			if n < 5<<20 {
				t.Errorf("only %d bytes came", n)
			}
			if cost := after.TotalAlloc - before.TotalAlloc; cost > 4<<20 && name != "endless-headers" && name != "ssh-endless-banner" {
				t.Errorf("%d bytes cost %d bytes of memory", n, cost)
			}
		})
	}
}
