package checks

import (
	"context"
	"fmt"
	"time"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/dnssec"
)

// DNSSEC is the fact of dns.dnssec.
type DNSSEC struct {
	Status     string                `json:"status" vi:"trạng thái chữ ký (secure: hợp lệ; insecure: không ký; bogus: ký sai)" en:"state of the signatures (secure, insecure, bogus)"`
	Reason     string                `json:"reason" vi:"lý do khi không hợp lệ" en:"reason when not secure"`
	At         string                `json:"at" vi:"nơi quyết định" en:"where that was decided"`
	Zone       string                `json:"zone" vi:"vùng đã xét tới" en:"zone that was reached"`
	Keys       []ZoneKey             `json:"keys" vi:"khóa của vùng (DNSKEY)" en:"keys of the zone (DNSKEY)"`
	DS         []Delegate            `json:"ds" vi:"bản ghi DS ở vùng cha" en:"DS records at the parent"`
	Expires    fact.Maybe[time.Time] `json:"expires" vi:"chữ ký hết hạn sớm nhất" en:"first end of a signature"`
	Iterations fact.Maybe[int]       `json:"nsec3_iterations" vi:"số vòng lặp NSEC3" en:"NSEC3 iterations"`
	Salt       fact.Maybe[string]    `json:"nsec3_salt" vi:"muối NSEC3" en:"NSEC3 salt"`
}

// ZoneKey is a DNSKEY.
type ZoneKey struct {
	Tag       int    `json:"tag" vi:"mã khóa" en:"key tag"`
	Algorithm string `json:"algorithm" vi:"thuật toán" en:"algorithm"`
	Entry     bool   `json:"entry" vi:"khóa ký khóa (SEP)" en:"secure entry point (SEP)"`
}

// Delegate is a DS record.
type Delegate struct {
	Tag       int    `json:"tag" vi:"mã khóa" en:"key tag"`
	Algorithm string `json:"algorithm" vi:"thuật toán" en:"algorithm"`
	Digest    string `json:"digest" vi:"hàm băm" en:"digest"`
}

// DNSDNSSEC follows the signatures from the trust anchor down to the domain's
// zone and believes no resolver's word for it. A resolver that passes no
// signatures, or no proof that there is none, leaves it unknown.
var DNSDNSSEC = define(Check{
	ID:     "dns.dnssec",
	Refs:   []string{"RFC 4033", "RFC 4034", "RFC 4035 §5", "RFC 5155 §8", "RFC 6840", "RFC 8624", "RFC 9276", "RFC 9718", "RFC 9905"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (DNSSEC, error) {
	zone, err := p.zoneAs(ctx, true)
	if err != nil {
		return DNSSEC{}, err
	}
	anchors := p.Anchors
	if anchors == nil {
		anchors = dnssec.Root()
	}
	ask := func(ctx context.Context, name string, kind uint16) (*dns.Msg, error) {
		return p.askResolver(ctx, name, kind, true)
	}
	c, err := dnssec.Follow(ctx, ask, anchors, zone, p.Now())
	switch {
	case err != nil:
		return DNSSEC{}, err
	case c.State == dnssec.Indeterminate:
		return DNSSEC{}, unsettled(c.Verdict)
	case c.State == dnssec.Bogus && plain(c.At) != zone && dns.IsSubDomain(c.At, dns.Fqdn(zone)):
		// the fault of somebody above, of a resolver with a root of its own, or of our clock
		return DNSSEC{}, fact.Because(fact.Prerequisite, "what is above "+zone+" does not hold itself: "+plain(c.At)+" ("+string(c.Reason)+")")
	case c.State == dnssec.Secure && plain(c.Zone) != zone:
		// what the resolver has of the zone is then its own, such as an inner one: nobody signed it
		return DNSSEC{}, fact.Because(fact.Prerequisite, "the resolver has a zone "+zone+", and "+plain(c.Zone)+" proves that none begins there")
	}
	f := DNSSEC{Status: string(c.State), Reason: string(c.Reason), At: plain(c.At), Zone: plain(c.Zone), Keys: []ZoneKey{}, DS: []Delegate{}}
	for _, k := range c.Keys {
		f.Keys = append(f.Keys, ZoneKey{int(k.KeyTag()), algorithmName(k.Algorithm), k.Flags&dns.SEP != 0})
	}
	for _, d := range c.DS {
		f.DS = append(f.DS, Delegate{int(d.KeyTag), algorithmName(d.Algorithm), digestName(d.DigestType)})
	}
	none := fact.Because(fact.Prerequisite, "no signature of the zone was needed")
	if f.Expires = fact.Known(c.Expires); c.Expires.IsZero() {
		f.Expires = fact.Not[time.Time](none)
	}
	if f.Zone != zone { // what is above is not the unit's to set
		other := fact.Because(fact.Prerequisite, "the signatures end above "+zone)
		f.Iterations, f.Salt = fact.Not[int](other), fact.Not[string](other)
		return f, nil
	}
	f.Iterations, f.Salt = p.nsec3(ctx, c.Zone)
	return f, nil
})

// gaps are the reasons for which nothing is known of the signatures.
var gaps = map[dnssec.Reason]struct {
	cause fact.Cause
	says  string
}{
	dnssec.NoSignatures: {fact.Unanswered, "the resolver passes no signatures of %s"},
	dnssec.NoProof:      {fact.Unanswered, "the resolver passes no proof that %s has no DS"},
	dnssec.NoAnswer:     {fact.Unanswered, "the resolver answers with an error about %s"},
	dnssec.Alias:        {fact.Unanswered, "%s is an alias"},
	dnssec.Unsupported:  {fact.Skipped, "%s is signed by algorithms that are not known here"},
	dnssec.NoAnchor:     {fact.Skipped, "no trust anchor is above %s"},
	dnssec.Iterations:   {fact.Skipped, "%s asks for more NSEC3 iterations than are computed here"},
	dnssec.Clock:        {fact.Prerequisite, "the signatures of %s end or begin so near to the scanner's time that its clock decides"},
	dnssec.TooMuch:      {fact.Skipped, "more work than is done for one zone: %s"},
}

func unsettled(v dnssec.Verdict) *fact.Unknown {
	g, ok := gaps[v.Reason]
	if !ok {
		return fact.Because(fact.Broken, "undecided for the reason "+string(v.Reason))
	}
	return fact.Because(g.cause, fmt.Sprintf(g.says, plain(v.At)))
}

// nsec3 asks for the parameters by which a zone hashes its names.
func (p *Probe) nsec3(ctx context.Context, zone string) (fact.Maybe[int], fact.Maybe[string]) {
	f, err := p.lookUpAs(ctx, zone, dns.TypeNSEC3PARAM, true)
	u := fact.FromError(err)
	if u == nil && len(f.records) == 0 {
		u = fact.Because(fact.Prerequisite, "the zone names no NSEC3 parameters")
	}
	if u != nil {
		return fact.Not[int](u), fact.Not[string](u)
	}
	rr := f.records[0].(*dns.NSEC3PARAM)
	salt := rr.Salt
	if salt == "-" {
		salt = ""
	}
	return fact.Known(int(rr.Iterations)), fact.Known(salt)
}

func algorithmName(a uint8) string {
	if s := dns.AlgorithmToString[a]; s != "" {
		return s
	}
	return "unknown"
}

func digestName(d uint8) string {
	if s := dns.HashToString[d]; s != "" {
		return s
	}
	return "unknown"
}
