package checks

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Disclosure is the fact of http.disclosure.
type Disclosure struct {
	Versions   []string         `json:"versions" vi:"phiên bản phần mềm bị lộ, kèm nơi lộ" en:"software versions disclosed, and where"`
	Addresses  []string         `json:"addresses" vi:"địa chỉ IP nội bộ bị lộ trong tiêu đề, cookie, kèm nơi lộ" en:"internal IP addresses disclosed in headers and cookies, and where"`
	StackTrace fact.Maybe[bool] `json:"stack_trace" vi:"trang lỗi lộ vết ngăn xếp" en:"error page discloses a stack trace"`
	TraceKind  string           `json:"stack_trace_kind" vi:"ngôn ngữ của vết ngăn xếp" en:"language of the stack trace"`
}

// HTTPDisclosure looks for versions and stack traces in http.answer and in two
// error pages: of a path that does not exist, and of a request that is no
// proper HTTP. Each is recognised by what it says, not by its status.
var HTTPDisclosure = define(Check{
	ID:       "http.disclosure",
	Refs:     []string{"RFC 9110 §10.2.4", "RFC 9110 §17.12", "CWE-209", "CWE-497"},
	Speaks:   inventory.OverHTTP,
	Touch:    Intrusive, // a malformed request is what no browser sends
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (Disclosure, error) {
	f := Disclosure{Versions: []string{}, Addresses: []string{}}
	header := http.Header{}
	for _, h := range Read[Answer](p, HTTPAnswer).Headers {
		header.Add(h.Name, h.Value)
	}
	f.versionsIn(header)
	f.addressesIn(header, p.Endpoint.Host())
	pages, unseen := p.errorPages(ctx)
	var kinds []string
	for _, pg := range pages {
		f.versionsIn(pg.Header)
		f.addressesIn(pg.Header, p.Endpoint.Host())
		f.versionsInError(pg.Body)
		kinds = append(kinds, traceIn(pg.Body)...)
	}
	slices.Sort(f.Versions)
	slices.Sort(f.Addresses)
	f.TraceKind = strings.Join(slices.Compact(slices.Sorted(slices.Values(kinds))), ", ")
	switch {
	case len(kinds) > 0:
		f.StackTrace = fact.Known(true)
	case unseen != nil:
		f.StackTrace = fact.Not[bool](unseen)
	default:
		f.StackTrace = fact.Known(false)
	}
	return f, nil
})

// errorPages asks for both. unseen tells why one of them was not seen whole,
// or that the server only redirected: then no error page was seen at all.
func (p *Probe) errorPages(ctx context.Context) (pages []*page, unseen *fact.Unknown) {
	u := unlikely(p.Endpoint.URL())
	redirects := 0
	for _, ask := range []func() (*page, error){
		func() (*page, error) { return p.get(ctx, u, nil) },
		func() (*page, error) { return p.request(ctx, u, malformed(u)) },
	} {
		pg, err := ask()
		if err == nil {
			pages = append(pages, pg)
			err = pg.Cut
			if pg.Status/100 == 3 {
				redirects++
			}
		}
		if err != nil && unseen == nil {
			unseen = fact.FromError(blame(err))
			unseen = fact.Because(unseen.Cause, "an error page was not seen whole: "+unseen.Detail)
		}
	}
	if redirects == len(pages) && unseen == nil {
		unseen = unanswered("the server redirects instead of showing an error page")
	}
	return pages, unseen
}

// malformed writes a request with a percent sign that encodes nothing and with
// characters that no address may have. Every server has an answer for it, and
// no server acts on it.
func malformed(u *url.URL) func(io.Writer, string) error {
	return func(w io.Writer, host string) error {
		_, err := fmt.Fprintf(w, "GET %s/%%zz?{%%22| HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: text/html, */*;q=0.5\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n", u.Path, host, UserAgent)
		return err
	}
}

// telling are the headers in which software names itself.
var telling = []string{
	"Server", "X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator", "X-Powered-CMS", "Via",
	"X-OWA-Version", "MicrosoftSharePointTeamServices", "Liferay-Portal", "X-Jenkins", "X-Drupal-Version", "X-PHP-Version",
}

var (
	// aVersion is a number with a dot, or one after the name of a product.
	aVersion = regexp.MustCompile(`\d+\.\d+|[A-Za-z][/ ]v?\d+\b`)
	// protocolVersion is what Via must say and what says nothing of software.
	protocolVersion = regexp.MustCompile(`(?i)\b(?:https?/)?[0-3]\.[01]\s+`)
	// errorProduct is how servers sign the error pages that they ship with.
	errorProduct = regexp.MustCompile(`\b(?:nginx|openresty|Apache Tomcat|Apache|Microsoft-IIS|Jetty|JBoss|WildFly|GlassFish[\w ]*|PHP|lighttpd|Werkzeug|gunicorn|Phusion Passenger|squid|Microsoft \.NET Framework Version|ASP\.NET Version)[/: ]\(?v?\d+(?:\.\d+)+`)
)

func (f *Disclosure) versionsIn(h http.Header) {
	for _, name := range telling {
		for _, value := range h.Values(name) {
			said := value
			if name == "Via" {
				said = protocolVersion.ReplaceAllString(value, "")
			}
			if aVersion.MatchString(said) {
				f.add(name + ": " + value)
			}
		}
	}
}

func (f *Disclosure) versionsInError(body []byte) {
	for _, m := range errorProduct.FindAll(body, 8) {
		f.add("error page: " + string(m))
	}
}

func (f *Disclosure) add(s string) { f.Versions = once(f.Versions, s) }

func once(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
