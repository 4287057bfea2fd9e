package lab

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// paperwork is how a zone is signed.
type paperwork struct {
	unsigned bool   // not at all
	ended    bool   // by signatures that have ended
	early    bool   // by signatures that begin tomorrow
	forged   bool   // by a key that the zone does not publish
	orphan   bool   // its parent has no DS
	wrongDS  bool   // its parent has the DS of another key
	silent   bool   // its parent proves no absence
	hashed   bool   // denies by NSEC3
	salt     string // of NSEC3
	rounds   uint16 // of NSEC3
}

// sign adds the signature of a zone to a set of its records.
func (n *namer) sign(zone string, set []dns.RR) []dns.RR {
	w := n.paper[zone]
	if len(set) == 0 || w.unsigned || n.strips {
		return set
	}
	by, now := zoneKeys()[zone], time.Now()
	from, to := now.Add(-time.Hour), now.Add(14*24*time.Hour)
	switch {
	case w.ended:
		from, to = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	case w.early:
		from = now.Add(24 * time.Hour)
	}
	s := &dns.RRSIG{Hdr: dns.RR_Header{Ttl: 60}, Algorithm: by.key.Algorithm, KeyTag: by.key.KeyTag(), SignerName: zone,
		Inception: uint32(from.Unix()), Expiration: uint32(to.Unix())} //nolint:gosec // RFC 4034 §3.1.5
	if w.forged {
		by = zoneKeys()["other."]
	}
	if err := s.Sign(by.private, set); err != nil {
		panic(err)
	}
	return append(slices.Clone(set), s)
}

// delegation gives the DS that a parent has for a zone.
func (n *namer) delegation(zone string) []dns.RR {
	w := n.paper[zone]
	if w.unsigned || w.orphan || n.paper[zoneOf(zone, dns.TypeDS)].unsigned {
		return nil
	}
	k := zoneKeys()[zone].key
	if w.wrongDS {
		other := *zoneKeys()["other."].key
		other.Hdr.Name, k = zone, &other
	}
	return []dns.RR{k.ToDS(dns.SHA256)}
}

// deny gives the proof that a name, or a type at it, is not there.
func (n *namer) deny(zone, name string) (out []dns.RR) {
	w := n.paper[zone]
	if w.unsigned || n.strips || n.paper[strings.ToLower(name)].silent {
		return nil
	}
	names := n.owners(zone)
	add := func(rr dns.RR) {
		if !slices.ContainsFunc(out, func(o dns.RR) bool {
			return o.Header().Rrtype == rr.Header().Rrtype && o.Header().Name == rr.Header().Name
		}) {
			out = append(out, n.sign(zone, []dns.RR{rr})...)
		}
	}
	encloser, closer := name, name
	for !slices.ContainsFunc(names, func(o string) bool { return strings.EqualFold(o, encloser) }) {
		closer = encloser
		at, end := dns.NextLabel(encloser, 0)
		if encloser = encloser[at:]; end || encloser == "" {
			encloser = "."
		}
	}
	if w.hashed {
		add(n.nsec3(zone, names, encloser))
		if encloser != name {
			add(n.nsec3(zone, names, closer))
			add(n.nsec3(zone, names, "*."+encloser))
		}
		return out
	}
	add(n.nsec(zone, names, name))
	if encloser != name {
		add(n.nsec(zone, names, strings.TrimSuffix("*."+encloser, ".")+"."))
	}
	return out
}

// owners lists the names of a zone in the order of RFC 4034 §6.1, with those
// that are there only because of one below.
func (n *namer) owners(zone string) (out []string) {
	for _, rr := range n.zones[zone] {
		for name := strings.ToLower(rr.Header().Name); dns.IsSubDomain(zone, name); {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
			at, end := dns.NextLabel(name, 0)
			if end || name == zone {
				break
			}
			name = name[at:]
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(orderKey(a), orderKey(b)) })
	return out
}

func orderKey(name string) string {
	l := dns.SplitDomainName(name)
	slices.Reverse(l)
	return strings.Join(l, "\x00")
}

// types lists what a zone has at a name.
func (n *namer) types(zone, name string) (out []uint16) {
	for _, rr := range n.zones[zone] {
		if h := rr.Header(); strings.EqualFold(h.Name, name) && !slices.Contains(out, h.Rrtype) {
			out = append(out, h.Rrtype)
		}
	}
	cut := name != zone && slices.Contains(zoneNames, name)
	switch {
	case name == zone:
		out = append(out, dns.TypeDNSKEY)
	case cut && n.delegation(name) != nil:
		out = append(out, dns.TypeDS)
	}
	if len(out) > 0 && (!cut || slices.Contains(out, dns.TypeDS)) {
		out = append(out, dns.TypeRRSIG)
	}
	slices.Sort(out)
	return out
}

func (n *namer) nsec(zone string, names []string, name string) dns.RR {
	i, _ := slices.BinarySearchFunc(names, name, func(o, name string) int { return cmp.Compare(orderKey(o), orderKey(strings.ToLower(name))) })
	if i == len(names) || !strings.EqualFold(names[i], name) {
		i--
	}
	t := n.types(zone, names[i])
	for _, extra := range []uint16{dns.TypeRRSIG, dns.TypeNSEC} {
		if !slices.Contains(t, extra) {
			t = append(t, extra)
		}
	}
	slices.Sort(t)
	return &dns.NSEC{Hdr: dns.RR_Header{Name: names[i], Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 60}, NextDomain: names[(i+1)%len(names)], TypeBitMap: t}
}

func (n *namer) nsec3(zone string, names []string, name string) dns.RR {
	w := n.paper[zone]
	hash := func(s string) string { return dns.HashName(s, dns.SHA1, w.rounds, w.salt) }
	hashes := map[string]string{}
	var sorted []string
	for _, o := range names {
		h := hash(o)
		hashes[h] = o
		sorted = append(sorted, h)
	}
	slices.Sort(sorted)
	want := hash(strings.ToLower(name))
	i, exact := slices.BinarySearch(sorted, want)
	if !exact {
		i = (i - 1 + len(sorted)) % len(sorted)
	}
	return &dns.NSEC3{Hdr: dns.RR_Header{Name: strings.ToLower(sorted[i]) + "." + strings.TrimPrefix(zone, "."), Rrtype: dns.TypeNSEC3, Class: dns.ClassINET, Ttl: 60},
		Hash: dns.SHA1, Iterations: w.rounds, SaltLength: uint8(len(w.salt) / 2), Salt: w.salt, HashLength: 20, //nolint:gosec // a salt is short
		NextDomain: sorted[(i+1)%len(sorted)], TypeBitMap: n.types(zone, hashes[sorted[i]])}
}
