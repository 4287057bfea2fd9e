package checks

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// SharedKeys is the fact of ssh.shared.
type SharedKeys struct {
	Shared       fact.Maybe[bool] `json:"shared" vi:"có khóa máy chủ dùng chung với máy khác của đơn vị" en:"shares a host key with another host of the unit"`
	With         []string         `json:"with" vi:"các điểm kết nối ở máy khác có cùng khóa" en:"endpoints on other hosts with the same key"`
	Fingerprints []string         `json:"fingerprints" vi:"dấu vân tay các khóa dùng chung" en:"fingerprints of the keys shared"`
	Compared     int              `json:"compared" vi:"số điểm kết nối khác đã so đủ khóa" en:"other endpoints whose keys were all compared"`
}

// labelHost is the label by which a unit says which endpoints are one host.
const labelHost = "host"

// SSHShared compares the host keys of all endpoints.
var SSHShared = define(Check{
	ID:       "ssh.shared",
	Refs:     []string{"RFC 4251 §4.1", "RFC 4251 §9.3.4"},
	Speaks:   inventory.OverSSH,
	Touch:    Passive,
	Known:    fact.Inferred,
	Requires: []*Check{SSHAlgorithms, SSHHostKeys},
	Across:   true,
}, func(_ context.Context, p *Probe) (SharedKeys, error) {
	f := SharedKeys{With: []string{}, Fingerprints: []string{}}
	mine := Elsewhere{Endpoint: p.Endpoint, Seen: p.seen}
	keys, u := mine.hostKeys()
	if u != nil {
		return f, u
	}
	var missed *fact.Unknown
	for _, other := range p.Elsewhere() {
		theirs, u := other.hostKeys()
		if u != nil {
			missed = fact.Because(u.Cause, other.Endpoint.ID+": "+u.Detail)
			continue
		}
		f.Compared++
		both := slices.DeleteFunc(theirs, func(k string) bool { return !slices.Contains(keys, k) })
		if len(both) == 0 {
			continue
		}
		switch same, why := mine.sameHost(other); {
		case why != "":
			missed = fact.Because(fact.Prerequisite, other.Endpoint.ID+" has the same key, and "+why)
		case !same:
			f.With, f.Fingerprints = append(f.With, other.Endpoint.ID), append(f.Fingerprints, both...)
		}
	}
	slices.Sort(f.With)
	slices.Sort(f.Fingerprints)
	f.With, f.Fingerprints = slices.Compact(f.With), slices.Compact(f.Fingerprints)
	if f.Shared = fact.Known(len(f.With) > 0); missed != nil && len(f.With) == 0 {
		f.Shared = fact.Not[bool](missed)
	}
	return f, nil
})

// hostKeys gives the fingerprints of all host keys of an endpoint.
func (e Elsewhere) hostKeys() (out []string, u *fact.Unknown) {
	o, ok := e.Seen[SSHHostKeys.ID]
	switch {
	case !ok:
		return nil, fact.Because(fact.Prerequisite, SSHHostKeys.ID+" was not looked at")
	case o.Unknown != nil:
		return nil, o.Unknown
	}
	var f HostKeys
	if err := json.Unmarshal(o.Value, &f); err != nil {
		return nil, fact.Because(fact.Broken, err.Error())
	}
	keys, u := f.Keys.Get()
	for _, k := range keys {
		out = append(out, k.Fingerprint)
	}
	return out, u
}

// sameHost tells whether two endpoints with a key in common are on one host.
// Two addresses are two hosts, unless they are of such kinds as one host has
// one of each: then nobody knows, and why says so.
func (e Elsewhere) sameHost(other Elsewhere) (same bool, why string) {
	if a, b := e.Endpoint.Labels[labelHost], other.Endpoint.Labels[labelHost]; a != "" && b != "" {
		return a == b, ""
	}
	mine, theirs := e.addresses(), other.addresses()
	if len(mine) == 0 || len(theirs) == 0 {
		return false, "it is not known which addresses were reached"
	}
	alike := false
	for _, a := range mine {
		for _, b := range theirs {
			if a == b {
				return true, ""
			}
			alike = alike || a.Is4() == b.Is4() && inventory.Public(a) == inventory.Public(b)
		}
	}
	if !alike {
		return false, "may be another address of one host (IPv4 and IPv6, or inside and outside): say it by the label host"
	}
	return false, ""
}

// addresses lists those at which an endpoint was reached.
func (e Elsewhere) addresses() (out []netip.Addr) {
	for _, id := range []string{SSHAlgorithms.ID, SSHHostKeys.ID} {
		for _, peer := range e.Seen[id].Peers {
			if a, err := netip.ParseAddrPort(peer); err == nil {
				out = append(out, a.Addr().Unmap())
			}
		}
	}
	return out
}
