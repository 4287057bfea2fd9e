package lab

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// answerOf asks once over UDP, as a resolver would be asked, or the name server.
func answerOf(t *testing.T, s *Server, name string, kind uint16, recurse bool) (*dns.Msg, error) {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	m.SetEdns0(1232, true)
	m.RecursionDesired = recurse
	c := dns.Client{Timeout: 300 * time.Millisecond}
	r, _, err := c.Exchange(m, s.AddrPort.String())
	return r, err
}

func mustAnswer(t *testing.T, s *Server, name string, kind uint16, recurse bool) *dns.Msg {
	t.Helper()
	m, err := answerOf(t, s, name, kind, recurse)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// signedBy tells how many signatures by the zone's own key hold now.
func signedBy(m *dns.Msg, zone string) (all, hold, inTime int) {
	for _, section := range [][]dns.RR{m.Answer, m.Ns} {
		for _, rr := range section {
			s, is := rr.(*dns.RRSIG)
			if !is || s.SignerName != zone {
				continue
			}
			set := slices.DeleteFunc(slices.Clone(section), func(o dns.RR) bool {
				return o.Header().Rrtype != s.TypeCovered || o.Header().Name != s.Hdr.Name
			})
			all++
			if s.Verify(zoneKeys()[zone].key, set) == nil {
				hold++
			}
			if s.ValidityPeriod(time.Now()) {
				inTime++
			}
		}
	}
	return all, hold, inTime
}

// proveSigned holds a zone to how its SOA and its delegation are signed.
func proveSigned(ds int, all, hold, inTime int) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		if m := mustAnswer(t, s, unitZone, dns.TypeDS, true); len(m.Answer) != 2*ds {
			t.Errorf("DS: %v", m.Answer)
		} else if a, h, i := signedBy(m, "gov.vn."); a == 0 || h != a || i != a {
			t.Errorf("the parent's proof: %d signatures, %d hold, %d in time: %v", a, h, i, m)
		}
		m := mustAnswer(t, s, unitZone, dns.TypeSOA, true)
		if a, h, i := signedBy(m, unitZone); a != all || h != hold || i != inTime {
			t.Errorf("%d signatures, %d hold, %d in time: %v", a, h, i, m)
		}
	}
}

// holds wants that the resolver gives so many records.
func holds(name string, kind uint16, want int) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		n := 0
		for _, rr := range mustAnswer(t, s, name, kind, true).Answer {
			if rr.Header().Rrtype == kind {
				n++
			}
		}
		if n != want {
			t.Errorf("%d records %s %s", n, name, dns.TypeToString[kind])
		}
	}
}

func rcodeOf(name string, kind uint16, recurse bool, want int) func(*testing.T, *Server) {
	return func(t *testing.T, s *Server) {
		if m := mustAnswer(t, s, name, kind, recurse); m.Rcode != want {
			t.Errorf("says %v", m)
		}
	}
}

// noAnswer holds that no client takes what comes.
func noAnswer(t *testing.T, s *Server) {
	if m, err := answerOf(t, s, unitZone, dns.TypeSOA, true); err == nil && len(m.Answer) > 0 && m.Question[0].Name == unitZone {
		t.Errorf("answers %v", m)
	}
}

