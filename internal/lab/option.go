package lab

import (
	"fmt"
	"net/netip"
	"net/url"
)

// Option changes how a practice server is started.
type Option func(*place) error

// place is where a server listens and what it must know of its neighbours.
// Once the listener is open, addr holds the real port.
type place struct {
	addr  netip.AddrPort
	https *url.URL // the https twin of an http server; nil: same host, port 443
	many  bool     // one of thousands: dear keys are shared with the others
}

func newPlace(opts []Option) (place, error) {
	p := place{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)}
	for _, o := range opts {
		if err := o(&p); err != nil {
			return place{}, err
		}
	}
	return p, nil
}

// Listen fixes the address, as "127.0.0.1:8443" or "[::1]:0"; without it a
// server takes a free port of 127.0.0.1. An address that is not loopback is
// refused: practice servers are weak on purpose.
func Listen(addr string) Option {
	return func(p *place) error {
		a, err := netip.ParseAddrPort(addr)
		if err != nil {
			return fmt.Errorf("listen address %q: want a loopback IP and a port, such as 127.0.0.1:8443", addr)
		}
		if !a.Addr().Unmap().IsLoopback() {
			return fmt.Errorf("listen address %q: practice servers listen on loopback only", addr)
		}
		p.addr = a
		return nil
	}
}

// RedirectTo gives an http server the URL of its https twin. Recipes that do
// not redirect there ignore it. Without it they redirect to port 443 of their
// own host.
func RedirectTo(https string) Option {
	return func(p *place) error {
		u, err := url.Parse(https)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("redirect target %q: want an https URL", https)
		}
		p.https = u
		return nil
	}
}
