package dnssec

import (
	"context"
	"crypto"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// tree answers from memory, as a resolver would with DO and CD.
type tree map[dns.Question]*dns.Msg

func (t tree) ask(_ context.Context, name string, kind uint16) (*dns.Msg, error) {
	if m := t[question(name, kind)]; m != nil {
		return m, nil
	}
	return &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}}, nil
}

func question(name string, kind uint16) dns.Question {
	return dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET}
}

// zone is one that signs.
type zone struct {
	t      *testing.T
	name   string
	key    *dns.DNSKEY
	signer crypto.Signer
}

func newZone(t *testing.T, name string, algorithm uint8, bits int) *zone {
	t.Helper()
	k := &dns.DNSKEY{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 60}, Flags: 257, Protocol: 3, Algorithm: algorithm}
	private, err := k.Generate(bits)
	if err != nil {
		t.Fatal(err)
	}
	return &zone{t, name, k, private.(crypto.Signer)}
}

// sign gives the records with a signature that holds at noon, shifted by.
func (z *zone) sign(by time.Duration, set ...dns.RR) []dns.RR {
	z.t.Helper()
	s := &dns.RRSIG{Algorithm: z.key.Algorithm, KeyTag: z.key.KeyTag(), SignerName: z.name,
		Inception: uint32(noon.Add(by - time.Hour).Unix()), Expiration: uint32(noon.Add(by + time.Hour).Unix())}
	if err := s.Sign(z.signer, set); err != nil {
		z.t.Fatal(err)
	}
	return append(slices.Clone(set), s)
}

func record(t *testing.T, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

func answer(rrs ...dns.RR) *dns.Msg  { return &dns.Msg{Answer: rrs} }
func nothing(rrs ...dns.RR) *dns.Msg { return &dns.Msg{Ns: rrs} }

// own puts the zone's keys and its SOA into the tree.
func (z *zone) own(in tree) {
	in[question(z.name, dns.TypeDNSKEY)] = answer(z.sign(0, z.key)...)
	in[question(z.name, dns.TypeSOA)] = answer(z.sign(0, z.soa())...)
}

func (z *zone) soa() dns.RR {
	return record(z.t, z.name+" 60 IN SOA ns. host. 1 2 3 4 5")
}

// world is a tree of three zones, each with a key of another kind.
type world struct {
	tree
	root, vn, unit *zone
	anchors        []*dns.DS
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{tree: tree{}, root: newZone(t, ".", dns.RSASHA256, 2048), vn: newZone(t, "vn.", dns.ED25519, 256), unit: newZone(t, "unit.vn.", dns.ECDSAP256SHA256, 256)}
	w.anchors = []*dns.DS{w.root.key.ToDS(dns.SHA256)}
	for _, z := range []*zone{w.root, w.vn, w.unit} {
		z.own(w.tree)
	}
	w.tree[question("vn.", dns.TypeDS)] = answer(w.root.sign(0, w.vn.key.ToDS(dns.SHA256))...)
	w.tree[question("unit.vn.", dns.TypeDS)] = answer(w.vn.sign(0, w.unit.key.ToDS(dns.SHA256))...)
	return w
}

func (w *world) follow(t *testing.T, name string) Verdict {
	t.Helper()
	c, err := Follow(t.Context(), w.ask, w.anchors, name, noon)
	if err != nil {
		t.Fatal(err)
	}
	return c.Verdict
}
