package checks

import (
	"context"
	"fmt"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// SPF is the fact of mail.spf.
type SPF struct {
	Records  int              `json:"records" vi:"số bản ghi SPF (phải là 1)" en:"SPF records (must be 1)"`
	Record   string           `json:"record" vi:"bản ghi" en:"record"`
	All      string           `json:"all" vi:"cách xử lý nơi gửi khác (-: từ chối, ~: nghi ngờ, ?: không nói, +: cho phép)" en:"what it says of everybody else (-, ~, ?, +)"`
	Anybody  bool             `json:"anybody" vi:"cho phép bất kỳ ai gửi" en:"lets anybody send"`
	Valid    fact.Maybe[bool] `json:"valid" vi:"dùng được (đúng một bản ghi, đúng cú pháp, không quá giới hạn)" en:"can be used (one record, well formed, within limits)"`
	Lookups  fact.Maybe[int]  `json:"lookups" vi:"số lần phải tra DNS (tối đa 10)" en:"DNS look-ups that it takes (10 at most)"`
	Voids    fact.Maybe[int]  `json:"void_lookups" vi:"số lần tra không có kết quả (tối đa 2)" en:"look-ups that find nothing (2 at most)"`
	Problems []string         `json:"problems" vi:"lỗi" en:"problems"`
}

// MailSPF reads the SPF record with all that it refers to. Parts that depend on
// who sends are not followed, and then the counts are known only where they are
// beyond the limit already.
var MailSPF = define(Check{
	ID:     "mail.spf",
	Refs:   []string{"RFC 7208 §3.2", "RFC 7208 §4.5", "RFC 7208 §4.6.4", "RFC 7208 §5.2", "RFC 7208 §6.1", "BOD 18-01"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (SPF, error) {
	if _, err := p.zone(ctx); err != nil {
		return SPF{}, err
	}
	s, err := mailauth.ReadSPF(ctx, mailNames{p}, p.domain())
	if err != nil {
		return SPF{}, err
	}
	f := SPF{Records: s.Records, Record: oneLine(s.Record, 200), All: s.All, Anybody: s.Anybody, Problems: []string{}}
	for _, problem := range s.Problems {
		f.Problems = append(f.Problems, oneLine(problem, 200))
	}
	f.Lookups, f.Voids = fact.Known(s.Lookups), fact.Known(s.Voids)
	f.Valid = fact.Known(s.Records == 1 && len(s.Problems) == 0 && s.Lookups <= mailauth.MostSPFLookups && s.Voids <= mailauth.MostSPFVoids)
	if s.Records != 1 {
		none := fact.Because(fact.Prerequisite, fmt.Sprintf("the domain has %d SPF records", s.Records))
		f.Lookups, f.Voids = fact.Not[int](none), fact.Not[int](none)
		return f, nil
	}
	if len(s.Open) > 0 {
		open := fact.Because(fact.Skipped, oneLine("depends on who sends: "+s.Open[0], 200))
		if s.Lookups <= mailauth.MostSPFLookups {
			f.Lookups = fact.Not[int](open)
		}
		if s.Voids <= mailauth.MostSPFVoids {
			f.Voids = fact.Not[int](open)
		}
		if fact.Is(f.Valid, true) {
			f.Valid = fact.Not[bool](open)
		}
	}
	return f, nil
})
