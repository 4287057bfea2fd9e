package scan

import (
	"context"
	"net"
	"net/netip"
	"syscall"
)

// overWide is the network of a UDP socket that sends to one port of a host
// and hears all of them: some protocols answer from a port of their own.
const overWide = "udp-wide"

// DialWide is DialPacket for such protocols. It cannot learn that the port is
// closed.
func (g *Guard) DialWide(ctx context.Context, address string) (net.Conn, error) {
	return g.reach(ctx, overWide, address)
}

// wide is a socket that sends to one place and hears its whole host, and
// nobody else.
type wide struct {
	*net.UDPConn
	to netip.AddrPort
}

func openWide(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	family, only := "udp6", net.ListenConfig{}
	if to.Addr().Is4() {
		family = "udp4"
		only.Control = func(_, _ string, raw syscall.RawConn) error { return noBroadcast(raw) }
	}
	c, err := only.ListenPacket(ctx, family, "")
	if err != nil {
		return nil, err
	}
	return &wide{c.(*net.UDPConn), to}, nil
}

func (w *wide) Write(b []byte) (int, error) { return w.WriteToUDPAddrPort(b, w.to) }

// Read passes over what comes from others; each that it waits for counts
// against the deadline.
func (w *wide) Read(b []byte) (int, error) {
	for {
		n, from, err := w.ReadFromUDPAddrPort(b)
		if err != nil || from.Addr().Unmap() == w.to.Addr() {
			return n, err
		}
	}
}

func (w *wide) RemoteAddr() net.Addr { return net.UDPAddrFromAddrPort(w.to) }