var dnsProofs = map[string]func(*testing.T, *Server){
	"dns-good": proveSigned(1, 1, 1, 1),
	"dns-nsec3": func(t *testing.T, s *Server) {
		proveSigned(1, 1, 1, 1)(t, s)
		if a, h, _ := signedBy(mustAnswer(t, s, "khong-co.xa.gov.vn.", dns.TypeA, true), unitZone); a < 3 || a != h {
			t.Errorf("%d signatures, %d hold", a, h)
		}
	},
	"dns-no-mail":        holds(unitZone, dns.TypeMX, 1),
	"dns-unsigned":       proveSigned(0, 0, 0, 0),
	"dns-unsigned-nsec3": proveSigned(0, 0, 0, 0),
	"dns-no-ds":          proveSigned(0, 1, 1, 1),
	"dns-expired":        proveSigned(1, 1, 1, 0),
	"dns-early":          proveSigned(1, 1, 1, 0),
	"dns-forged":         proveSigned(1, 1, 0, 1),
	"dns-wrong-ds":       proveSigned(1, 1, 1, 1),
	"dns-nsec3-salted":   holds(unitZone, dns.TypeNSEC3PARAM, 1),
	"dns-axfr-open": func(t *testing.T, s *Server) {
		m := new(dns.Msg)
		m.SetAxfr(unitZone)
		in, err := new(dns.Transfer).In(m, s.AddrPort.String())
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for e := range in {
			if e.Error != nil {
				t.Error(e.Error)
			}
			n += len(e.RR)
		}
		if n < 10 {
			t.Errorf("%d records", n)
		}
	},
	"dns-recursion-open": rcodeOf("sansang.invalid.", dns.TypeA, true, dns.RcodeNameError),
	"dns-version": func(t *testing.T, s *Server) {
		m := &dns.Msg{Question: []dns.Question{{Name: "version.bind.", Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}}}
		if r, err := dns.Exchange(m, s.AddrPort.String()); err != nil || len(r.Answer) != 1 {
			t.Errorf("%v, %v", r, err)
		}
	},
	"dns-no-tcp": func(t *testing.T, s *Server) {
		m := new(dns.Msg)
		m.SetQuestion(unitZone, dns.TypeSOA)
		if r, _, err := (&dns.Client{Net: "tcp"}).Exchange(m, s.AddrPort.String()); err == nil {
			t.Errorf("answers %v", r)
		}
	},
	"dns-lame":       rcodeOf(unitZone, dns.TypeSOA, false, dns.RcodeRefused),
	"dns-one-server": holds(unitZone, dns.TypeNS, 1),
	"dns-dangling":   rcodeOf("www."+unitZone, dns.TypeA, true, dns.RcodeNameError),
	"dns-alias-loop": rcodeOf("www."+unitZone, dns.TypeA, true, dns.RcodeServerFailure),
	"dns-bare":       holds(unitZone, dns.TypeCAA, 0),
	"dns-mail-open":  holds(unitZone, dns.TypeTXT, 1),
	"dns-mail-macro": holds(unitZone, dns.TypeTXT, 1),
	"dns-stale": func(t *testing.T, s *Server) {
		if soa := mustAnswer(t, s, unitZone, dns.TypeSOA, false).Answer[0].(*dns.SOA); soa.Serial != 2025010101 {
			t.Errorf("serial %d", soa.Serial)
		}
	},
	"dns-mail-broken": holds("_dmarc."+unitZone, dns.TypeTXT, 1),
	"dns-stripped":    holds(unitZone, dns.TypeRRSIG, 0),
	"dns-no-proof":    func(t *testing.T, s *Server) { proveBareDenial(t, s) },
	"dns-fails":       rcodeOf(unitZone, dns.TypeSOA, true, dns.RcodeServerFailure),
	"dns-mute": func(t *testing.T, s *Server) {
		var late net.Error
		if _, err := answerOf(t, s, unitZone, dns.TypeSOA, true); !errors.As(err, &late) || !late.Timeout() {
			t.Errorf("%v", err)
		}
	},
	"dns-cut": func(t *testing.T, s *Server) {
		if m := mustAnswer(t, s, unitZone, dns.TypeSOA, true); !m.Truncated {
			t.Errorf("%v", m)
		}
	},
	"dns-wrong-id":       noAnswer,
	"dns-other-question": noAnswer,
	"dns-garbage":        noAnswer,
}

func proveBareDenial(t *testing.T, s *Server) {
	m := mustAnswer(t, s, unitZone, dns.TypeDS, true)
	if slices.ContainsFunc(m.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeNSEC }) || len(m.Answer) > 0 {
		t.Errorf("%v", m)
	}
}
