package checks

import (
	"context"
	"strconv"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// Amplifiers is the fact of host.amplifiers.
type Amplifiers struct {
	Recursion fact.Maybe[bool] `json:"dns_recursion" vi:"máy chủ DNS truy vấn đệ quy cho máy quét" en:"DNS server recurses for us"`
	Memcached fact.Maybe[bool] `json:"memcached" vi:"memcached trả lời qua UDP" en:"memcached answers over UDP"`
	SSDP      fact.Maybe[bool] `json:"ssdp" vi:"SSDP (UPnP) trả lời" en:"SSDP (UPnP) answers"`
	CLDAP     fact.Maybe[bool] `json:"cldap" vi:"LDAP trả lời qua UDP (CLDAP)" en:"LDAP answers over UDP (CLDAP)"`
	Chargen   fact.Maybe[bool] `json:"chargen" vi:"chargen trả lời" en:"chargen answers"`
	QOTD      fact.Maybe[bool] `json:"qotd" vi:"qotd trả lời" en:"qotd answers"`
	Replies   []Reply          `json:"replies" vi:"những gì đã trả lời, kèm cỡ" en:"what answered, with sizes"`
}

// HostAmplifiers asks each service that answers strangers with more than they
// sent. Those of NTP are the matter of host.ntp.
var HostAmplifiers = define(Check{
	ID:     "host.amplifiers",
	Refs:   []string{"RFC 5358", "RFC 864", "RFC 865", "CVE-2018-1000115", "US-CERT TA14-017A"},
	Speaks: inventory.OverHost,
	Touch:  Intrusive,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (Amplifiers, error) {
	var f Amplifiers
	memcached, cldap := udp.NewMemcached(), udp.NewCLDAP()
	services := []struct {
		name  string
		field *fact.Maybe[bool]
		ask   func(context.Context, question) heard
		q     question
	}{
		{"memcached", &f.Memcached, p.sendOver, question{port: udp.PortMemcached, send: memcached.Send, accept: memcached.Answered, all: true}},
		{"ssdp", &f.SSDP, p.sendWide, question{port: udp.PortSSDP, send: udp.SSDP(p.at(udp.PortSSDP)), accept: udp.SSDPAnswered, all: true}},
		{"cldap", &f.CLDAP, p.sendOver, question{port: udp.PortCLDAP, send: cldap.Send, accept: cldap.Answered, all: true}},
		{"chargen", &f.Chargen, p.sendOver, question{port: udp.PortChargen, send: udp.Nudge, accept: udp.ChargenAnswered, all: true}},
		{"qotd", &f.QOTD, p.sendOver, question{port: udp.PortQOTD, send: udp.Nudge, accept: udp.QOTDAnswered, all: true}},
	}
	replies := make([][]Reply, len(services)+1)
	var all sync.WaitGroup
	for i, s := range services {
		all.Go(func() {
			h := s.ask(ctx, s.q)
			*s.field, replies[i] = h.answers(), h.reply(s.name, s.q)
		})
	}
	all.Go(func() { f.Recursion, replies[len(services)] = p.recursion(ctx) })
	all.Wait()
	f.Replies = []Reply{}
	for _, r := range replies {
		f.Replies = append(f.Replies, r...)
	}
	return f, nil
})

// recursion asks for the servers of the root. A server says by itself whether
// it recurses for whoever asks (RA, RFC 1035 §4.1.1); that it would, and then
// failed, tells neither.
func (p *Probe) recursion(ctx context.Context) (fact.Maybe[bool], []Reply) {
	const fine, refused = 0, 5
	dns := udp.NewDNS()
	var a udp.DNSAnswer
	q := question{port: udp.PortDNS, send: dns.Send, all: true, accept: func(b []byte) (ok bool) { a, ok = dns.Read(b); return ok }}
	h := p.sendOver(ctx, q)
	switch {
	case h.answer == nil:
		return h.answers(), nil
	case a.RCode == refused || !a.Recursion && a.RCode == fine:
		return fact.Known(false), h.reply("dns", q)
	case a.Recursion && a.RCode == fine && a.Answers > 0:
		return fact.Known(true), h.reply("dns", q)
	}
	return fact.Not[bool](unanswered("the DNS server answers with code " + strconv.Itoa(a.RCode) + ", which tells nothing of recursion")), h.reply("dns", q)
}
