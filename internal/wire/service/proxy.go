package service

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// proxyPorts are where a web server is asked whether it is a proxy.
var proxyPorts = []int{3128, 8080, 8081, 8118, 8888, 1080}

// A proxy is asked to go to two places only: to itself, which we were let to
// ask anyway, and to a name that cannot exist (RFC 6761 §6.4). It never leads
// to a third party.
const nowhere = "scan.invalid"

// askProxy asks an HTTP proxy to connect to itself (CONNECT, RFC 9110 §9.3.6).
// One that serves CONNECT for port 443 alone is asked for a page of nowhere
// too: that it looks for it tells.
func askProxy(ctx context.Context, t Target) (a Access, err error) {
	err = t.speak(ctx, func(k *talk) error {
		p, err := k.get("CONNECT", t.hostPort(), t.hostPort(), "")
		switch {
		case err != nil:
			return err
		case p.status == 407:
			a = shut("CONNECT to itself: 407")
		case p.status == 200: // many a web server says so of any method
			if said, _ := k.ask(web.hello, some); text(said, "HTTP/1.") {
				a = open("CONNECT to itself: 200, and an answer from there")
			}
		}
		return nil
	})
	if a.Door != Untold || err != nil {
		return a, err
	}
	return a, t.speak(ctx, func(k *talk) error {
		p, err := k.get("GET", nowhere, "http://"+nowhere+"/", "")
		if err != nil {
			return err
		}
		squid := p.header.Get("X-Squid-Error")
		switch {
		case text(squid, "ERR_DNS_FAIL"), p.status == 502, p.status == 504, p.status == 500 && has(p.body, "resolve", "Unable to connect"):
			a = open("GET http://%s/: %d, it looked for it", nowhere, p.status)
		case p.status == 407, p.status == 403, text(squid, "ERR_ACCESS_DENIED"):
			a = shut("GET http://%s/: %d", nowhere, p.status)
		case t.Service.Protocol != "http-proxy" && p.status < 500: // its own page: no proxy
			a = shut("GET http://%s/: %d, its own page", nowhere, p.status)
		default:
			return fmt.Errorf("%w: GET http://%s/: %d", errStrange, nowhere, p.status)
		}
		return nil
	})
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
	return a, err
}

// Proxy tells whether a service is one that may lead elsewhere, or a web server
// that is asked whether it does.
func Proxy(protocol, product string, port int) bool {
	return protocol == "socks" || protocol == "http-proxy" ||
		protocol == "http" && slices.Contains(proxyPorts, port) && len(apisOf(Service{Product: product}, port)) == 0
}
