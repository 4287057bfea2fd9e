package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/lang"
)

// UDPHost is a practice host that listens over UDP. Its services have free
// ports of loopback; At tells where the one is that stands for a well-known
// port.
type UDPHost struct {
	Name string

	at      map[int]netip.AddrPort
	sockets []*net.UDPConn
	serving sync.WaitGroup
}

// UDPRecipe describes a practice host.
type UDPRecipe struct {
	Name   string // kebab-case, unique; begins with "udp-"
	Nature Nature
	About  lang.Text // its one behaviour, as a sentence

	ports map[int]func() replier
}

// A replier gives the datagrams that answer one, in order; none is silence.
type replier func(asked []byte) [][]byte

// tftpPort is where replies come from ports of their own (RFC 1350 §4).
const tftpPort = 69

// UDPRecipes lists all practice hosts, by nature and then by name.
func UDPRecipes() []UDPRecipe {
	out := slices.Concat(goodUDP, badUDP, hostileUDP)
	slices.SortStableFunc(out, func(a, b UDPRecipe) int {
		if a.Nature != b.Nature {
			return int(a.Nature - b.Nature)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// StartUDP runs the practice host of that name until Close.
func StartUDP(name string) (*UDPHost, error) {
	all := UDPRecipes()
	i := slices.IndexFunc(all, func(r UDPRecipe) bool { return r.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no practice host is called %q", name)
	}
	h := &UDPHost{Name: name, at: map[int]netip.AddrPort{}}
	for port, service := range all[i].ports {
		c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("starting practice host %s: %w", name, err), h.Close())
		}
		h.sockets = append(h.sockets, c)
		h.at[port] = c.LocalAddr().(*net.UDPAddr).AddrPort()
		h.serving.Go(func() { serveUDP(c, service(), port == tftpPort) })
	}
	return h, nil
}

// At gives the place of what stands for a well-known port; ok is false where
// nothing listens.
func (h *UDPHost) At(port int) (at netip.AddrPort, ok bool) { at, ok = h.at[port]; return at, ok }

// Close ends every service. Closing twice is harmless.
func (h *UDPHost) Close() error {
	for _, c := range h.sockets {
		_ = c.Close()
	}
	h.serving.Wait()
	return nil
}

func serveUDP(c *net.UDPConn, reply replier, elsewhere bool) {
	b := make([]byte, 64<<10)
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // somebody closed a port before our answer came
		}
		for _, a := range reply(slices.Clone(b[:n])) {
			if elsewhere {
				fromNewPort(from, a)
			} else {
				_, _ = c.WriteToUDPAddrPort(a, from)
			}
		}
	}
}

// fromNewPort sends a datagram from a port that nobody was asked on.
func fromNewPort(to netip.AddrPort, b []byte) {
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	_, _ = c.Write(b)
}

// mute answers nothing.
func mute() replier { return func([]byte) [][]byte { return nil } }

// stateless makes a replier for services that keep no state.
func stateless(r replier) func() replier { return func() replier { return r } }

// one is a single answer.
func one(b ...[]byte) [][]byte { return [][]byte{slices.Concat(b...)} }
