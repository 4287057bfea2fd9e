package checks

import (
	"context"
	"strings"

	"github.com/miekg/dns"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// CAA is the fact of dns.caa.
type CAA struct {
	At        string   `json:"at" vi:"tên mang bản ghi CAA có hiệu lực; trống: không có" en:"name whose CAA records count; empty: there are none"`
	Issue     []string `json:"issue" vi:"được cấp chứng thư (issue); danh sách trống cùng với restricted: không ai" en:"may issue (issue)"`
	Wildcard  []string `json:"issuewild" vi:"được cấp chứng thư ký tự đại diện (issuewild)" en:"may issue wildcards (issuewild)"`
	Report    []string `json:"iodef" vi:"nơi nhận báo vi phạm (iodef)" en:"where violations are reported (iodef)"`
	Restrict  bool     `json:"restricted" vi:"giới hạn nơi cấp chứng thư" en:"restricts who may issue"`
	Malformed bool     `json:"malformed" vi:"có bản ghi sai cú pháp" en:"has malformed records"`
	Critical  bool     `json:"unknown_critical" vi:"có mục lạ bắt buộc phải hiểu (cấm mọi nơi cấp)" en:"has a critical property that nobody knows, which forbids all"`
}

// DNSCAA climbs from the domain up to the nearest name with CAA records.
var DNSCAA = define(Check{
	ID:     "dns.caa",
	Refs:   []string{"RFC 8659 §3", "RFC 8659 §4"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (CAA, error) {
	f := CAA{Issue: []string{}, Wildcard: []string{}, Report: []string{}}
	if _, err := p.zone(ctx); err != nil {
		return f, err
	}
	for name := p.domain(); name != ""; _, name, _ = strings.Cut(name, ".") {
		at, err := p.lookUp(ctx, name, dns.TypeCAA)
		if err != nil {
			return f, err
		}
		if len(at.records) == 0 {
			continue
		}
		f.At = name
		for _, rr := range at.records {
			f.add(rr.(*dns.CAA))
		}
		break
	}
	f.Issue, f.Wildcard, f.Report = listed(f.Issue), listed(f.Wildcard), listed(f.Report)
	return f, nil
})

func (f *CAA) add(rr *dns.CAA) {
	const critical = 0x80
	who, ok := mailauth.Issuer(rr.Value)
	to := map[string]*[]string{"issue": &f.Issue, "issuewild": &f.Wildcard}[strings.ToLower(rr.Tag)]
	switch {
	case to != nil:
		f.Restrict = f.Restrict || to == &f.Issue
		f.Malformed = f.Malformed || !ok
		if ok && who != "" {
			*to = append(*to, who)
		}
	case strings.EqualFold(rr.Tag, "iodef"):
		f.Report = append(f.Report, oneLine(rr.Value, 200))
	case strings.HasPrefix(strings.ToLower(rr.Tag), "issue"), strings.HasPrefix(strings.ToLower(rr.Tag), "contact"): // issuemail, issuevmc, contactemail …
	default:
		f.Critical = f.Critical || rr.Flag&critical != 0
	}
}
