package checks

import (
	"context"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/udp"
)

// SNMP is the fact of host.snmp.
type SNMP struct {
	V3      fact.Maybe[bool] `json:"v3" vi:"trả lời SNMPv3" en:"answers SNMPv3"`
	Default fact.Maybe[bool] `json:"default_community" vi:"nhận community mặc định (public hoặc private) bằng SNMPv1 hay v2c" en:"takes a default community (public or private) of SNMPv1 or v2c"`
	Silent  fact.Maybe[bool] `json:"silent" vi:"im lặng với mọi câu hỏi: không trả lời, cũng không báo cổng đóng" en:"silent to every question: neither an answer nor word that the port is closed"`
}

// HostSNMP asks for the engine of SNMPv3, which needs no credential, and, if
// the authorisation permits it by name, with the communities that agents come
// with.
var HostSNMP = define(Check{
	ID:     "host.snmp",
	Refs:   []string{"RFC 3414 §4", "RFC 3416 §4.2.1", "RFC 1157 §4", "CVE-1999-0517"},
	Speaks: inventory.OverHost,
	Touch:  Intrusive,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (SNMP, error) {
	v3 := p.sendOver(ctx, snmpDiscovery())
	f := SNMP{V3: v3.answers(), Silent: fact.Known(false)}
	switch {
	case v3.closed:
		f.Default = fact.Known(false) // who does not listen takes nothing
	case !p.Permits(inventory.SNMPDefault):
		f.Default = fact.Not[bool](fact.Because(fact.OutOfScope, "a default community is a credential: the authorisation must name the class "+string(inventory.SNMPDefault)))
		if v3.answer == nil {
			f.Silent = f.Default
		}
	default:
		got := p.communities(ctx)
		f.Default = p.takes(ctx, v3, got)
		f.Silent = keptSilent(append(got, v3))
	}
	return f, nil
})

func snmpDiscovery() question {
	q := udp.NewSNMPDiscovery()
	return question{port: udp.PortSNMP, send: q.Send, accept: func(b []byte) bool { _, ok := q.Answered(b); return ok }}
}

// communities asks with each default community at the same time.
func (p *Probe) communities(ctx context.Context) []heard {
	var all sync.WaitGroup
	got := make([]heard, 4)
	for i, version := range []uint32{udp.SNMPv2c, udp.SNMPv1} {
		for j, community := range []string{"public", "private"} {
			q := udp.NewSNMPGet(version, community)
			accept := func(b []byte) bool { yes, ok := q.Answered(b); return yes && ok }
			all.Go(func() {
				got[2*i+j] = p.sendOver(ctx, question{port: udp.PortSNMP, send: q.Send, accept: accept})
			})
		}
	}
	all.Wait()
	return got
}

// takes tells whether a community was taken. Agents do not answer one that they
// do not know, so their silence to all counts as a no where the very same agent
// answered SNMPv3 right before and right after it.
func (p *Probe) takes(ctx context.Context, before heard, got []heard) fact.Maybe[bool] {
	for _, h := range got {
		if h.answer != nil {
			return fact.Known(true)
		}
	}
	for _, h := range got {
		if h.why.Cause != fact.Timeout {
			return fact.Not[bool](h.why)
		}
	}
	return p.silentBetween(before, func() heard { return p.sendOver(ctx, snmpDiscovery()) }, got[0].why)
}

// keptSilent tells whether nothing at all came of any question, neither an
// answer nor word that the port is closed. That too is something seen, though
// it does not say why.
func keptSilent(all []heard) fact.Maybe[bool] {
	for _, h := range all {
		switch {
		case h.answer != nil || h.closed || h.why.Cause == fact.Unanswered:
			return fact.Known(false)
		case h.why.Cause != fact.Timeout:
			return fact.Not[bool](h.why)
		}
	}
	return fact.Known(true)
}

// silentBetween says no of a question that was met with silence, if the same
// service answered another question before and, asked again, after it. Else
// the silence stays unknown.
func (p *Probe) silentBetween(before heard, again func() heard, why *fact.Unknown) fact.Maybe[bool] {
	if before.answer == nil {
		return fact.Not[bool](why)
	}
	if after := again(); after.answer == nil {
		return fact.Not[bool](fact.Because(fact.Blocked, "the service answered before and stopped while it was asked"))
	}
	return fact.Known(false)
}
