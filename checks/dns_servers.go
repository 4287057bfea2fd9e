package checks

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/dnsask"
)

// ServersDNS is the fact of dns.servers. What it says of all servers is said
// only when all were asked.
type ServersDNS struct {
	Asked     []string         `json:"asked" vi:"địa chỉ đã hỏi trực tiếp" en:"addresses that were asked directly"`
	Unasked   []string         `json:"unasked" vi:"địa chỉ không hỏi (ngoài phạm vi)" en:"addresses that were not asked (out of scope)"`
	Transfer  fact.Maybe[bool] `json:"transfer" vi:"có máy chủ trao toàn bộ vùng cho bất kỳ ai (AXFR)" en:"a server hands the whole zone to anybody (AXFR)"`
	Transfers []string         `json:"transfer_at" vi:"máy chủ trao toàn bộ vùng" en:"servers that hand out the zone"`
	Recursion fact.Maybe[bool] `json:"recursion" vi:"có máy chủ phân giải hộ bất kỳ ai" en:"a server resolves for anybody"`
	Recurse   []string         `json:"recursion_at" vi:"máy chủ phân giải hộ" en:"servers that resolve for anybody"`
	Version   fact.Maybe[bool] `json:"version" vi:"có máy chủ cho biết phiên bản" en:"a server tells its version"`
	Versions  []string         `json:"versions" vi:"phiên bản mà máy chủ nói" en:"versions that servers tell"`
	TCP       fact.Maybe[bool] `json:"tcp" vi:"mọi máy chủ trả lời qua TCP" en:"every server answers over TCP"`
	EDNS      fact.Maybe[bool] `json:"edns" vi:"mọi máy chủ hiểu EDNS" en:"every server knows EDNS"`
}

