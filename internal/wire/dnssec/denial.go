package dnssec

import (
	"bytes"
	"slices"

	"github.com/miekg/dns"
)

// denied reads the proof that there is no DS at a name. Nil: proven, and
// nothing is delegated there, so the zone goes on.
func (w *walk) denied(m *dns.Msg, zone, name string, keys []*dns.DNSKEY) *Verdict {
	var nsec []*dns.NSEC
	var nsec3 []*dns.NSEC3
	seen := map[string]bool{}
	var failed *Verdict
	for _, rr := range m.Ns {
		kind, owner := rr.Header().Rrtype, dns.CanonicalName(rr.Header().Name)
		if kind != dns.TypeNSEC && kind != dns.TypeNSEC3 || seen[owner] || !dns.IsSubDomain(zone, owner) {
			continue
		}
		seen[owner] = true
		if len(seen) > mostDenials {
			return unclear(TooMuch, name)
		}
		if v := w.verify(m.Ns, pick(m.Ns, owner, kind), zone, keys); v != nil {
			failed = v
			continue
		}
		switch rr := rr.(type) {
		case *dns.NSEC:
			nsec = append(nsec, rr)
		case *dns.NSEC3:
			w.seen.NSEC3 = rr
			if rr.Hash == dns.SHA1 {
				nsec3 = append(nsec3, rr)
			}
		}
	}
	if proven, v := byNSEC(nsec, name); proven {
		return v
	}
	if proven, v := byNSEC3(nsec3, zone, name); proven {
		return v
	}
	switch {
	case failed != nil:
		return failed
	case len(seen) == 0:
		return unclear(NoProof, name) // which a resolver may have left out
	}
	return bogus(Unproven, name)
}

// cut reads the types at a name: is an unsigned zone delegated there? A proof
// with SOA comes from the wrong side of the cut, one with DS denies itself.
func cut(types []uint16, name string) (proven bool, _ *Verdict) {
	switch {
	case slices.Contains(types, dns.TypeDS), slices.Contains(types, dns.TypeSOA), slices.Contains(types, dns.TypeCNAME):
		return false, nil
	case slices.Contains(types, dns.TypeNS):
		return true, insecure(NoDS, name)
	}
	return true, nil
}

// byNSEC reads the proofs of RFC 4035 §5.4.
func byNSEC(all []*dns.NSEC, name string) (proven bool, _ *Verdict) {
	for _, n := range all {
		if dns.CanonicalName(n.Hdr.Name) == name {
			return cut(n.TypeBitMap, name)
		}
	}
	for _, n := range all {
		owner := dns.CanonicalName(n.Hdr.Name)
		if dns.IsSubDomain(owner, name) && (slices.Contains(n.TypeBitMap, dns.TypeDNAME) || slices.Contains(n.TypeBitMap, dns.TypeNS) && !slices.Contains(n.TypeBitMap, dns.TypeSOA)) {
			continue // what is below is not this zone's to deny (RFC 6840 §4.1)
		}
		if between(owner, name, dns.CanonicalName(n.NextDomain)) {
			return true, nil
		}
	}
	return false, nil
}

// between tells whether name lies strictly after a and before b, the last of a
// zone being followed by the first.
func between(a, name, b string) bool {
	if order(a, b) < 0 {
		return order(a, name) < 0 && order(name, b) < 0
	}
	return order(a, name) < 0
}

// order compares as RFC 4034 §6.1: label by label from the right.
func order(a, b string) int {
	x, y := parts(a), parts(b)
	for i := range min(len(x), len(y)) {
		if c := bytes.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return len(x) - len(y)
}

// parts gives the labels of a name as on the wire, the rightmost first.
func parts(name string) (out [][]byte) {
	wire := make([]byte, 256)
	n, err := dns.PackDomainName(name, wire, 0, nil, false)
	if err != nil {
		return nil
	}
	for at := 0; at < n && wire[at] != 0; at += 1 + int(wire[at]) {
		out = append(out, bytes.ToLower(wire[at+1:at+1+int(wire[at])]))
	}
	slices.Reverse(out)
	return out
}

// byNSEC3 reads the proofs of RFC 5155 §8.6 and §8.9.
func byNSEC3(all []*dns.NSEC3, zone, name string) (proven bool, _ *Verdict) {
	if slices.ContainsFunc(all, func(n *dns.NSEC3) bool { return n.Iterations > mostIterations }) {
		return true, unclear(Iterations, zone)
	}
	for _, n := range all {
		if n.Match(name) {
			return cut(n.TypeBitMap, name)
		}
	}
	// The name is not there. Its nearest ancestor that is must be shown, and
	// that nothing is between the two.
	starts := dns.Split(name)
	for i := 1; i <= len(starts)-dns.CountLabel(zone); i++ {
		encloser, closer := ".", name[starts[i-1]:]
		if i < len(starts) {
			encloser = name[starts[i]:]
		}
		at := slices.IndexFunc(all, func(n *dns.NSEC3) bool { return n.Match(encloser) })
		if at < 0 {
			continue
		}
		if t := all[at].TypeBitMap; slices.Contains(t, dns.TypeDNAME) || slices.Contains(t, dns.TypeNS) && !slices.Contains(t, dns.TypeSOA) {
			return false, nil
		}
		for _, n := range all {
			if n.Cover(closer) && !n.Match(closer) {
				if n.Flags&1 != 0 {
					return true, insecure(OptOut, closer)
				}
				return true, nil
			}
		}
		return false, nil
	}
	return false, nil
}
