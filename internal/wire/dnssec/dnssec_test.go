package dnssec

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const unitDS = "unit.vn."

func TestFollow(t *testing.T) {
	hash := func(name string) string { return dns.HashName(name, dns.SHA1, 0, "") + ".vn." }
	nsec3 := func(owner, next, flags, iterations, types string) string {
		return owner + " 60 IN NSEC3 1 " + flags + " " + iterations + " - " + next + " " + types
	}
	const first, last = "00000000000000000000000000000000", "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
	for _, c := range []struct {
		name  string
		spoil func(*testing.T, *world)
		want  Verdict
	}{
		{"good", func(*testing.T, *world) {}, Verdict{Secure, "", "unit.vn."}},
		{"expired data", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeSOA)] = answer(w.unit.sign(-48*time.Hour, w.unit.soa())...)
		}, Verdict{Bogus, Expired, "unit.vn."}},
		{"not yet", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeDNSKEY)] = answer(w.unit.sign(48*time.Hour, w.unit.key)...)
		}, Verdict{Bogus, NotYet, "unit.vn."}},
		{"ended two hours ago, or so our clock says", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeSOA)] = answer(w.unit.sign(-3*time.Hour, w.unit.soa())...)
		}, Verdict{Indeterminate, Clock, "unit.vn."}},
		{"begins in two hours, or so our clock says", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeDNSKEY)] = answer(w.unit.sign(3*time.Hour, w.unit.key)...)
		}, Verdict{Indeterminate, Clock, "unit.vn."}},
		{"no signature", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeSOA)] = answer(w.unit.soa())
		}, Verdict{Bogus, Unsigned, "unit.vn."}},
		{"other data than was signed", func(t *testing.T, w *world) {
			a := w.unit.sign(0, w.unit.soa())
			a[0] = record(t, "unit.vn. 60 IN SOA ns.evil. host.evil. 1 2 3 4 5")
			w.tree[question("unit.vn.", dns.TypeSOA)] = answer(a...)
		}, Verdict{Bogus, Forged, "unit.vn."}},
		{"key changed without the parent", func(t *testing.T, w *world) {
			newZone(t, "unit.vn.", dns.ECDSAP256SHA256, 256).own(w.tree)
		}, Verdict{Bogus, Mismatch, "unit.vn."}},
		{"DS but no key", func(_ *testing.T, w *world) {
			w.tree[question("unit.vn.", dns.TypeDNSKEY)] = nothing()
		}, Verdict{Bogus, NoKey, "unit.vn."}},
		{"server fails", func(_ *testing.T, w *world) {
			delete(w.tree, question("unit.vn.", dns.TypeDNSKEY))
		}, Verdict{Indeterminate, NoAnswer, "unit.vn."}},
		{"DS by SHA-1 alone", func(_ *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = answer(w.vn.sign(0, w.unit.key.ToDS(dns.SHA1))...)
		}, Verdict{Insecure, Algorithm, "unit.vn."}},
		{"DS signed by the child itself", func(_ *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = answer(w.unit.sign(0, w.unit.key.ToDS(dns.SHA256))...)
		}, Verdict{Bogus, Unsigned, "vn."}},
		{"no DS, no proof", func(_ *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing()
		}, Verdict{Indeterminate, NoProof, "unit.vn."}},
		{"DS by an algorithm that we cannot compute", func(_ *testing.T, w *world) {
			ds := w.unit.key.ToDS(dns.SHA256)
			ds.Algorithm = dns.ED448
			w.tree[question(unitDS, dns.TypeDS)] = answer(w.vn.sign(0, ds)...)
		}, Verdict{Indeterminate, Unsupported, "unit.vn."}},
		{"no DS, proof by NSEC", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, "unit.vn. 60 IN NSEC z.vn. NS RRSIG NSEC"))...)
		}, Verdict{Insecure, NoDS, "unit.vn."}},
		{"proof unsigned", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(record(t, "unit.vn. 60 IN NSEC z.vn. NS RRSIG NSEC"))
		}, Verdict{Bogus, Unsigned, "vn."}},
		{"proof that says there is a DS", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, "unit.vn. 60 IN NSEC z.vn. NS DS RRSIG NSEC"))...)
		}, Verdict{Bogus, Unproven, "unit.vn."}},
		{"proof about another name", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, "a.vn. 60 IN NSEC b.vn. NS RRSIG NSEC"))...)
		}, Verdict{Bogus, Unproven, "unit.vn."}},
		{"nothing delegated", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, "unit.vn. 60 IN NSEC z.vn. A RRSIG NSEC"))...)
		}, Verdict{Secure, "", "vn."}},
		{"no such name", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, "t.vn. 60 IN NSEC vn. A RRSIG NSEC"))...)
		}, Verdict{Secure, "", "vn."}},
		{"NSEC3 at the name", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, nsec3(hash("unit.vn."), last, "0", "0", "NS")))...)
		}, Verdict{Insecure, NoDS, "unit.vn."}},
		{"NSEC3 opt-out", func(t *testing.T, w *world) {
			apex := w.vn.sign(0, record(t, nsec3(hash("vn."), dns.HashName("vn.", dns.SHA1, 0, ""), "1", "0", "NS SOA DNSKEY")))
			w.tree[question(unitDS, dns.TypeDS)] = nothing(apex...)
		}, Verdict{Insecure, OptOut, "unit.vn."}},
		{"NSEC3 without the encloser", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, nsec3(first+".vn.", last, "1", "0", "A")))...)
		}, Verdict{Bogus, Unproven, "unit.vn."}},
		{"NSEC3 of 2000 iterations", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = nothing(w.vn.sign(0, record(t, nsec3(first+".vn.", last, "0", "2000", "A")))...)
		}, Verdict{Indeterminate, Iterations, "vn."}},
		{"alias", func(t *testing.T, w *world) {
			w.tree[question(unitDS, dns.TypeDS)] = answer(record(t, "unit.vn. 60 IN CNAME a.vn."))
		}, Verdict{Indeterminate, Alias, "unit.vn."}},
		{"resolver without signatures", func(_ *testing.T, w *world) {
			w.tree[question(".", dns.TypeDNSKEY)] = answer(w.root.key)
		}, Verdict{Indeterminate, NoSignatures, "."}},
		{"a false root", func(t *testing.T, w *world) {
			newZone(t, ".", dns.ED25519, 256).own(w.tree)
		}, Verdict{Bogus, Mismatch, "."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.spoil(t, w)
			if got := w.follow(t, "Unit.VN"); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestChain(t *testing.T) {
	w := newWorld(t)
	c, err := Follow(t.Context(), w.ask, w.anchors, "unit.vn.", noon)
	if err != nil || c.Zone != "unit.vn." || len(c.DS) != 1 || len(c.Keys) != 1 || !c.Expires.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v, %v", c, err)
	}
	w.tree[question("unit.vn.", dns.TypeSOA)] = answer(w.unit.sign(-48*time.Hour, w.unit.soa())...)
	if c, _ = Follow(t.Context(), w.ask, w.anchors, "unit.vn.", noon); !c.Expires.Equal(noon.Add(-47 * time.Hour)) {
		t.Errorf("ended at %v", c.Expires)
	}
}

// A thousand signatures, each by the one key and each false, cost no more than
// a few: the verdict is that it was too much.
func TestTooManySignatures(t *testing.T) {
	w := newWorld(t)
	set := w.unit.sign(0, w.unit.soa())
	s := set[1].(*dns.RRSIG)
	s.Signature = s.Signature[4:] + "AAAA"
	for range 1000 {
		set = append(set, dns.Copy(s))
	}
	w.tree[question("unit.vn.", dns.TypeSOA)] = answer(set...)
	if got, want := w.follow(t, "unit.vn."), (Verdict{Indeterminate, TooMuch, "unit.vn."}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAskFails(t *testing.T) {
	broken := errors.New("no answer")
	_, err := Follow(t.Context(), func(context.Context, string, uint16) (*dns.Msg, error) { return nil, broken }, Root(), "unit.vn.", noon)
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want that of asking", err)
	}
}

func TestAnchors(t *testing.T) {
	if n := len(Root()); n != 2 {
		t.Errorf("%d root anchors, want 2", n)
	}
	if _, err := Anchors("vn. IN A 192.0.2.1"); err == nil {
		t.Error("an address is taken for an anchor")
	}
	w := newWorld(t)
	w.anchors = []*dns.DS{w.vn.key.ToDS(dns.SHA384)}
	if got := w.follow(t, "unit.vn."); got.State != Secure {
		t.Errorf("from an anchor below the root: %v", got)
	}
	if got := w.follow(t, "unit.example."); got != (Verdict{Indeterminate, NoAnchor, "unit.example."}) {
		t.Errorf("beside the anchor: %v", got)
	}
}

// The order of the example in RFC 4034 §6.1.
func TestOrder(t *testing.T) {
	names := []string{"example.", "a.example.", "yljkjljk.a.example.", "Z.a.example.", "zABC.a.EXAMPLE.", "z.example.", "\\001.z.example.", "*.z.example.", "\\200.z.example."}
	for i := 1; i < len(names); i++ {
		if order(names[i-1], names[i]) >= 0 || order(names[i], names[i-1]) <= 0 {
			t.Errorf("%s does not come before %s", names[i-1], names[i])
		}
	}
}

// Whatever comes, the walk ends without panic, and nothing unsigned is secure.
func FuzzFollow(f *testing.F) {
	m := answer(&dns.DNSKEY{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET}, Flags: 257, Protocol: 3, Algorithm: 8, PublicKey: "AwEAAQ=="})
	raw, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		ask := func(context.Context, string, uint16) (*dns.Msg, error) {
			m := new(dns.Msg)
			return m, m.Unpack(raw)
		}
		if v, err := Follow(t.Context(), ask, Root(), "unit.vn.", noon); err == nil && v.State == Secure {
			t.Errorf("secure by %x", raw)
		}
	})
}
