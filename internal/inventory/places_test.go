package inventory

import (
	"net/netip"
	"slices"
	"testing"
)

func TestPlacesAreEndpointsHostsAndDomains(t *testing.T) {
	no := false
	u := Unit{
		Endpoints: []Endpoint{{ID: "web", Target: "https://192.0.2.5/", Kind: HTTPS}, {ID: "ssh", Target: "192.0.2.5:22", Kind: SSH}},
		Hosts: []HostRange{{CIDR: "192.0.2.4/31", Ports: []int{80}, UDP: []int{123}}, {CIDR: "192.0.2.5/32", Ports: []int{25}}, {CIDR: "10.0.0.0/8"},
			{CIDR: "2001:db8::/127", Zone: Admin}},
		Domains: []DomainName{{Name: "xa.gov.vn", Mail: &no}},
	}
	got := u.Places()
	var ids []string
	for _, e := range got {
		ids = append(ids, e.ID)
	}
	want := []string{"web", "ssh", "host:192.0.2.4", "host:192.0.2.5", "host:10.0.0.0/8", "host:2001:db8::", "host:2001:db8::1", "domain:xa.gov.vn"}
	if !slices.Equal(ids, want) {
		t.Fatalf("places %q, want %q", ids, want)
	}
	if h := got[3]; !slices.Equal(h.Ports, []int{22, 25, 80, 443}) || !slices.Equal(got[2].Ports, []int{80}) || !slices.Equal(got[2].UDP, []int{123}) || h.UDP != nil || h.Range != "192.0.2.5/32" || h.Zone != Internet || h.HasPort() || h.Host() != "192.0.2.5" {
		t.Errorf("the host is %+v", h)
	}
	if got[4].Zone != Internal || got[5].Zone != Admin || got[7].Zone != Internet || *got[7].Mail {
		t.Errorf("zones %s %s %s", got[4].Zone, got[5].Zone, got[7].Zone)
	}
	u.Endpoints = append(u.Endpoints, Endpoint{ID: "name", Target: "https://xa.gov.vn/", Kind: HTTPS})
	u.Hosts[1].Ports = nil
	for i, said := range []bool{true, false} { // the first range lists ports, the second does not
		u.Hosts[i].CIDR = "192.0.2.5/32"
		if ports := u.declared().ports(u.Hosts[i].Ports, netip.MustParseAddr("192.0.2.5")); (ports != nil) != said {
			t.Errorf("beside an endpoint declared by name the ports are %v", ports)
		}
	}
	for _, e := range got[2:] {
		if e.Speaks(OverTCP) {
			t.Errorf("%s is taken for a port", e.ID)
		}
	}
}

// The plain twin of a website is on the address however that is spelt.
func TestPlainTwinIsDeclared(t *testing.T) {
	u := Unit{
		Endpoints: []Endpoint{{ID: "web", Target: "https://[2001:db8::1]/", Kind: HTTPS, Plain: "http://[2001:DB8:0::1]:8080/"}},
		Hosts:     []HostRange{{CIDR: "2001:db8::1/128"}},
	}
	if got := u.Places()[1].Ports; !slices.Equal(got, []int{443, 8080}) {
		t.Errorf("declared are %v", got)
	}
}

func TestAddressesOfARange(t *testing.T) {
	for cidr, want := range map[string]int{"192.0.2.0/24": 256, "192.0.2.1/32": 1, "::/0": 1 << 62, "2001:db8::/64": 1 << 62} {
		if got := Addresses(netip.MustParsePrefix(cidr)); got != want {
			t.Errorf("%s has %d addresses, want %d", cidr, got, want)
		}
	}
	for cidr, want := range map[string]string{"192.0.2.0/28": "192.0.2.15", "192.0.2.1/32": "192.0.2.1", "2001:db8::/126": "2001:db8::3"} {
		if got := Last(netip.MustParsePrefix(cidr)); got.String() != want {
			t.Errorf("the last of %s is %s, want %s", cidr, got, want)
		}
	}
	for a, want := range map[string]bool{"8.8.8.8": true, "10.1.1.1": false, "100.64.0.1": false, "127.0.0.1": false, "fd00::1": false, "2001:db8::1": true, "::ffff:192.168.0.1": false} {
		if got := Public(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s public: %v, want %v", a, got, want)
		}
	}
}
