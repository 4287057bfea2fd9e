package checks

import (
	"context"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/mailauth"
)

// TLSReports is the fact of mail.tls_rpt.
type TLSReports struct {
	Records  int      `json:"records" vi:"số bản ghi TLS-RPT (phải là 1)" en:"TLS-RPT records (must be 1)"`
	Reports  []string `json:"rua" vi:"nơi nhận báo cáo" en:"where reports go"`
	Problems []string `json:"problems" vi:"lỗi" en:"problems"`
}

// MailTLSRPT reads where reports on TLS failures go.
var MailTLSRPT = define(Check{
	ID:     "mail.tls_rpt",
	Refs:   []string{"RFC 8460 §3"},
	Speaks: inventory.OverDNS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (TLSReports, error) {
	if _, err := p.zone(ctx); err != nil {
		return TLSReports{}, err
	}
	r, err := mailauth.ReadReports(ctx, mailNames{p}, p.domain())
	if err != nil {
		return TLSReports{}, err
	}
	return TLSReports{r.Records, listed(slices.Collect(lines(r.To))), r.Problems}, nil
})

// lines makes each of them one line.
func lines(all []string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, s := range all {
			if !yield(oneLine(s, 200)) {
				return
			}
		}
	}
}