// DNSServers tries on each name server that is in scope what it should refuse
// to strangers. Of a transfer only the beginning is read, and none of it kept.
// Recursion is tried with a name that is reserved and never resolves (RFC 6761
// §6.4), so that no third party is asked for anything of ours.
var DNSServers = define(Check{
	ID:     "dns.servers",
	Refs:   []string{"RFC 5936", "RFC 5358", "RFC 4892", "RFC 6891", "RFC 7766 §5", "RFC 6761 §6.4"},
	Speaks: inventory.OverDNS,
	Touch:  Intrusive,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (ServersDNS, error) {
	f := ServersDNS{Transfers: []string{}, Recurse: []string{}, Versions: []string{}}
	zone, servers, err := p.servers(ctx)
	if err != nil {
		return f, err
	}
	var all []netip.Addr
	for _, s := range servers {
		for _, a := range s.addresses {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	seen := p.askEach(all, func(a netip.Addr) (*dns.Msg, error) {
		return p.askServer(ctx, a, dnsask.Question{Name: zone, Type: dns.TypeSOA})
	})
	f.Asked, f.Unasked = seen.asked, seen.unasked
	live := make([]netip.Addr, 0, len(seen.heard))
	for _, a := range seen.heard {
		live = append(live, netip.MustParseAddr(a))
	}
	f.speak(ctx, p, zone, live, seen)
	f.tell(ctx, p, live, seen)
	return f, ctx.Err()
})

// speak looks at EDNS, TCP and transfers.
func (f *ServersDNS) speak(ctx context.Context, p *Probe, zone string, live []netip.Addr, seen answers) {
	noEDNS := false
	for _, m := range seen.said {
		noEDNS = noEDNS || m.IsEdns0() == nil
	}
	f.EDNS = not(seen.judge(noEDNS))
	tcp := p.askEach(live, func(a netip.Addr) (*dns.Msg, error) {
		return p.askServer(ctx, a, dnsask.Question{Name: zone, Type: dns.TypeSOA, Stream: true})
	})
	f.TCP = known(seen, fact.Known(true))
	if u := tcp.unknown; u != nil && len(live) > 0 {
		f.TCP = fact.Not[bool](u)
		if u.Cause == fact.Unreachable || u.Cause == fact.Reset { // while UDP answers
			f.TCP = fact.Known(false)
		}
	}
	talking := make([]netip.Addr, 0, len(tcp.heard))
	for _, a := range tcp.heard {
		talking = append(talking, netip.MustParseAddr(a))
	}
	open := p.askEach(talking, func(a netip.Addr) (*dns.Msg, error) { return p.transfer(ctx, a, zone) })
	for i, m := range open.said {
		if m != nil {
			f.Transfers = append(f.Transfers, open.heard[i])
		}
	}
	f.Transfers = listed(f.Transfers)
	f.Transfer = known(seen, known(tcp, open.judge(len(f.Transfers) > 0)))
	if len(f.Transfers) > 0 {
		f.Transfer = fact.Known(true)
	}
}

// known leaves m as it is where all were heard before it.
func known(before answers, m fact.Maybe[bool]) fact.Maybe[bool] {
	if before.unknown != nil {
		return fact.Not[bool](before.unknown)
	}
	return m
}

// transfer asks for the zone of a server that has just answered over TCP. Nil
// is a refusal, said or by hanging up while it answers other questions before
// and after; a message stands for a transfer.
func (p *Probe) transfer(ctx context.Context, at netip.Addr, zone string) (*dns.Msg, error) {
	var t dnsask.Transfer
	hangs := false
	err := p.converse(ctx, net.JoinHostPort(at.String(), "53"), func(_ context.Context, conn net.Conn) (err error) {
		hush(conn)
		t, err = dnsask.BeginTransfer(conn, zone)
		if hangs = errors.Is(err, io.EOF) && t.Records == 0; hangs {
			err = nil
		}
		return err
	})
	if err == nil && hangs {
		_, err = p.askServer(ctx, at, dnsask.Question{Name: zone, Type: dns.TypeSOA, Stream: true})
	}
	switch {
	case err != nil:
		return nil, err
	case t.Began:
		return new(dns.Msg), nil
	case t.Rcode == dns.RcodeServerFailure:
		return nil, unanswered("SERVFAIL to a transfer")
	}
	return nil, nil
}

// tell looks at recursion and at what servers say of themselves.
func (f *ServersDNS) tell(ctx context.Context, p *Probe, live []netip.Addr, seen answers) {
	foreign := p.askEach(live, func(a netip.Addr) (*dns.Msg, error) {
		return p.askServer(ctx, a, dnsask.Question{Name: "sansang.invalid", Type: dns.TypeA, Recurse: true})
	})
	for i, m := range foreign.said {
		switch {
		case m.RecursionAvailable && (m.Rcode == dns.RcodeNameError || m.Rcode == dns.RcodeSuccess && len(m.Answer) > 0):
			f.Recurse = append(f.Recurse, foreign.heard[i])
		case m.Rcode == dns.RcodeRefused, m.Rcode == dns.RcodeNotAuth, m.Rcode == dns.RcodeNotImplemented:
		case !m.RecursionAvailable && (m.Authoritative || m.Rcode == dns.RcodeServerFailure || m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0):
			// of its own zone, as the root has; as some refuse; a referral
		default:
			foreign.unknown = fact.Because(fact.Unanswered, foreign.heard[i]+" answers "+rcode(m)+" to a question that only recursion answers")
		}
	}
	f.Recurse = listed(f.Recurse)
	f.Recursion = known(seen, foreign.judge(false))
	if len(f.Recurse) > 0 {
		f.Recursion = fact.Known(true)
	}
	version := p.askEach(live, func(a netip.Addr) (*dns.Msg, error) {
		return p.askServer(ctx, a, dnsask.Question{Name: "version.bind", Type: dns.TypeTXT, Class: dns.ClassCHAOS, Plain: true})
	})
	for i, m := range version.said {
		for _, rr := range m.Answer {
			if txt, is := rr.(*dns.TXT); is && len(txt.Txt) > 0 && txt.Txt[0] != "" {
				f.Versions = append(f.Versions, version.heard[i]+": "+oneLine(txt.Txt[0], 200))
			}
		}
	}
	f.Versions = listed(f.Versions)
	f.Version = known(seen, version.judge(false))
	if len(f.Versions) > 0 {
		f.Version = fact.Known(true)
	}
}
