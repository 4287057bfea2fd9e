package scan

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// life remembers of each address the last port that answered, by accepting or
// by refusing. A host that never answers is held against its neighbours.
type life struct {
	mu    sync.Mutex
	ports map[netip.Addr]uint16
}

func (l *life) note(address string, err error) {
	to, wrong := netip.ParseAddrPort(address)
	if wrong != nil || err != nil && !fact.Refused(err) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ports == nil {
		l.ports = map[netip.Addr]uint16{}
	}
	l.ports[to.Addr().Unmap()] = to.Port()
}

// among tells whether one of the hosts answered.
func (l *life) among(hosts []inventory.Endpoint) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(hosts, func(h inventory.Endpoint) bool {
		a, err := netip.ParseAddr(h.Target)
		return err == nil && l.ports[a] != 0
	})
}

// beside gives the next address after that of the endpoint, in the range in
// which it was declared, that answered; or the next before it.
func (l *life) beside(e inventory.Endpoint) (string, bool) {
	within, err := netip.ParsePrefix(e.Range)
	own, wrong := netip.ParseAddr(e.Target)
	if err != nil || wrong != nil {
		return "", false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var after, before netip.Addr
	for a := range l.ports {
		switch {
		case !within.Contains(a):
		case own.Less(a) && (!after.IsValid() || a.Less(after)):
			after = a
		case a.Less(own) && (!before.IsValid() || before.Less(a)):
			before = a
		}
	}
	if !after.IsValid() {
		after = before
	}
	return netip.AddrPortFrom(after, l.ports[after]).String(), after.IsValid()
}
