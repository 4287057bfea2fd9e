package judge

import (
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

const ofHosts = "  scope: host\n  for: '!endpoint.public && endpoint.ports.size() == 1'\n  expect: '!door.state.open'\n"

// A rule over hosts or domains is asked of each that the unit declares. A unit
// that does not say which it has is not excused by that.
func TestRulesOverHostsAndDomains(t *testing.T) {
	u := unit()
	u.Hosts = []inventory.HostRange{{CIDR: "127.0.0.0/31"}}
	byName := u
	byName.Endpoints = append(byName.Endpoints, inventory.Endpoint{ID: "n", System: "s", Target: "xa.gov.vn:22", Kind: inventory.SSH})
	seen := func(id string, open bool) fact.Observation {
		d := whole()
		d.Open = open
		o := see(t, d)
		o.Endpoint = id
		return o
	}
	open, shut := seen("host:127.0.0.1", true), seen("host:127.0.0.1", false)
	for _, c := range []struct {
		name string
		unit inventory.Unit
		rule string
		seen []fact.Observation
		want Verdict
		n    int // findings
	}{
		{"no hosts declared", unit(), ofHosts, nil, Inconclusive, 1},
		{"a host not looked at", u, ofHosts, nil, Inconclusive, 2},
		{"the declared port is that of the endpoint", u, ofHosts, []fact.Observation{shut}, Pass, 2},
		{"one host fails", u, ofHosts, []fact.Observation{open}, Fail, 2},
		{"ports not said", byName, "  scope: host\n  expect: '!door.state.open && !(7 in endpoint.ports)'\n", []fact.Observation{shut}, Inconclusive, 2},
		{"ports not said, in for", byName, "  scope: host\n  for: '7 in endpoint.ports'\n  expect: '!door.state.open'\n", []fact.Observation{shut}, Inconclusive, 2},
		{"no domain said", unit(), "  scope: domain\n  expect: '!door.state.open'\n", nil, Inconclusive, 1},
	} {
		r := judged(t, Case{Unit: c.unit, Observations: c.seen}, c.rule)
		res := r.Requirements[0]
		if res.Verdict != c.want || len(res.Findings) != c.n || !res.Decides {
			t.Errorf("%s: %v with %d findings (decides: %v), want %v with %d", c.name, res.Verdict, len(res.Findings), res.Decides, c.want, c.n)
		}
	}
	none := unit()
	none.Domains = []inventory.DomainName{}
	if res := judged(t, Case{Unit: none}, "  scope: domain\n  expect: '!door.state.open'\n").Requirements[0]; res.Decides || len(res.Findings) != 0 {
		t.Errorf("a unit that says it has no domain: %+v", res)
	}
}

// What the DNS says of a domain is no sight of the system that it belongs to.
func TestDomainIsNoSight(t *testing.T) {
	u := unit()
	u.Domains = []inventory.DomainName{{Name: "xa.gov.vn", System: "s"}}
	o := see(t, whole())
	o.Endpoint = "domain:xa.gov.vn"
	r := judged(t, Case{Unit: u, Observations: []fact.Observation{o}}, "  scope: domain\n  expect: 'door.state.open || !door.state.open'\n")
	if r.Requirements[0].Verdict != Pass || r.Verdict != Undetermined {
		t.Errorf("%v with %v because %v", r.Requirements[0].Verdict, r.Verdict, r.Because)
	}
}
