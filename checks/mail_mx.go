package checks

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/hello"
	"github.com/sansang/sansang/internal/wire/starttls"
)

// MX is the fact of mail.mx.
type MX struct {
	Servers  []Exchanger      `json:"servers" vi:"máy chủ nhận thư (MX)" en:"servers that take mail (MX)"`
	Null     bool             `json:"null_mx" vi:"khai báo không nhận thư (null MX)" en:"says that it takes no mail (null MX)"`
	Implicit bool             `json:"implicit" vi:"không có MX: thư tới địa chỉ của chính tên miền" en:"has no MX: mail goes to the domain's own address"`
	Dangling []string         `json:"dangling" vi:"MX trỏ tới tên không có địa chỉ" en:"MX whose name has no address"`
	StartTLS fact.Maybe[bool] `json:"starttls" vi:"mọi máy chủ nhận thư đều có STARTTLS" en:"every server offers STARTTLS"`
	Without  []string         `json:"without_starttls" vi:"máy chủ không có STARTTLS" en:"servers without STARTTLS"`
	Unasked  []string         `json:"unasked" vi:"máy chủ không hỏi (ngoài phạm vi)" en:"servers that were not asked (out of scope)"`
}

// Exchanger is one MX.
type Exchanger struct {
	Preference int      `json:"preference" vi:"thứ tự ưu tiên" en:"preference"`
	Name       string   `json:"name" vi:"tên" en:"name"`
	Addresses  []string `json:"addresses" vi:"địa chỉ" en:"addresses"`
}

// MailMX looks up who takes the domain's mail, and asks those that are in scope
// for TLS. Mail servers of others are looked up and left alone.
var MailMX = define(Check{
	ID:     "mail.mx",
	Refs:   []string{"RFC 5321 §5.1", "RFC 7505", "RFC 3207", "BOD 18-01"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (MX, error) {
	f := MX{Servers: []Exchanger{}, Dangling: []string{}, Without: []string{}, Unasked: []string{}}
	if _, err := p.zone(ctx); err != nil {
		return f, err
	}
	at, err := p.lookUp(ctx, p.domain(), dns.TypeMX)
	if err != nil {
		return f, err
	}
	if len(at.records) > mostServers {
		return f, fact.Because(fact.Skipped, "the domain has more MX records than are looked at")
	}
	var all []netip.Addr
	add := func(preference int, name string) error {
		addresses, _, err := p.addresses(ctx, name)
		x := Exchanger{preference, plain(name), []string{}}
		for _, a := range addresses {
			x.Addresses = append(x.Addresses, a.String())
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
		if f.Servers = append(f.Servers, x); len(addresses) == 0 {
			f.Dangling = append(f.Dangling, x.Name)
		}
		return err
	}
	for _, rr := range at.records {
		mx := rr.(*dns.MX)
		if mx.Mx == "." {
			f.Null = len(at.records) == 1 // beside others it says nothing (RFC 7505 §3)
			continue
		}
		if err := add(int(mx.Preference), mx.Mx); err != nil {
			return f, err
		}
	}
	if len(at.records) == 0 {
		f.Implicit = true
		if err := add(0, p.domain()); err != nil {
			return f, err
		}
		f.Dangling = []string{}
	}
	slices.SortFunc(f.Servers, func(a, b Exchanger) int { return a.Preference - b.Preference })
	f.transport(ctx, p, all)
	return f, ctx.Err()
})

// transport asks each server for TLS.
func (f *MX) transport(ctx context.Context, p *Probe, all []netip.Addr) {
	if len(all) == 0 {
		f.StartTLS = fact.Not[bool](fact.Because(fact.Prerequisite, "no server that takes mail has an address"))
		return
	}
	offered := make([]bool, len(all))
	seen := p.askEach(all, func(a netip.Addr) (*dns.Msg, error) {
		var err error
		offered[slices.Index(all, a)], err = p.turnsAt(ctx, a)
		return nil, err
	})
	f.Unasked = seen.unasked
	for i, a := range all {
		if slices.Contains(seen.heard, a.String()) && !offered[i] {
			f.Without = append(f.Without, a.String())
		}
	}
	f.Without = listed(f.Without)
	f.StartTLS = not(seen.judge(len(f.Without) > 0))
}

// turnsAt tells whether a mail server turns to TLS; no is its own word.
func (p *Probe) turnsAt(ctx context.Context, at netip.Addr) (yes bool, err error) {
	err = p.converse(ctx, net.JoinHostPort(at.String(), "25"), func(ctx context.Context, conn net.Conn) error {
		next, _, err := starttls.Open(ctx, conn, starttls.SMTP, at.String())
		switch {
		case errors.Is(err, starttls.ErrNotOffered), errors.Is(err, starttls.ErrRefused):
			return nil
		case err != nil:
			return startTLSError(err)
		}
		yes = true
		_, err = hello.Ask(next, hello.Offers(hello.TLS12, p.domain())[0])
		return err
	})
	return yes && err == nil, err
}
