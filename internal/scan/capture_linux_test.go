package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// capture keeps what every packet on every interface was for.
type capture struct {
	fd int

	mu      sync.Mutex
	flows   map[flow]int
	secrets int // packets that hold one
}

// flow is what one packet was.
type flow struct {
	network  string // tcp, udp, icmp, icmpv6 or the number
	from, to netip.AddrPort
	opens    bool // a SYN without ACK
}

// listenIn begins to keep packets, until the test ends.
func listenIn(t *testing.T) *capture {
	t.Helper()
	const all = 3 // ETH_P_ALL
	order := binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, all))
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, int(order))
	if err != nil {
		t.Skip("packets cannot be captured here: ", err)
	}
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, 64<<20); err != nil {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 64<<20)
	}
	c := &capture{fd: fd, flows: map[flow]int{}}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	go c.read()
	return c
}

func (c *capture) read() {
	b := make([]byte, 1<<17)
	for {
		n, _, err := syscall.Recvfrom(c.fd, b, 0)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return
		}
		c.keep(b[:n])
	}
}

func (c *capture) keep(p []byte) {
	f := flowOf(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flows[f]++
	for _, s := range []string{secretOfEnvironment, secretOfFile} {
		if bytes.Contains(p, []byte(s)) {
			c.secrets++
		}
	}
}

// lost is how many packets the kernel could not hand over.
func (c *capture) lost() uint32 {
	var stats struct{ packets, drops uint32 }
	size := uint32(unsafe.Sizeof(stats))
	_, _, _ = syscall.Syscall6(syscall.SYS_GETSOCKOPT, uintptr(c.fd), 263, 6, uintptr(unsafe.Pointer(&stats)), uintptr(unsafe.Pointer(&size)), 0) // SOL_PACKET, PACKET_STATISTICS
	return stats.drops
}

// take gives what was captured and begins anew, after what is under way.
func (c *capture) take() (flows map[flow]int, secrets int) {
	time.Sleep(30 * time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	flows, secrets = c.flows, c.secrets
	c.flows, c.secrets = map[flow]int{}, 0
	return flows, secrets
}

// flowOf reads the headers of a packet of IPv4 or IPv6. Fragments after the
// first and extension headers show as networks of their own.
func flowOf(p []byte) (f flow) {
	var next byte
	var from, to netip.Addr
	switch {
	case len(p) >= 20 && p[0]>>4 == 4 && len(p) >= int(p[0]&15)*4:
		next, from, to = p[9], netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
		p = p[int(p[0]&15)*4:]
	case len(p) >= 40 && p[0]>>4 == 6:
		next, from, to = p[6], netip.AddrFrom16([16]byte(p[8:24])), netip.AddrFrom16([16]byte(p[24:40]))
		p = p[40:]
	default:
		return flow{network: fmt.Sprintf("no IP: %x", p[:min(16, len(p))])}
	}
	f = flow{network: fmt.Sprint(next), from: netip.AddrPortFrom(from, 0), to: netip.AddrPortFrom(to, 0)}
	switch {
	case next == syscall.IPPROTO_TCP && len(p) >= 20, next == syscall.IPPROTO_UDP && len(p) >= 8:
		f.network = map[byte]string{syscall.IPPROTO_TCP: "tcp", syscall.IPPROTO_UDP: "udp"}[next]
		f.from = netip.AddrPortFrom(from, binary.BigEndian.Uint16(p))
		f.to = netip.AddrPortFrom(to, binary.BigEndian.Uint16(p[2:]))
		f.opens = next == syscall.IPPROTO_TCP && p[13]&0x12 == 2
	case next == syscall.IPPROTO_ICMP && len(p) > 0:
		f.network = fmt.Sprint("icmp ", p[0])
	case next == syscall.IPPROTO_ICMPV6 && len(p) > 0:
		f.network = fmt.Sprint("icmpv6 ", p[0])
	}
	return f
}

// strays are the packets that belong to no conversation with a declared place.
func strays(flows map[flow]int, declared map[string]bool) (out map[string]int) {
	out = map[string]int{}
	for f, n := range flows {
		switch {
		case declared[f.network+" "+f.to.String()], !f.opens && declared[f.network+" "+f.from.String()]:
		case f.network == "icmpv6 133", f.network == "icmpv6 143", f.network == "0": // the kernel of a new interface looks for routers and groups
		default:
			out[f.network+" "+f.to.String()] += n
		}
	}
	return out
}
