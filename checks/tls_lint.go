package checks

import (
	"cmp"
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/certlint"
	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Lints is the fact of tls.lint: what of the chain is not in form. Standards
// bind every certificate; what browsers and the CA/Browser Forum demand binds
// public authorities alone.
type Lints struct {
	StandardErrors   int64         `json:"standard_errors" vi:"số lỗi theo chuẩn chung (RFC 5280 và các RFC liên quan)" en:"errors by the common standards (RFC 5280 and its like)"`
	StandardWarnings int64         `json:"standard_warnings" vi:"số cảnh báo theo chuẩn chung" en:"warnings by the common standards"`
	PublicErrors     int64         `json:"public_errors" vi:"số lỗi theo quy định cho CA công cộng (CA/Browser Forum, trình duyệt)" en:"errors by the rules for public authorities (CA/Browser Forum, browsers)"`
	PublicWarnings   int64         `json:"public_warnings" vi:"số cảnh báo theo quy định cho CA công cộng" en:"warnings by the rules for public authorities"`
	Findings         []LintFinding `json:"findings" vi:"các điểm sai khuôn dạng, tối đa 64" en:"what is not in form, 64 at most"`
}

// LintFinding is one lint that one certificate of the chain does not pass.
type LintFinding struct {
	Position int64  `json:"position" vi:"vị trí trong chuỗi (0: máy chủ)" en:"place in the chain (0: the server's)"`
	Name     string `json:"name" vi:"tên quy tắc (zlint)" en:"name of the lint (zlint)"`
	Severity string `json:"severity" vi:"mức: error (trái điều bắt buộc) hoặc warning (trái điều nên làm)" en:"severity: error (breaks a MUST) or warning (a SHOULD)"`
	Source   string `json:"source" vi:"nguồn" en:"source"`
	Section  string `json:"section" vi:"mục" en:"section"`
	Standard bool   `json:"standard" vi:"thuộc chuẩn chung, ràng buộc mọi chứng thư số" en:"of a common standard, which binds every certificate"`
	About    string `json:"about" vi:"nội dung quy tắc (tiếng Anh)" en:"what the lint holds"`
}

const (
	maxLintFindings = 64
	maxLinted       = 8        // certificates of a chain
	maxLintedBytes  = 64 << 10 // of one
)

// TLSLint looks at the form of the leaf and its intermediates. A root that was
// sent along is left out: nobody reads it.
var TLSLint = define(Check{
	ID:     "tls.lint",
	Refs:   []string{"RFC 5280 §4", "RFC 8813", "CA/B Forum BR §7.1", "zlint v3.6.1"},
	Speaks: inventory.OverTLS,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Lints, error) {
	s, err := p.show(ctx)
	if err != nil {
		return Lints{}, err
	}
	return lintChain(s.chain)
})

func lintChain(chain []*x509.Certificate) (Lints, error) {
	f := Lints{Findings: []LintFinding{}}
	if len(chain) > maxLinted {
		return Lints{}, unanswered("a chain of too many certificates")
	}
	for i, c := range chain {
		if i > 0 && signsItself(c) {
			continue
		}
		if len(c.Raw) > maxLintedBytes {
			return Lints{}, unanswered("a certificate that is too large to be looked at")
		}
		found, err := certlint.Lint(c.Raw)
		if err != nil {
			return Lints{}, fact.Because(fact.Prerequisite, "zlint cannot read a certificate: "+unanswered(err.Error()).Detail)
		}
		for _, x := range found {
			f.add(i, x)
		}
	}
	slices.SortStableFunc(f.Findings, func(a, b LintFinding) int {
		return cmp.Or(truth(b.Standard)-truth(a.Standard), strings.Compare(a.Severity, b.Severity))
	})
	f.Findings = f.Findings[:min(len(f.Findings), maxLintFindings)]
	return f, nil
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *Lints) add(position int, x certlint.Finding) {
	severity := "warning"
	if x.Error {
		severity = "error"
	}
	switch {
	case x.Standard && x.Error:
		f.StandardErrors++
	case x.Standard:
		f.StandardWarnings++
	case x.Error:
		f.PublicErrors++
	default:
		f.PublicWarnings++
	}
	f.Findings = append(f.Findings, LintFinding{
		Position: int64(position), Name: x.Name, Severity: severity, Source: x.Source, Section: x.Section, Standard: x.Standard, About: x.About,
	})
}
