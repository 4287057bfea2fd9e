package checks

import (
	"encoding/binary"
	"net/http"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var (
	anIPv4 = regexp.MustCompile(`(?:^|[^\d.])((?:\d{1,3}\.){3}\d{1,3})(?:[^\d.]|$)`)
	// bigIP is the cookie by which F5 BIG-IP finds the server again:
	// address and port, each as a number with its bytes turned round.
	bigIP = regexp.MustCompile(`^(BIGipServer[^=]{0,100})=(\d{1,10})\.(\d{1,5})\.0000`)
)

// addressesIn notes private IPv4 addresses (RFC 1918) in headers, but for the
// one that was asked for.
func (f *Disclosure) addressesIn(h http.Header, own string) {
	const most = 20
	add := func(where string, a netip.Addr) {
		if a.IsPrivate() && a.Is4() && a.String() != own && len(f.Addresses) < most {
			f.Addresses = once(f.Addresses, where+": "+a.String())
		}
	}
	for name, values := range h {
		for _, v := range values {
			if name == "Set-Cookie" {
				if cookie, a, ok := bigIPAddress(v); ok {
					add(name+" "+cookie, a)
				}
				continue // other numbers in cookies are no addresses
			}
			for _, m := range anIPv4.FindAllStringSubmatch(v, most) {
				if a, err := netip.ParseAddr(m[1]); err == nil {
					add(name, a)
				}
			}
		}
	}
}

// bigIPAddress reads the address in a cookie of F5 BIG-IP.
func bigIPAddress(cookie string) (name string, a netip.Addr, ok bool) {
	m := bigIP.FindStringSubmatch(strings.TrimSpace(cookie))
	if m == nil {
		return "", a, false
	}
	n, err := strconv.ParseUint(m[2], 10, 32)
	if err != nil {
		return "", a, false
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], uint32(n))
	return oneLine(m[1], 60), netip.AddrFrom4(b), true
}
