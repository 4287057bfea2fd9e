package lab

import (
	"crypto"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// The zones of the practice tree, from the root down to the unit's.
var zoneNames = []string{".", "vn.", "gov.vn.", "xa.gov.vn."}

// above is what everybody shares above the unit's zone.
const above = `
. 60 SOA a.root.example. host.root.example. 1 2 3 4 5
. 60 NS a.root.example.
a.root.example. 60 A 192.0.2.53
reports.example. 60 A 192.0.2.80
vn. 60 SOA a.dns.vn. host.dns.vn. 1 2 3 4 5
vn. 60 NS a.dns.vn.
a.dns.vn. 60 A 192.0.2.54
khac.vn. 60 TXT "v=spf1 ip4:192.0.2.0/24 -all"
gov.vn. 60 SOA a.dns.vn. host.dns.vn. 1 2 3 4 5
gov.vn. 60 NS a.dns.vn.
`

// goodZone is a unit's zone without a fault.
const goodZone = `
xa.gov.vn. 60 SOA ns1.xa.gov.vn. quantri.xa.gov.vn. 2026112601 3600 900 604800 300
xa.gov.vn. 60 NS ns1.xa.gov.vn.
xa.gov.vn. 60 NS ns2.xa.gov.vn.
ns1.xa.gov.vn. 60 A 127.0.0.1
ns2.xa.gov.vn. 60 A 127.0.1.2
xa.gov.vn. 60 A 127.0.0.1
xa.gov.vn. 60 AAAA ::1
www.xa.gov.vn. 60 A 127.0.0.1
www.xa.gov.vn. 60 AAAA ::1
tin.xa.gov.vn. 60 CNAME www.xa.gov.vn.
xa.gov.vn. 60 MX 10 mail.xa.gov.vn.
mail.xa.gov.vn. 60 A 127.0.0.1
xa.gov.vn. 60 TXT "v=spf1 mx -all"
_dmarc.xa.gov.vn. 60 TXT "v=DMARC1; p=reject; rua=mailto:dmarc@xa.gov.vn"
thu._domainkey.xa.gov.vn. 60 TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_mta-sts.xa.gov.vn. 60 TXT "v=STSv1; id=20261126"
mta-sts.xa.gov.vn. 60 A 127.0.0.1
_smtp._tls.xa.gov.vn. 60 TXT "v=TLSRPTv1; rua=mailto:tls@xa.gov.vn"
xa.gov.vn. 60 CAA 0 issue "ca.example"
xa.gov.vn. 60 CAA 0 iodef "mailto:quantri@xa.gov.vn"
_443._tcp.www.xa.gov.vn. 60 TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
`

// zoneKey is the key of a zone; one for each name serves all practice servers,
// so that one trust anchor does.
type zoneKey struct {
	key     *dns.DNSKEY
	private crypto.Signer
}

var zoneKeys = sync.OnceValue(func() map[string]zoneKey {
	all := map[string]zoneKey{}
	for _, zone := range append([]string{"other."}, zoneNames...) {
		k := &dns.DNSKEY{Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 60}, Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
		private, err := k.Generate(256)
		if err != nil {
			panic(err)
		}
		all[zone] = zoneKey{k, private.(crypto.Signer)}
	}
	return all
})

// DNSAnchor is the trust anchor of the practice tree, as a DS record.
func DNSAnchor() string { return zoneKeys()["."].key.ToDS(dns.SHA256).String() }

// DNSName is the domain that practice servers of kind dns know.
const DNSName = "xa.gov.vn"

// zoneSet is the content of the zones, by zone.
type zoneSet map[string][]dns.RR

func readZones(text string) (zoneSet, error) {
	z := zoneSet{}
	p := dns.NewZoneParser(strings.NewReader(text), ".", "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		at := zoneOf(rr.Header().Name, rr.Header().Rrtype)
		z[at] = append(z[at], rr)
		if rr.Header().Rrtype == dns.TypeNS && slices.Contains(zoneNames, rr.Header().Name) && at != "." {
			parent := zoneOf(at, dns.TypeDS)
			z[parent] = append(z[parent], rr) // the delegation
		}
	}
	return z, p.Err()
}

// zoneOf gives the zone that answers for a name; for a DS it is the parent.
func zoneOf(name string, kind uint16) string {
	at := "."
	for _, zone := range zoneNames {
		if dns.IsSubDomain(zone, name) && (kind != dns.TypeDS || !strings.EqualFold(zone, name)) {
			at = zone
		}
	}
	return at
}

// find gives the records of a name and type.
func (z zoneSet) find(zone, name string, kind uint16) (out []dns.RR) {
	for _, rr := range z[zone] {
		if h := rr.Header(); h.Rrtype == kind && strings.EqualFold(h.Name, name) {
			out = append(out, rr)
		}
	}
	return out
}

// has tells whether the name is there, be it only because of one below it.
func (z zoneSet) has(zone, name string) bool {
	return slices.ContainsFunc(z[zone], func(rr dns.RR) bool { return dns.IsSubDomain(name, rr.Header().Name) })
}
