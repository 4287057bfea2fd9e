package checks

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Headers is the fact of http.headers. What protects a page is Unknown where
// the answer is no page: a redirect or an API needs none of it.
type Headers struct {
	HSTS           bool  `json:"hsts" vi:"có HSTS hợp lệ" en:"valid HSTS"`
	HSTSMaxAge     int64 `json:"hsts_max_age" vi:"thời hạn HSTS (giây)" en:"HSTS max-age (seconds)"`
	HSTSSubdomains bool  `json:"hsts_subdomains" vi:"HSTS gồm cả tên miền con" en:"HSTS covers subdomains"`
	HSTSPreload    bool  `json:"hsts_preload" vi:"HSTS xin vào danh sách nạp sẵn" en:"HSTS asks to be preloaded"`

	CSP               fact.Maybe[bool] `json:"csp" vi:"có chính sách CSP" en:"CSP present"`
	CSPReportOnly     fact.Maybe[bool] `json:"csp_report_only" vi:"có CSP chỉ báo cáo" en:"report-only CSP present"`
	CSPSrc            fact.Maybe[bool] `json:"csp_default_or_script_src" vi:"CSP có default-src hoặc script-src" en:"CSP has default-src or script-src"`
	CSPObjectNone     fact.Maybe[bool] `json:"csp_object_src_none" vi:"CSP cấm trình cắm (object-src 'none')" en:"CSP forbids plug-ins (object-src 'none')"`
	CSPBaseNone       fact.Maybe[bool] `json:"csp_base_uri_none" vi:"CSP cấm thẻ base (base-uri 'none')" en:"CSP forbids base elements (base-uri 'none')"`
	CSPFrameAncestors fact.Maybe[bool] `json:"csp_frame_ancestors" vi:"CSP có frame-ancestors" en:"CSP has frame-ancestors"`
	CSPUnsafeInline   fact.Maybe[bool] `json:"csp_unsafe_inline" vi:"CSP cho chạy mã nội tuyến ('unsafe-inline')" en:"CSP lets inline script run ('unsafe-inline')"`
	CSPUnsafeEval     fact.Maybe[bool] `json:"csp_unsafe_eval" vi:"CSP cho chạy mã từ chuỗi chữ ('unsafe-eval')" en:"CSP lets text run as script ('unsafe-eval')"`
	CSPAnywhere       fact.Maybe[bool] `json:"csp_script_anywhere" vi:"CSP cho nạp mã từ bất kỳ đâu (*, https:, data:)" en:"CSP lets script load from anywhere (*, https:, data:)"`
	FramingProtected  fact.Maybe[bool] `json:"framing_protected" vi:"chống bị nhúng khung từ trang khác" en:"protected from framing by other sites"`

	NoSniff           bool   `json:"nosniff" vi:"có X-Content-Type-Options: nosniff" en:"X-Content-Type-Options: nosniff present"`
	ReferrerPolicy    string `json:"referrer_policy" vi:"Referrer-Policy có hiệu lực" en:"Referrer-Policy in effect"`
	ReferrerUnsafe    bool   `json:"referrer_unsafe" vi:"Referrer-Policy gửi cả đường dẫn cho trang khác" en:"Referrer-Policy sends whole addresses to other sites"`
	PermissionsPolicy bool   `json:"permissions_policy" vi:"có Permissions-Policy" en:"Permissions-Policy present"`
	COOP              string `json:"coop" vi:"Cross-Origin-Opener-Policy" en:"Cross-Origin-Opener-Policy"`
	COEP              string `json:"coep" vi:"Cross-Origin-Embedder-Policy" en:"Cross-Origin-Embedder-Policy"`
	CORP              string `json:"corp" vi:"Cross-Origin-Resource-Policy" en:"Cross-Origin-Resource-Policy"`
}

