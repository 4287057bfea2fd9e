package checks

import (
	"context"
	"net/http"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// CORS is the fact of http.cors: whom the page lets read its answers.
type CORS struct {
	AllowOrigin string           `json:"allow_origin" vi:"Access-Control-Allow-Origin trả cho nguồn lạ" en:"Access-Control-Allow-Origin given to a foreign origin"`
	Universal   bool             `json:"universal" vi:"cho mọi nguồn đọc (*)" en:"lets every origin read (*)"`
	Reflected   bool             `json:"reflected" vi:"cho bất kỳ nguồn nào vừa hỏi đọc (nhắc lại Origin)" en:"lets whatever origin asks read (mirrors Origin)"`
	Null        fact.Maybe[bool] `json:"null_allowed" vi:"cho nguồn \"null\" đọc" en:"lets the origin \"null\" read"`
	Credentials bool             `json:"credentials" vi:"cho nguồn lạ đọc kèm cookie đăng nhập" en:"lets the foreign origin read with cookies"`
	NullCookies fact.Maybe[bool] `json:"null_credentials" vi:"cho nguồn \"null\" đọc kèm cookie đăng nhập" en:"lets the origin \"null\" read with cookies"`
}

// foreignOrigin is a site that exists nowhere: RFC 6761 §6.4.
const foreignOrigin = "https://sansang-probe.invalid"

// HTTPCORS asks for the page of http.answer as script of a foreign site would,
// and of a page that has no origin.
var HTTPCORS = define(Check{
	ID:       "http.cors",
	Refs:     []string{"WHATWG Fetch §3.2 (CORS protocol)", "CWE-942"},
	Speaks:   inventory.OverHTTP,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (CORS, error) {
	u, unseen := openPage(Read[Answer](p, HTTPAnswer))
	if unseen != nil {
		return CORS{}, unseen
	}
	s := p.session(ctx, u)
	defer s.close()
	asks := func(origin string) (*page, *fact.Unknown) {
		pg, err := s.ask(asking{Path: u.RequestURI(), Header: http.Header{"Origin": {origin}}})
		switch {
		case err != nil:
			return nil, fact.FromError(err)
		case pg.Status >= 500 || busy(pg):
			return nil, unanswered("answers with " + http.StatusText(pg.Status))
		}
		return pg, nil
	}
	pg, unseen := asks(foreignOrigin)
	if unseen != nil {
		return CORS{}, unseen
	}
	f := CORS{AllowOrigin: oneLine(allowOrigin(pg), 200)}
	f.Universal, f.Reflected = f.AllowOrigin == "*", f.AllowOrigin == foreignOrigin
	f.Credentials = f.Reflected && withCookies(pg)
	if pg, unseen = asks("null"); unseen != nil {
		f.Null, f.NullCookies = fact.Not[bool](unseen), fact.Not[bool](unseen)
	} else {
		allowed := allowOrigin(pg) == "null"
		f.Null, f.NullCookies = fact.Known(allowed), fact.Known(allowed && withCookies(pg))
	}
	return f, nil
})

// allowOrigin gives the header as browsers compare it: all values together,
// byte by byte.
func allowOrigin(pg *page) string {
	return strings.TrimSpace(strings.Join(pg.Header.Values("Access-Control-Allow-Origin"), ", "))
}

func withCookies(pg *page) bool { return pg.Header.Get("Access-Control-Allow-Credentials") == "true" }
