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
	next   uint32            // of the addresses that stand for names
	named  map[string]*named // by canonical name
	relays map[netip.AddrPort]*relay
}

// named is a name of one or more open targets.
type named struct {
	at      netip.Addr // what the name leads to here
	real    netip.Addr // what it stands for
	targets int
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
	n := &network{start: start, relayed: relayed, named: map[string]*named{}, relays: map[netip.AddrPort]*relay{}}
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
	if addr.String() == t.Host {
		if !n.relayed {
			return pinned{real}, nil
		}
		return pinned{real}, n.stand(real, t.ID, true)
	}
	var p pinned
	if !n.relayed || n.stand(real, t.ID, false) == nil { // behind the wall too: it is what a hosts file may lead to
		p = pinned{real}
	}
	own, err := n.name(t, real)
	if err != nil {
		n.leave(p, t.ID)
		return nil, err
	}
	return append(p, own), nil
}

var errInUse = errors.New("is in use for another address")

// name makes the target's name lead to one address, the same for all targets
// of that name.
func (n *network) name(t jobs.Target, real netip.AddrPort) (at netip.AddrPort, err error) {
	key := canonical(t.Host)
	is := n.named[key]
	switch {
	case is != nil && is.real != real.Addr():
		return at, fmt.Errorf("the name %s %w, %s", t.Host, errInUse, is.real)
	case is != nil:
		at = netip.AddrPortFrom(is.at, real.Port())
		if n.relayed {
			err = n.stand(at, t.ID, true)
		}
	case n.relayed:
		at, err = n.unused(t)
	default:
		at = real
	}
	if err != nil {
		return at, err
	}
	if is == nil {
		is = &named{at: at.Addr(), real: real.Addr()}
		n.named[key] = is
	}
	is.targets++
	n.names.set(t.Host, is.at, t.ID)
	return at, nil
}

// unused stands the target at an address of 127/8 that nothing else has.
func (n *network) unused(t jobs.Target) (at netip.AddrPort, err error) {
	for range 16 {
		n.next++
		i := n.next + 255
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(84 + i>>16&31), byte(i >> 8), byte(i)}), uint16(t.Port))
		if n.relays[at] != nil {
			continue
		}
		if err = n.stand(at, t.ID, true); err == nil {
			return at, nil
		}
	}
	return at, errors.Join(errors.New("no address is free for the name "+t.Host), err)
}

// stand listens at the place of a target, or adds it to those that stand there.
// A connection is for one of those that are at home before it is for one that
// only may be looked for there.
func (n *network) stand(at netip.AddrPort, id int, home bool) error {
	if r := n.relays[at]; r != nil {
		r.add(id, home)
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
	if is := n.named[canonical(t.Host)]; is != nil && t.Port != 0 {
		if is.targets--; is.targets == 0 {
			delete(n.named, canonical(t.Host))
		}
	}
	if n.relayed {
		n.leave(p, t.ID)
	}
}