// HTTPHeaders reads the security headers of http.answer, and the policies that
// the page has in meta elements beside them.
var HTTPHeaders = define(Check{
	ID:       "http.headers",
	Refs:     []string{"RFC 6797 §6.1", "RFC 7034", "W3C CSP Level 3", "W3C Referrer Policy", "WHATWG Fetch (nosniff)"},
	Speaks:   inventory.OverHTTP,
	Touch:    Passive,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
	MayRead:  []*Check{HTTPPage},
}, func(_ context.Context, p *Probe) (Headers, error) {
	a := Read[Answer](p, HTTPAnswer)
	f := Headers{
		NoSniff:           strings.EqualFold(strings.TrimSpace(firstOfList(a.All("X-Content-Type-Options"))), "nosniff"),
		ReferrerPolicy:    referrerPolicy(a.All("Referrer-Policy")),
		PermissionsPolicy: strings.TrimSpace(a.First("Permissions-Policy")) != "",
		COOP:              isolation(a, "Cross-Origin-Opener-Policy"), COEP: isolation(a, "Cross-Origin-Embedder-Policy"),
		CORP: isolation(a, "Cross-Origin-Resource-Policy"),
	}
	f.ReferrerUnsafe = f.ReferrerPolicy == "unsafe-url" || f.ReferrerPolicy == "no-referrer-when-downgrade"
	if strings.HasPrefix(a.URL, "https:") { // RFC 6797 §8.1: in clear it is ignored
		f.HSTSMaxAge, f.HSTSSubdomains, f.HSTSPreload, f.HSTS = parseHSTS(a.First("Strict-Transport-Security"))
	}
	pg, unseen := Glance[Page](p, HTTPPage)
	var metas []string
	if unseen == nil {
		metas, unseen = pg.MetaCSP.Get()
	}
	f.page(a, metas, unseen)
	return f, nil
})

// isolation gives the first word of one of the headers that keep sites apart.
func isolation(a Answer, name string) string {
	value, _, _ := strings.Cut(a.First(name), ";")
	return oneLine(strings.ToLower(strings.TrimSpace(value)), 60)
}

// page fills in what protects a page. What no header says may still be said in
// a meta element: where those were not seen, "no" is not known either.
func (f *Headers) page(a Answer, metas []string, unseen *fact.Unknown) {
	headers := parsePolicies(a.All("Content-Security-Policy"))
	all := append(headers[:len(headers):len(headers)], metaPolicies(metas)...)
	say := func(v bool) fact.Maybe[bool] {
		if !a.Document {
			return fact.Not[bool](fact.Because(fact.Prerequisite, "http.answer is no HTML page"))
		}
		return fact.Known(v)
	}
	may := func(v, settled bool) fact.Maybe[bool] { // v, unless a meta element could change it
		if a.Document && unseen != nil && !settled {
			return fact.Not[bool](unseen)
		}
		return say(v)
	}
	either := func(holds func(policy) bool) fact.Maybe[bool] {
		v := slices.ContainsFunc(all, holds)
		return may(v, v)
	}
	// A policy of the headers that restricts scripts and lets none of them run
	// so cannot be loosened by another.
	strict := func(loose bool) bool { return !loose && slices.ContainsFunc(headers, policy.restrictsScript) }
	f.CSP = may(len(all) > 0, len(headers) > 0)
	f.CSPReportOnly = say(len(parsePolicies(a.All("Content-Security-Policy-Report-Only"))) > 0)
	f.CSPSrc = either(policy.restrictsScript)
	f.CSPObjectNone = either(policy.objectSrcNone)
	f.CSPBaseNone = either(policy.baseURINone)
	f.CSPFrameAncestors = say(slices.ContainsFunc(headers, func(p policy) bool { return p.has("frame-ancestors") }))
	f.CSPUnsafeInline = may(unsafeInline(all), strict(unsafeInline(headers)))
	f.CSPUnsafeEval = may(unsafeEval(all), strict(unsafeEval(headers)))
	f.CSPAnywhere = may(anywhere(all), strict(anywhere(headers)))
	f.FramingProtected = say(framingProtected(headers, a.All("X-Frame-Options")))
}

// parseHSTS reads Strict-Transport-Security: RFC 6797 §6.1. A directive given
// twice or a max-age that is no number makes it void; max-age=0 takes HSTS
// back. preload is no part of the RFC but of the browsers' list.
func parseHSTS(header string) (maxAge int64, subdomains, preload, valid bool) {
	seen := map[string]bool{}
	for directive := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(directive, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if name == "" {
			continue
		}
		if seen[name] {
			return 0, false, false, false
		}
		seen[name] = true
		if name == "max-age" {
			n, err := strconv.ParseUint(unquote(value), 10, 62)
			if err != nil {
				return 0, false, false, false
			}
			maxAge = int64(n)
		}
	}
	if maxAge == 0 {
		return 0, false, false, false
	}
	return maxAge, seen["includesubdomains"], seen["preload"], true
}

func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

var referrerPolicies = []string{
	"no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
	"origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url",
}

// referrerPolicy gives the policy in effect: the last that is known, as W3C
// Referrer Policy §8.1 lets sites name older ones as a fallback.
func referrerPolicy(headers []string) string {
	effective := ""
	for token := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		if token = strings.ToLower(strings.TrimSpace(token)); slices.Contains(referrerPolicies, token) {
			effective = token
		}
	}
	return effective
}

// firstOfList gives what stands before the first comma of all headers.
func firstOfList(headers []string) string {
	first, _, _ := strings.Cut(strings.Join(headers, ","), ",")
	return first
}
