package checks

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/webpage"
)

// Page is the fact of http.page: what the front page itself says. Its lists are
// unknown where the page was not read to its end and nothing was found before.
type Page struct {
	Title         string               `json:"title" vi:"tiêu đề trang" en:"title"`
	Generator     string               `json:"generator" vi:"phần mềm tạo trang (meta generator)" en:"software that made it (meta generator)"`
	MetaCSP       fact.Maybe[[]string] `json:"meta_csp" vi:"chính sách CSP trong thẻ meta" en:"CSP in meta elements"`
	MetaReferrer  fact.Maybe[string]   `json:"meta_referrer" vi:"chính sách referrer trong thẻ meta" en:"referrer policy in a meta element"`
	WithoutSRI    fact.Maybe[[]string] `json:"without_sri" vi:"mã và kiểu dáng từ trang khác không kèm mã băm (integrity)" en:"scripts and styles from other sites without integrity"`
	MixedActive   fact.Maybe[[]string] `json:"mixed_active" vi:"mã, khung nạp qua HTTP không mã hóa" en:"scripts, styles and frames loaded over plain HTTP"`
	MixedPassive  fact.Maybe[[]string] `json:"mixed_passive" vi:"ảnh, âm thanh nạp qua HTTP không mã hóa" en:"images and media loaded over plain HTTP"`
	FormsInClear  fact.Maybe[[]string] `json:"forms_in_clear" vi:"biểu mẫu gửi tới HTTP không mã hóa" en:"forms that send to plain HTTP"`
	PasswordAsked fact.Maybe[bool]     `json:"password_asked" vi:"trang hỏi mật khẩu" en:"asks for a password"`
}

// HTTPPage reads the page of http.answer. Nothing that it names is fetched.
var HTTPPage = define(Check{
	ID:       "http.page",
	Refs:     []string{"W3C SRI", "W3C Mixed Content", "CSP 3 §3.3", "CWE-319", "CWE-353"},
	Speaks:   inventory.OverHTTP,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (Page, error) {
	before := Read[Answer](p, HTTPAnswer)
	if !before.Document {
		return Page{}, fact.Because(fact.Prerequisite, "http.answer is no HTML page")
	}
	u, err := url.Parse(before.URL)
	if err != nil {
		return Page{}, fact.Because(fact.Prerequisite, "http.answer has no address")
	}
	pg, err := p.get(ctx, u, nil)
	switch {
	case err != nil:
		return Page{}, err
	case pg.Status != before.Status:
		return Page{}, otherAnswer(pg, before)
	case encodingOf(pg) != "":
		return Page{}, unanswered("compresses the page unasked; it is not unpacked")
	}
	return p.pageFact(pg, before), nil
})

func (p *Probe) pageFact(pg *page, before Answer) Page {
	w := webpage.Read(pg.Body, pg.URL)
	var cut *fact.Unknown
	switch {
	case errors.Is(pg.Cut, errEnough), pg.Cut == nil && !w.Whole:
		cut = unanswered("the page is larger than what is read")
	case pg.Cut != nil:
		cut = fact.FromError(blame(pg.Cut))
	}
	f := Page{Title: oneLine(w.Title, 200), Generator: oneLine(w.Generator, 200)}
	upgraded := slices.ContainsFunc(parsePolicies(append(before.All("Content-Security-Policy"), w.CSP...)),
		func(p policy) bool { return p.has("upgrade-insecure-requests") })
	var sri, active, passive, forms []string
	for _, r := range w.Resources {
		if r.Code && !r.Integrity && !p.sameOrigin(pg.URL, r.URL) {
			sri = append(sri, plainAddress(r.URL))
		}
		if pg.URL.Scheme == "https" && r.URL.Scheme == "http" && !upgraded {
			if r.Active {
				active = append(active, plainAddress(r.URL))
			} else {
				passive = append(passive, plainAddress(r.URL))
			}
		}
	}
	for _, form := range w.Forms {
		if form.Action.Scheme == "http" && !upgraded && (pg.URL.Scheme == "https" || form.Password) {
			forms = append(forms, plainAddress(form.Action))
		}
	}
	f.WithoutSRI = halfListed(sri, cut)
	if f.MetaCSP = halfListed(w.CSP, nil); cut != nil && !w.Head { // another policy may follow, and tighten what was seen
		f.MetaCSP = fact.Not[[]string](cut)
	}
	f.MixedActive, f.MixedPassive, f.FormsInClear = halfListed(active, cut), halfListed(passive, cut), halfListed(forms, cut)
	f.MetaReferrer = half(oneLine(w.Referrer, 60), w.Referrer != "", cut)
	f.PasswordAsked = half(w.Password, w.Password, cut)
	return f
}

// half gives what was seen of a page that may have been cut off: what is there
// is known, what is not is known only of a whole page.
func half[T any](v T, there bool, cut *fact.Unknown) fact.Maybe[T] {
	if !there && cut != nil {
		return fact.Not[T](cut)
	}
	return fact.Known(v)
}

// halfListed is half of a list, each once, and at most fifty.
func halfListed(items []string, cut *fact.Unknown) fact.Maybe[[]string] {
	out := []string{}
	for _, s := range items {
		if s = oneLine(s, 500); !slices.Contains(out, s) && len(out) < 50 {
			out = append(out, s)
		}
	}
	return half(out, len(out) > 0, cut)
}

// plainAddress leaves out the query, which may hold tokens.
func plainAddress(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
