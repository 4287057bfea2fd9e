package checks

import (
	"context"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// DMARC is the fact of mail.dmarc.
type DMARC struct {
	Records    int      `json:"records" vi:"số bản ghi DMARC (phải là 1)" en:"DMARC records (must be 1)"`
	At         string   `json:"at" vi:"tên miền mang bản ghi" en:"domain that has the record"`
	Record     string   `json:"record" vi:"bản ghi" en:"record"`
	Policy     string   `json:"policy" vi:"chính sách áp dụng cho tên miền này (none, quarantine, reject; trống: không có)" en:"policy for this domain (none, quarantine, reject; empty: there is none)"`
	Subdomains string   `json:"subdomain_policy" vi:"chính sách cho tên miền con" en:"policy for subdomains"`
	Percent    int      `json:"percent" vi:"áp dụng cho bao nhiêu phần trăm thư (pct)" en:"percentage of mail that it applies to (pct)"`
	Testing    bool     `json:"testing" vi:"đang thử (t=y)" en:"in testing (t=y)"`
	Inherited  bool     `json:"inherited" vi:"lấy từ tên miền của tổ chức" en:"comes from the organisation's domain"`
	Reports    []string `json:"rua" vi:"nơi nhận báo cáo tổng hợp (rua)" en:"where aggregate reports go (rua)"`
	Failures   []string `json:"ruf" vi:"nơi nhận báo cáo từng thư (ruf)" en:"where failure reports go (ruf)"`
	Refused    []string `json:"unauthorised" vi:"địa chỉ ở tổ chức khác chưa đồng ý nhận báo cáo" en:"addresses elsewhere that do not say that they take reports"`
	Problems   []string `json:"problems" vi:"lỗi" en:"problems"`
}

// MailDMARC reads the DMARC record of the domain, or the one that it inherits.
var MailDMARC = define(Check{
	ID:     "mail.dmarc",
	Refs:   []string{"RFC 7489 §6.3", "RFC 7489 §6.6.3", "RFC 7489 §7.1", "RFC 9989", "BOD 18-01"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (DMARC, error) {
	if _, err := p.zone(ctx); err != nil {
		return DMARC{}, err
	}
	d, err := mailauth.ReadDMARC(ctx, mailNames{p}, p.domain())
	if err != nil {
		return DMARC{}, err
	}
	return DMARC{Records: d.Records, At: d.At, Record: oneLine(d.Record, 200), Policy: d.Policy, Subdomains: d.Subdomains, Percent: d.Percent, Testing: d.Testing,
		Inherited: d.At != p.domain(), Reports: listed(d.Aggregate), Failures: listed(d.Failure), Refused: listed(d.Refused), Problems: d.Problems}, nil
})
