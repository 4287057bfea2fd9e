// Package certlint judges the form of a certificate by the lints of zlint: what
// the standard says (RFC 5280 and its like), and what the browsers and the
// CA/Browser Forum demand of public authorities. It is the one place that knows
// zlint; its lints cost some milliseconds at the start of the program.
package certlint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3/lint"
	_ "github.com/zmap/zlint/v3/lints/apple"     // registers its lints, as do the others
	_ "github.com/zmap/zlint/v3/lints/cabf_br"   //
	_ "github.com/zmap/zlint/v3/lints/cabf_ev"   //
	_ "github.com/zmap/zlint/v3/lints/community" //
	_ "github.com/zmap/zlint/v3/lints/mozilla"   //
	_ "github.com/zmap/zlint/v3/lints/rfc"       //
)

// Finding is a lint that the certificate does not pass.
type Finding struct {
	Name     string // in zlint: "e_dnsname_not_valid_tld"
	Error    bool   // it breaks a MUST; else a SHOULD
	Source   string // who says so: "RFC 5280", "CA/B Forum BR", …
	Standard bool   // the source binds every certificate, not only those of public authorities
	Section  string // of the source, in zlint's words
	About    string // what the lint holds, in English
}

var sources = map[lint.LintSource]struct {
	name     string
	standard bool
}{
	lint.RFC3279: {"RFC 3279", true}, lint.RFC5280: {"RFC 5280", true}, lint.RFC5480: {"RFC 5480", true},
	lint.RFC5891: {"RFC 5891", true}, lint.RFC8813: {"RFC 8813", true},
	lint.CABFBaselineRequirements: {"CA/B Forum BR", false}, lint.CABFEVGuidelines: {"CA/B Forum EV", false},
	lint.MozillaRootStorePolicy: {"Mozilla", false}, lint.AppleRootStorePolicy: {"Apple", false}, lint.Community: {"community", false},
}

// outdated are lints whose rule was taken back after this version of zlint, and
// since when: the CA/Browser Forum made OCSP optional by ballot SC-063.
var outdated = map[string]time.Time{
	"e_sub_cert_aia_does_not_contain_ocsp_url": time.Date(2024, 3, 15, 0, 0, 0, 0, time.UTC),
}

// Lint lists by name what of a certificate (DER) is not in form. A lint applies
// if it was in force when the certificate began. An error means that zlint
// cannot read it, or fails at it.
func Lint(der []byte) (out []Finding, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("zlint fails: %v", r)
		}
	}()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	out = []Finding{}
	registry := lint.GlobalRegistry()
	for _, l := range registry.CertificateLints().Lints() {
		status := l.Execute(c, registry.GetConfiguration()).Status
		if ended, ok := outdated[l.Name]; status < lint.Warn || ok && !c.NotBefore.Before(ended) {
			continue
		}
		of := sources[l.Source]
		out = append(out, Finding{Name: l.Name, Error: status >= lint.Error, Source: of.name, Standard: of.standard, Section: l.Citation, About: l.Description})
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
