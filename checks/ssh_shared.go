package checks

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

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
	var doubtful []string
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
		switch same, known := mine.sameHost(other); {
		case !known:
			doubtful = append(doubtful, other.Endpoint.ID)
		case !same:
			f.With, f.Fingerprints = append(f.With, other.Endpoint.ID), append(f.Fingerprints, both...)
		}
	}
	if len(doubtful) > 0 {
		missed = fact.Because(fact.Prerequisite, "the same key is at "+strings.Join(doubtful, ", ")+
			": is this one host with several addresses, or several hosts? The label host in the unit file tells")
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
// The unit says so by labels. Without them one address is one host, save that
// a public one may forward its ports to several; two addresses may be of one
// host or of two, and nobody knows.
func (e Elsewhere) sameHost(other Elsewhere) (same, known bool) {
	if a, b := e.Endpoint.Labels[labelHost], other.Endpoint.Labels[labelHost]; a != "" && b != "" {
		return a == b, true
	}
	mine, theirs := e.peers(), other.peers()
	if len(mine) != 1 || len(theirs) != 1 || mine[0].Addr() != theirs[0].Addr() {
		return false, false
	}
	same = mine[0] == theirs[0] || !inventory.Public(mine[0].Addr())
	return same, same
}

// peers lists the addresses and ports at which an endpoint was reached.
func (e Elsewhere) peers() (out []netip.AddrPort) {
	for _, id := range []string{SSHAlgorithms.ID, SSHHostKeys.ID} {
		for _, peer := range e.Seen[id].Peers {
			if a, err := netip.ParseAddrPort(peer); err == nil {
				a = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
				if !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}
