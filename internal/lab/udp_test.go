package lab

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

// Every practice host starts, has its name and a text in both languages, and
// ends whole.
func TestUDPHosts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range UDPRecipes() {
		if seen[r.Name] || !strings.HasPrefix(r.Name, "udp-") || !r.About.Whole() {
			t.Errorf("%s: name or text", r.Name)
		}
		seen[r.Name] = true
		h, err := StartUDP(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := StartUDP("udp-none"); err == nil {
		t.Error("a host that nobody wrote starts")
	}
}

// ask sends one datagram to a service and gives what comes, or nil.
func ask(t *testing.T, recipe string, port int, b []byte) []byte {
	t.Helper()
	h, err := StartUDP(recipe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	at, ok := h.At(port)
	if !ok {
		return nil
	}
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	send(t, c, b)
	_ = c.SetReadDeadline(time.Now().Add(time.Second))
	got := make([]byte, 64<<10)
	n, err := c.Read(got)
	if err != nil {
		return nil
	}
	return got[:n]
}

// What practice hosts say, byte for byte as others would read it.
func TestUDPProofs(t *testing.T) {
	get := []byte("\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x07\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x05\x00")
	root := []byte("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01")
	for _, c := range []struct {
		name, recipe string
		port         int
		asked        []byte
		want         func([]byte) bool
	}{
		{"public", "udp-loose", 161, get, func(b []byte) bool { return len(b) == len(get) && b[13] == 0xa2 }},
		{"public refused", "udp-careful", 161, get, func(b []byte) bool { return b == nil }},
		{"recursion", "udp-loose", 53, root, func(b []byte) bool { return len(b) == 17+13*31 && b[3] == 0x80 && b[7] == 13 }},
		{"recursion refused", "udp-careful", 53, root, func(b []byte) bool { return len(b) == 17 && b[3] == 5 }},
		{"monlist", "udp-loose", 123, []byte{0x17, 0, 3, 42, 0, 0, 0, 0}, func(b []byte) bool { return len(b) == 440 && b[0]&0x80 != 0 }},
		{"monlist kept", "udp-careful", 123, []byte{0x17, 0, 3, 42, 0, 0, 0, 0}, func(b []byte) bool { return b == nil }},
		{"quote", "udp-loose", 17, []byte("\n"), func(b []byte) bool { return bytes.Contains(b, []byte("Practice")) }},
		{"echo", "udp-echo", 17, []byte("abc"), func(b []byte) bool { return string(b) == "abc" }},
		{"silence", "udp-silent", 17, []byte("abc"), func(b []byte) bool { return b == nil }},
		{"TFTP answers from elsewhere", "udp-loose", 69, []byte("\x00\x01a\x00octet\x00"), func(b []byte) bool { return b == nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := ask(t, c.recipe, c.port, c.asked); !c.want(got) {
				t.Errorf("got %x", got)
			}
		})
	}
}
