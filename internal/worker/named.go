package worker

import (
	"context"
	"net/netip"
	"strings"
)

// named is a name that open targets have. The worker can have it lead to one
// address alone; scans of different units may see it at several.
type named struct {
	name, addr string
	holders    int
	left       chan struct{} // closed after the last holder
}

// claim waits until no session has the target's name for another address, and
// keeps the name for this session until it is closed.
func (s *Session) claim(ctx context.Context) error {
	if _, literal := netip.ParseAddr(s.target.Host); literal == nil || s.target.Addr == "" {
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(s.target.Host, "."))
	p := s.pool
	for {
		p.mu.Lock()
		n := p.names[name]
		if n == nil {
			n = &named{name: name, addr: s.target.Addr, left: make(chan struct{})}
		}
		if s.has != nil || s.ctx.Err() != nil || n.addr == s.target.Addr {
			if s.has == nil && s.ctx.Err() == nil {
				n.holders++
				p.names[name], s.has = n, n
			}
			p.mu.Unlock()
			return s.ctx.Err()
		}
		p.mu.Unlock()
		select {
		case <-n.left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// yield gives back the name.
func (s *Session) yield() {
	p := s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.has == nil {
		return
	}
	if s.has.holders--; s.has.holders == 0 {
		delete(p.names, s.has.name)
		close(s.has.left)
	}
	s.has = nil
}
