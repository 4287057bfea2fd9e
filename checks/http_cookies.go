package checks

import (
	"context"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Cookies is the fact of http.cookies.
type Cookies struct {
	Cookies []Cookie `json:"cookies" vi:"các cookie máy chủ đặt" en:"cookies that the server sets"`
}

// Cookie is one cookie without its value.
type Cookie struct {
	Name     string `json:"name" vi:"tên cookie" en:"cookie name"`
	Session  bool   `json:"session" vi:"có tên của cookie phiên hoặc xác thực" en:"named like a session or login cookie"`
	Secure   bool   `json:"secure" vi:"có thuộc tính Secure" en:"Secure set"`
	HTTPOnly bool   `json:"http_only" vi:"có thuộc tính HttpOnly" en:"HttpOnly set"`
	SameSite string `json:"same_site" vi:"giá trị SameSite" en:"SameSite value"`
}

// HTTPCookies reads the cookies of http.answer and of the redirects before it.
// A cookie set twice in different ways is listed twice: both went out.
var HTTPCookies = define(Check{
	ID:       "http.cookies",
	Refs:     []string{"RFC 6265 §4.1", "RFC 6265 §5.2", "draft-ietf-httpbis-rfc6265bis (SameSite)"},
	Speaks:   inventory.OverHTTP,
	Touch:    Passive,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(_ context.Context, p *Probe) (Cookies, error) {
	f := Cookies{Cookies: []Cookie{}}
	for _, header := range Read[Answer](p, HTTPAnswer).All("Set-Cookie") {
		s, ok := parseSetCookie(header)
		if !ok || s.deletes(p.Now()) {
			continue
		}
		c := Cookie{Name: s.Name, Session: isSessionName(s.Name), Secure: s.Secure, HTTPOnly: s.HTTPOnly, SameSite: s.SameSite}
		if !slices.Contains(f.Cookies, c) {
			f.Cookies = append(f.Cookies, c)
		}
	}
	return f, nil
})

// sessionParts occur in the names of cookies that stand for a login; those in
// sessionWords do as a whole word.
var (
	sessionParts = []string{"sess", "token", "jwt", "auth", "login", "logged_in", "remember", "aspnetcore.cookies", "cfid", "saml"}
	sessionWords = []string{"sid", "ssid", "hsid", "sso", "ltpatoken2", "iplanetdirectorypro"}
	// notSession is what script must be able to read, or what the parts above
	// occur in by chance.
	notSession = []string{"csrf", "xsrf", "requestverificationtoken", "author_", "authors"}
)

// isSessionName tells a session or login cookie by its name. What is stolen
// with it is the login, so it must be out of reach of script and of plain HTTP.
func isSessionName(name string) bool {
	name = strings.ToLower(name)
	has := func(part string) bool { return strings.Contains(name, part) }
	if slices.ContainsFunc(notSession, has) {
		return false
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("-_.:", r) })
	return slices.ContainsFunc(sessionParts, has) ||
		slices.ContainsFunc(words, func(w string) bool { return slices.Contains(sessionWords, w) })
}
