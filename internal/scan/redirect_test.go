package scan

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// answerWith is a web server behind a pipe that redirects to where it is told.
func answerWith(location string) net.Conn {
	client, server := net.Pipe()
	go func() {
		defer func() { _ = server.Close() }()
		_ = server.SetDeadline(time.Now().Add(2 * time.Second))
		if _, err := http.ReadRequest(bufio.NewReader(server)); err != nil {
			return
		}
		_, _ = fmt.Fprintf(server, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", location)
	}()
	return client
}

// No sequence of redirects and name server answers leads a check outside.
func TestRedirectsStayInside(t *testing.T) {
	within := netip.MustParsePrefix("203.0.113.0/28")
	outside := []string{
		"http://198.51.100.7/", "//198.51.100.7/x", "http://203.0.113.5@198.51.100.7/", "http://[::ffff:198.51.100.7]/", "http://[fe80::1%25eth0]/",
		"http://127.0.0.1:22/", "http://0.0.0.0/", "http://evil.example/", "http://web.unit.example.evil.example/", "http://3325256711/", "http://0306.0.0.7/",
		"gopher://203.0.113.5:22/_x", "file:///etc/passwd", "http://198.51.100.7:80#@203.0.113.5/", "http:\\\\\\\\198.51.100.7/", "http://web.unit.example\\\\@198.51.100.7/", "https://169.254.169.254/latest/",
	}
	inside := []string{"/next", "http://203.0.113.9/", "http://web.unit.example/a", "http://x.unit.example/", "http://203.0.113.5:8080/"}
	rapid.Check(t, func(t *rapid.T) {
		u := authorised([]string{"*.unit.example"}, within.String())
		w := wire(t, u, noon, func(string) []netip.Addr {
			return rapid.SliceOfN(rapid.SampledFrom([]netip.Addr{netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("::ffff:198.51.100.1"), netip.MustParseAddr("127.0.0.1")}), 1, 3).Draw(t, "answer")
		})
		w.connect = func(_ context.Context, _ string, to netip.AddrPort) (net.Conn, error) {
			w.connected = append(w.connected, to)
			return answerWith(rapid.OneOf(rapid.SampledFrom(outside), rapid.SampledFrom(inside)).Draw(t, "location")), nil
		}
		e := inventory.Endpoint{ID: "e", Target: "http://web.unit.example/", Kind: inventory.HTTP}
		for _, c := range []*checks.Check{checks.HTTPRedirect, checks.HTTPAnswer} {
			p := checks.NewProbe(checks.Settings{Dial: w.Dial, Now: time.Now, Timeout: 2 * time.Second, Log: zerolog.Nop()}, e, map[string]fact.Observation{})
			if o := c.Observe(context.Background(), p); o.Unknown != nil && o.Unknown.Cause == fact.Broken {
				t.Fatalf("%s: %v", c.ID, o.Unknown)
			}
		}
		for _, to := range w.connected {
			if !within.Contains(to.Addr()) {
				t.Fatalf("connected to %s", to)
			}
		}
		for _, name := range w.looked {
			if !w.scope.named(canonical(name)) {
				t.Fatalf("looked up %q", name)
			}
		}
	})
}
