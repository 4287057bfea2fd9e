package dnssec

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// root holds the keys of the root zone as IANA publishes them
// (https://data.iana.org/root-anchors/root-anchors.xml, RFC 9718): KSK-2017 and
// KSK-2024.
const root = `
. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
`

// Root gives the trust anchors of the Internet.
func Root() []*dns.DS {
	out, err := Anchors(root)
	if err != nil {
		panic(err)
	}
	return out
}

// Anchors reads trust anchors written as DS records, one a line, such as those
// of a closed network.
func Anchors(text string) ([]*dns.DS, error) {
	var out []*dns.DS
	z := dns.NewZoneParser(strings.NewReader(text), ".", "")
	z.SetDefaultTTL(0)
	for rr, ok := z.Next(); ok; rr, ok = z.Next() {
		ds, is := rr.(*dns.DS)
		if !is {
			return nil, fmt.Errorf("%s is no DS record", rr.Header().Name)
		}
		out = append(out, ds)
	}
	return out, z.Err()
}

// above gives the anchors nearest above a name, and where they are.
func above(anchors []*dns.DS, name string) (zone string, out []*dns.DS) {
	for _, a := range anchors {
		at := dns.CanonicalName(a.Hdr.Name)
		if !dns.IsSubDomain(at, name) {
			continue
		}
		if out == nil || dns.CountLabel(at) > dns.CountLabel(zone) {
			zone, out = at, nil
		}
		if at == zone {
			out = append(out, a)
		}
	}
	return zone, out
}
