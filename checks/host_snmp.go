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
}

// HostSNMP asks for the engine of SNMPv3, which needs no credential, and, if
// the authorisation permits it by name, with the communities that agents come
// with.
var HostSNMP = define(Check{
	ID:     "host.snmp",
	Refs:   []string{"RFC 3414 §4", "RFC 3416 §4.2.1", "RFC 1157 §4", "CVE-1999-0517"},
	Speaks: inventory.OverHost,
	Touch:  Polite,
	Known:  fact.Probed,
}, func(ctx context.Context, p *Probe) (SNMP, error) {
	v3 := p.sendOver(ctx, snmpDiscovery())
	f := SNMP{V3: v3.answers()}
	switch {
	case v3.closed:
		f.Default = fact.Known(false) // who does not listen takes nothing
	case !p.Permits(inventory.SNMPDefault) && !p.Permits(inventory.Credentials):
		f.Default = fact.Not[bool](fact.Because(fact.Denied, "a default community is a credential: the authorisation must name the class "+string(inventory.SNMPDefault)))
	default:
		f.Default = p.defaultCommunity(ctx, v3)
	}
	return f, nil
})

func snmpDiscovery() question {
	q := udp.NewSNMPDiscovery()
	return question{port: udp.PortSNMP, send: q.Send, accept: func(b []byte) bool { _, ok := q.Answered(b); return ok }}
}

// defaultCommunity asks with each community at the same time. Agents do not
// answer a community that they do not know, so their silence counts as a no
// where the very same agent answered SNMPv3 right before and right after it.
func (p *Probe) defaultCommunity(ctx context.Context, before heard) fact.Maybe[bool] {
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
