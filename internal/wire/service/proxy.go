package service

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// A proxy is asked to go to two places only: to itself, which we were let to
// ask anyway, and to a name that cannot exist (RFC 6761 §6.4). It never leads
// to a third party.
const nowhere = "scan.invalid"

// askProxy asks an HTTP proxy to connect to itself (CONNECT, RFC 9110 §9.3.6).
// One that serves CONNECT for port 443 alone is asked for a page of nowhere
// too: that it looks for it tells. So do web servers that proxy beside.
func askProxy(ctx context.Context, t Target) (a Access, err error) {
	if a, err = t.tunnel(ctx); a.Door != Untold || err != nil {
		return a.proxy(), err
	}
	absolute, err := t.page(ctx, "http://"+nowhere+"/")
	if err != nil {
		return a, err
	}
	label := fmt.Sprintf("GET http://%s/: %d", nowhere, absolute.status)
	squid := absolute.header.Get("X-Squid-Error")
	says := absolute.status >= 500 && has(absolute.body, "DNS lookup failure", "Unable to connect", "could not be resolved")
	switch {
	case text(squid, "ERR_DNS_FAIL"):
		return open("%s, it looked for it", label).proxy(), nil
	case absolute.status == 407, text(squid, "ERR_ACCESS_DENIED"), absolute.status == 403 && t.Service.Protocol == "http-proxy":
		return shut("%s", label).proxy(), nil
	case t.Service.Protocol != "http-proxy" && absolute.status < 500: // its own page: no proxy
		return shut("%s, its own page", label).proxy(), nil
	case !says && absolute.status != 502 && absolute.status != 504:
		return a, fmt.Errorf("%w: %s", errStrange, label)
	}
	// A gateway whose own server is down says so to everything.
	plain, err := t.page(ctx, "/")
	if err != nil {
		return a, err
	}
	if plain.status == absolute.status {
		return a, fmt.Errorf("%w: %s, and so to all else", errStrange, label)
	}
	return open("%s, it looked for it", label).proxy(), nil
}

// tunnel asks for a tunnel to the server itself.
func (t Target) tunnel(ctx context.Context) (a Access, err error) {
	return a, t.speak(ctx, func(k *talk) error {
		p, err := k.get("CONNECT", t.hostPort(), t.hostPort(), "")
		switch {
		case err != nil && late(err): // a web server that waits for more
			return nil
		case err != nil:
			return err
		case p.status == 407:
			a = shut("CONNECT to itself: 407")
		case p.status == 200 && p.header.Get("Content-Length") == "": // many a web server says so of any method; a tunnel has no length (RFC 9110 §9.3.6)
			if said, _ := k.ask(web.hello, some); text(said, "HTTP/1.") {
				a = open("CONNECT to itself: 200, and an answer from there")
			}
		}
		return nil
	})
}

// page asks for a page of the name that cannot exist.
func (t Target) page(ctx context.Context, target string) (p page, err error) {
	err = t.speak(ctx, func(k *talk) (err error) {
		k.wait *= 3 // it may be asking a name server
		p, err = k.get("GET", nowhere, target, "")
		return err
	})
	return p, err
}

// proxy says of an open or shut door that it is that of a proxy.
func (a Access) proxy() Access {
	if a.Door != Untold {
		a.Traits = map[string]bool{OpenProxy: a.Door == Open}
	}
	return a
}

// socks is SOCKS 5 (RFC 1928 §3), offering to come without a log-in.
var socks = protocol{name: "socks", ports: []int{1080}, hello: "\x05\x01\x00", rare: true, knows: func(asked bool, h string) (Service, bool) {
	return Service{Banner: "SOCKS 5"}, asked && (h == "\x05\x00" || h == "\x05\xff" || h == "\x05\x02")
}}

// askSOCKS asks to connect to the proxy itself, and where its rules forbid that,
// to nowhere. Rules that forbid both may still let through to elsewhere.
func askSOCKS(ctx context.Context, t Target) (a Access, err error) {
	ip, err := netip.ParseAddr(t.Host)
	if err != nil {
		return a, fmt.Errorf("%w: %q is no address", errStrange, t.Host)
	}
	kind := byte(1)
	if ip.Is6() {
		kind = 4
	}
	port := binary.BigEndian.AppendUint16(nil, uint16(t.Port))
	for _, to := range [][]byte{slices.Concat([]byte{kind}, ip.AsSlice(), port), slices.Concat([]byte{3, byte(len(nowhere))}, []byte(nowhere), port)} {
		err = t.speak(ctx, func(k *talk) error {
			said, err := k.ask("\x05\x01\x00", atLeast(2))
			switch {
			case text(said, "\x05\xff"):
				a = shut("SOCKS 5: wants a log-in")
				return nil
			case !text(said, "\x05\x00"):
				return strange(said, err)
			}
			said, err = k.ask("\x05\x01\x00"+string(to), atLeast(2))
			switch {
			case text(said, "\x05\x00"):
				a = open("SOCKS 5: connected to itself without a log-in")
			case text(said, "\x05\x04") && to[0] == 3:
				a = open("SOCKS 5: looked for %s without a log-in", nowhere)
			case len(said) > 1 && text(said, "\x05"):
				return fmt.Errorf("%w: it takes who has no log-in, and says code %d to the places that may be asked for", ErrNeedsLogin, said[1])
			default:
				return strange(said, err)
			}
			return nil
		})
		if a.Door != Untold || !errors.Is(err, ErrNeedsLogin) {
			break
		}
	}
	return a.proxy(), err
}

// MayProxy tells whether a service may lead elsewhere: every web server may
// that is not known to be something else.
func MayProxy(s Service) bool {
	if s.Protocol == "http" {
		_, known := apiOf(s)
		return !known
	}
	return s.Protocol == "socks" || s.Protocol == "http-proxy"
}
