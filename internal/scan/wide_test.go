package scan

import (
	"net"
	"testing"
	"time"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// It does so over IPv6 as well.
func TestWideOverIPv6(t *testing.T) {
	asked, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skip("this machine has no IPv6")
	}
	defer func() { _ = asked.Close() }()
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := NewGuard(s, NewThrottle(Rates{}), time.Second, time.Now).DialWide(t.Context(), asked.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte("?"))
	b := make([]byte, 9)
	_, from, err := asked.ReadFromUDP(b)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = asked.WriteTo([]byte("yes"), from)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := conn.Read(b); err != nil || string(b[:n]) != "yes" {
		t.Errorf("heard %q (%v)", b[:n], err)
	}
}

// The last address of a range may be the broadcast address of a network, on
// which there are hosts that nobody authorised.
func TestNoBroadcast(t *testing.T) {
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(s, NewThrottle(Rates{}), time.Second, time.Now)
	for name, dial := range map[string]checks.DialFunc{"packet": g.DialPacket, "wide": g.DialWide} {
		conn, err := dial(t.Context(), "127.255.255.255:9")
		if err == nil {
			_, err = conn.Write([]byte("?"))
			_ = conn.Close()
		}
		if u := fact.FromError(err); u == nil || u.Cause != fact.Denied {
			t.Errorf("%s: a question to all of a network is sent: %v", name, err)
		}
	}
}

// A wide socket hears every port of its host and nobody else, and keeps to the
// authorisation.
func TestWideHearsOneHost(t *testing.T) {
	s, err := NewScope(inventory.Unit{})
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(s, NewThrottle(Rates{}), time.Second, time.Now)
	listen := func(at string) *net.UDPConn {
		a, err := net.ResolveUDPAddr("udp4", at)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.ListenUDP("udp4", a)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	asked, elsewhere, other := listen("127.0.0.1:0"), listen("127.0.0.1:0"), listen("127.0.0.2:0")
	conn, err := g.DialWide(t.Context(), asked.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 9)
	_, from, err := asked.ReadFromUDP(b)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = other.WriteTo([]byte("no"), from)
	_, _ = elsewhere.WriteTo([]byte("yes"), from)
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := conn.Read(b); err != nil || string(b[:n]) != "yes" {
		t.Errorf("heard %q (%v)", b[:n], err)
	}
	if conn.RemoteAddr().String() != asked.LocalAddr().String() {
		t.Errorf("talks to %v", conn.RemoteAddr())
	}
	if _, err := g.DialWide(t.Context(), "192.0.2.1:69"); fact.FromError(err).Cause != fact.OutOfScope {
		t.Errorf("outside: %v", err)
	}
}
