package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/sansang/sansang/internal/lab"
	"github.com/sansang/sansang/internal/scan"
)

// What else listens on this machine, over TCP or UDP, is not the practice
// unit's, and other addresses are left alone.
func TestPracticeSeesItsOwnServersOnly(t *testing.T) {
	went := ""
	dial := func(_ context.Context, address string) (net.Conn, error) { went = address; return nil, net.ErrClosed }
	own := netip.MustParseAddrPort("127.0.0.1:8443")
	p := &practice{units: []practiceUnit{{Address: "127.0.0.1"}}, servers: []*lab.Server{{AddrPort: own}}}
	s := &scan.Scan{Dial: dial, Packet: dial, Wide: dial}
	p.only(s)
	if _, err := s.Dial(t.Context(), "127.0.0.1:22"); !errors.Is(err, syscall.ECONNREFUSED) || went != "" {
		t.Errorf("a port of the machine: %v, went to %q", err, went)
	}
	for _, address := range []string{own.String(), "192.0.2.1:22"} {
		if _, _ = s.Dial(t.Context(), address); went != address {
			t.Errorf("%s: went to %q", address, went)
		}
	}
	for _, udp := range []func(context.Context, string) (net.Conn, error){s.Packet, s.Wide} {
		_, _ = udp(t.Context(), "127.0.0.1:161")
		if host, port, _ := net.SplitHostPort(went); host != "127.0.0.1" || port == "161" {
			t.Errorf("a datagram to the machine went to %q", went)
		}
		if _, _ = udp(t.Context(), "192.0.2.1:161"); went != "192.0.2.1:161" {
			t.Errorf("a datagram elsewhere went to %q", went)
		}
	}
}
