package nuclei

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/sansang/sansang/internal/jobs"
)

// network is what there is for the engines to connect to: behind the wall,
// listeners that stand for the targets; without it, the targets themselves.
type network struct {
	start     jobs.Start
	relayed   bool
	names     *nameServer
	questions string // where questions of the DNS are taken, "ip:port"; empty: nowhere

	mu     sync.Mutex
	next   uint32 // of the pinned addresses
	relays map[netip.AddrPort]*relay
}

// pinned is where connections of one target go.
type pinned []netip.AddrPort

func (p pinned) is(a netip.AddrPort) bool {
	for _, b := range p {
		if b == netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) {
			return true
		}
	}
	return false
}

func newNetwork(start jobs.Start, relayed bool) (*network, error) {
	n := &network{start: start, relayed: relayed, relays: map[netip.AddrPort]*relay{}}
	at := "127.0.0.1:0"
	if relayed {
		at = "127.83.0.1:53"
	}
	var err error
	if n.names, err = serveNames(at); err != nil {
		return nil, err
	}
	if start.Resolver && start.Ask != "" {
		if at = "127.0.0.1:0"; relayed {
			at = "127.83.0.2:53"
		}
		n.questions, err = serveQuestions(at, start.Ask)
	}
	return n, err
}

// asks tells whether a is one of the two that answer questions of the DNS.
func (n *network) asks(a netip.AddrPort) bool {
	s := netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
	return s == n.names.at || s == n.questions
}

// pin makes the target's host lead to one place. Without a port there is no
// place: only the DNS is asked.
func (n *network) pin(t jobs.Target) (pinned, error) {
	if t.Port == 0 {
		return nil, nil
	}
	addr, err := netip.ParseAddr(t.Addr)
	if literal, e := netip.ParseAddr(t.Host); e == nil {
		addr, err = literal, nil
	}
	if err != nil || t.Port < 0 || t.Port > 65535 {
		return nil, fmt.Errorf("the target has no address and port: %q, %d", t.Addr, t.Port)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	real := netip.AddrPortFrom(addr.Unmap(), uint16(t.Port))
	named := addr.String() != t.Host
	if !n.relayed {
		if named {
			n.names.set(t.Host, real.Addr(), t.ID)
		}
		return pinned{real}, nil
	}
	// The address itself is there too: it is what a name of the hosts file may lead to.
	err = n.stand(real, t.ID)
	if !named {
		return pinned{real}, err
	}
	p := pinned{}
	if err == nil {
		p = append(p, real)
	}
	own, err := n.unused(t)
	if err != nil {
		n.leave(p, t.ID)
		return nil, err
	}
	n.names.set(t.Host, own.Addr(), t.ID)
	return append(p, own), nil
}

// unused puts the target on an address of 127/8 that nothing else has.
func (n *network) unused(t jobs.Target) (at netip.AddrPort, err error) {
	for range 16 {
		n.next++
		i := n.next + 255
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(84 + i>>16&31), byte(i >> 8), byte(i)}), uint16(t.Port))
		if n.relays[at] != nil {
			continue
		}
		if err = n.stand(at, t.ID); err == nil {
			return at, nil
		}
	}
	return at, errors.Join(errors.New("no address is free for the name "+t.Host), err)
}

// stand listens at the place of a target, or adds it to those that stand there.
func (n *network) stand(at netip.AddrPort, id int) error {
	if r := n.relays[at]; r != nil {
		r.add(id)
		return nil
	}
	if !at.Addr().IsLoopback() {
		if err := putAddress(at.Addr()); err != nil {
			return fmt.Errorf("the address %s cannot be had: %w", at.Addr(), err)
		}
	}
	r, err := listen(at, id, n.start.Dial)
	if err != nil {
		return err
	}
	n.relays[at] = r
	return nil
}

func (n *network) leave(p pinned, id int) {
	for _, at := range p {
		if r := n.relays[at]; r != nil && r.remove(id) {
			delete(n.relays, at)
		}
	}
}

// unpin undoes pin.
func (n *network) unpin(t jobs.Target, p pinned) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names.unset(t.Host, t.ID)
	if n.relayed {
		n.leave(p, t.ID)
	}
}
