package checks

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Redirect is the fact of http.redirect. Where the port is closed or filtered
// there is no first answer, and all that rests on it is false or empty.
type Redirect struct {
	PlainURL  string               `json:"plain_url" vi:"địa chỉ HTTP không mã hóa" en:"plain HTTP address"`
	Open      bool                 `json:"open" vi:"cổng HTTP mở" en:"HTTP port open"`
	State     string               `json:"state" vi:"cổng HTTP: open (mở), closed (từ chối), filtered (im lặng)" en:"HTTP port: open, closed (refuses) or filtered (silent)"`
	Silent    int                  `json:"silent" vi:"số lần kết nối gặp im lặng" en:"connections that met silence"`
	Status    int                  `json:"status" vi:"mã trạng thái đầu tiên" en:"first status"`
	Location  string               `json:"location" vi:"địa chỉ chuyển hướng đầu tiên" en:"first address redirected to"`
	ToHTTPS   bool                 `json:"to_https" vi:"chuyển hướng ngay sang HTTPS" en:"redirects to HTTPS at once"`
	SameHost  bool                 `json:"same_host" vi:"chuyển hướng trên cùng tên máy chủ" en:"redirects on the same host"`
	Permanent bool                 `json:"permanent" vi:"chuyển hướng vĩnh viễn (301, 308)" en:"redirects for good (301, 308)"`
	Content   bool                 `json:"content" vi:"phục vụ nội dung không mã hóa" en:"serves content in clear"`
	EndsHTTPS fact.Maybe[bool]     `json:"ends_https" vi:"chuỗi chuyển hướng kết thúc ở HTTPS" en:"redirects end at HTTPS"`
	Hops      fact.Maybe[[]string] `json:"hops" vi:"các địa chỉ đã qua, theo thứ tự" en:"addresses passed, in order"`
}

const maxRedirects = 10

// HTTPRedirect asks for the endpoint over plain HTTP and follows where that
// leads. A refused connection is a fact: nothing is served in clear. So is a
// port that is silent time and again while the endpoint beside it answers.
var HTTPRedirect = define(Check{
	ID:     "http.redirect",
	Refs:   []string{"RFC 9110 §15.4", "RFC 6797 §7.2", "BOD 18-01"},
	Speaks: inventory.OverHTTP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Redirect, error) {
	u, err := p.plainURL()
	if err != nil {
		return Redirect{}, err
	}
	f := Redirect{PlainURL: u.String(), State: "open"}
	address, _, _ := p.place(u)
	alone := p.sameHost(address) && !p.crowded() && p.answers(ctx) // in a crowd silence may be our own doing; it is asked again alone
	before := p.Now()
	pg, err := p.get(ctx, u, nil)
	switch {
	case fact.Refused(err):
		f.none("closed", "nothing listens at "+u.Host)
		return f, nil
	case alone && silent(ctx, err) && p.filtered(ctx, address, before):
		f.none("filtered", "nothing comes back from "+u.Host)
		f.Silent = silentAttempts
		return f, nil
	case err != nil:
		return Redirect{}, err
	}
	if f.Content = pg.Status/100 == 2 && len(pg.Body) > 0; !f.Content && pg.Status/100 == 2 && pg.Cut != nil {
		return Redirect{}, blame(pg.Cut)
	}
	f.Open, f.Status, f.Location = true, pg.Status, pg.Header.Get("Location")
	f.Permanent = pg.Status == http.StatusMovedPermanently || pg.Status == http.StatusPermanentRedirect
	if to, is, err := pg.redirect(); is && err == nil {
		f.ToHTTPS = to.Scheme == "https"
		f.SameHost = strings.EqualFold(to.Hostname(), u.Hostname()) || p.isTarget(u.Hostname()) && p.isTarget(to.Hostname())
	}
	f.follow(ctx, p, pg)
	return f, nil
})

// none says that there is no first answer, and so no chain.
func (f *Redirect) none(state, why string) {
	f.State = state
	f.lost(fact.Because(fact.Prerequisite, why))
}

// plainURL is the address without encryption: the endpoint's own, the one it
// declares, or port 80 of its host.
func (p *Probe) plainURL() (*url.URL, error) {
	switch {
	case p.Endpoint.Kind == inventory.HTTP:
		return p.Endpoint.URL(), nil
	case p.Endpoint.Plain != "":
		u, err := inventory.ParseTarget(p.Endpoint.Plain)
		if err != nil || u.Scheme != "http" {
			return nil, fact.Because(fact.Prerequisite, "the declared plain address is no http URL")
		}
		return u, nil
	}
	host := p.Endpoint.Host()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return &url.URL{Scheme: "http", Host: host, Path: "/"}, nil
}

// follow goes where the first answer leads. A hop that was not seen leaves
// the end of the chain unknown, and the first answer as it is.
func (f *Redirect) follow(ctx context.Context, p *Probe, pg *page) {
	hops, jar := []string{pg.URL.String()}, cookieJar{}
	jar.keep(pg.Header, p.Now())
	for range maxRedirects {
		to, is, err := pg.redirect()
		if !is {
			f.EndsHTTPS, f.Hops = fact.Known(pg.URL.Scheme == "https"), fact.Known(hops)
			return
		}
		if err != nil {
			f.lost(unanswered("redirects to an address that is not followed: " + err.Error()))
			return
		}
		if !p.sameOrigin(pg.URL, to) {
			clear(jar) // another origin must not get them
		}
		if pg, err = p.get(ctx, to, jar); err != nil {
			f.lost(fact.FromError(err))
			return
		}
		jar.keep(pg.Header, p.Now())
		hops = append(hops, to.String())
	}
	f.lost(unanswered(fmt.Sprintf("more than %d redirects", maxRedirects)))
}

func (f *Redirect) lost(u *fact.Unknown) {
	f.EndsHTTPS, f.Hops = fact.Not[bool](u), fact.Not[[]string](u)
}
