package checks

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/wire/h2"
)

// Entries is the fact of http.entries: the four ways in that people type. Twin
// is the name with www. before it, or without it where it has one.
type Entries struct {
	HTTP      Entry            `json:"http" vi:"http://tên" en:"http://name"`
	HTTPS     Entry            `json:"https" vi:"https://tên" en:"https://name"`
	TwinHTTP  Entry            `json:"twin_http" vi:"http://www.tên" en:"http://www.name"`
	TwinHTTPS Entry            `json:"twin_https" vi:"https://www.tên" en:"https://www.name"`
	Downgrade fact.Maybe[bool] `json:"downgrade" vi:"lối vào HTTPS đã xem chuyển về HTTP" en:"an HTTPS entry that was seen sends back to HTTP"`
	HTTP2     fact.Maybe[bool] `json:"http2" vi:"trả lời được qua HTTP/2" en:"answers over HTTP/2"`
}

// Entry is one way in.
type Entry struct {
	URL           fact.Maybe[string] `json:"url" vi:"địa chỉ" en:"address"`
	Live          fact.Maybe[bool]   `json:"live" vi:"có trả lời" en:"answers"`
	Status        fact.Maybe[int]    `json:"status" vi:"mã trạng thái HTTP" en:"HTTP status"`
	RedirectsTo   fact.Maybe[string] `json:"redirects_to" vi:"chuyển hướng tới" en:"redirects to"`
	Canonical     fact.Maybe[bool]   `json:"canonical" vi:"là địa chỉ chính (không chuyển đi nơi khác)" en:"is the canonical one (sends nowhere else)"`
	HSTS          fact.Maybe[bool]   `json:"hsts" vi:"có HSTS hợp lệ" en:"valid HSTS"`
	HSTSMaxAge    fact.Maybe[int64]  `json:"hsts_max_age" vi:"thời hạn HSTS (giây)" en:"HSTS max-age (seconds)"`
	HSTSSubdomain fact.Maybe[bool]   `json:"hsts_subdomains" vi:"HSTS gồm cả tên miền con" en:"HSTS covers subdomains"`
	HSTSPreload   fact.Maybe[bool]   `json:"hsts_preload" vi:"HSTS xin vào danh sách nạp sẵn" en:"HSTS asks to be preloaded"`
}

// HTTPEntries asks each way in for its front page once. The twin is asked for
// only where the scan may go.
var HTTPEntries = define(Check{
	ID:     "http.entries",
	Refs:   []string{"RFC 6797", "RFC 9113 §3.2", "BOD 18-01"},
	Speaks: inventory.OverHTTP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Entries, error) {
	plain, secure, u := p.ways()
	if u != nil {
		return Entries{}, u
	}
	var f Entries
	f.HTTP, f.HTTPS = p.enter(ctx, plain), p.enter(ctx, secure)
	own := f.HTTPS
	if p.Endpoint.Kind == inventory.HTTP {
		own = f.HTTP
	}
	if _, unseen := own.Live.Get(); unseen != nil {
		return Entries{}, unseen
	}
	if twin, none := twinOf(p.Endpoint.Name()); none != nil {
		f.TwinHTTP, f.TwinHTTPS = unentered(none), unentered(none)
	} else {
		f.TwinHTTP, f.TwinHTTPS = p.enter(ctx, renamed(plain, twin)), p.enter(ctx, renamed(secure, twin))
	}
	f.Downgrade = f.downgrade()
	f.HTTP2 = p.speaksHTTP2(ctx, secure)
	return f, nil
})

// ways gives the addresses of the name itself.
func (p *Probe) ways() (plain, secure *url.URL, u *fact.Unknown) {
	own := p.Endpoint.URL()
	if own.Scheme == "http" {
		host := own.Hostname()
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return &url.URL{Scheme: "http", Host: own.Host, Path: "/"}, &url.URL{Scheme: "https", Host: host, Path: "/"}, nil
	}
	plain, err := p.plainURL()
	if err != nil {
		return nil, nil, fact.FromError(err)
	}
	return &url.URL{Scheme: "http", Host: plain.Host, Path: "/"}, &url.URL{Scheme: "https", Host: own.Host, Path: "/"}, nil
}

// twinOf gives the name that people take for the same.
func twinOf(name string) (string, *fact.Unknown) {
	if _, err := netip.ParseAddr(name); err == nil || !strings.Contains(name, ".") {
		return "", fact.Because(fact.Prerequisite, "declared by address, without a name")
	}
	if bare, is := strings.CutPrefix(strings.ToLower(name), "www."); is {
		return bare, nil
	}
	return "www." + name, nil
}

func renamed(u *url.URL, host string) *url.URL {
	if port := u.Port(); port != "" {
		host = net.JoinHostPort(host, port)
	}
	return &url.URL{Scheme: u.Scheme, Host: host, Path: "/"}
}

// enter asks one way in. A refused connection is an answer: nothing lives
// there.
func (p *Probe) enter(ctx context.Context, u *url.URL) Entry {
	pg, err := p.get(ctx, u, nil)
	if fact.Refused(err) {
		e := unentered(fact.Because(fact.Prerequisite, "nothing listens at "+u.Host))
		e.URL, e.Live = fact.Known(u.String()), fact.Known(false)
		return e
	}
	if err != nil {
		e := unentered(fact.FromError(err))
		e.URL = fact.Known(u.String())
		return e
	}
	e := Entry{URL: fact.Known(u.String()), Live: fact.Known(true), Status: fact.Known(pg.Status), RedirectsTo: fact.Known(""), Canonical: fact.Known(true)}
	if to, is, err := pg.redirect(); is && err == nil {
		e.RedirectsTo, e.Canonical = fact.Known(oneLine(to.String(), 500)), fact.Known(p.sameOrigin(u, to))
	} else if is {
		e.RedirectsTo, e.Canonical = fact.Not[string](unanswered("redirects to no web address")), fact.Known(false)
	}
	age, subdomains, preload, valid := int64(0), false, false, false
	if u.Scheme == "https" { // RFC 6797 §8.1: in clear it is ignored
		age, subdomains, preload, valid = parseHSTS(pg.Header.Get("Strict-Transport-Security"))
	}
	e.HSTS, e.HSTSMaxAge, e.HSTSSubdomain, e.HSTSPreload = fact.Known(valid), fact.Known(age), fact.Known(subdomains), fact.Known(preload)
	return e
}

func unentered(u *fact.Unknown) Entry {
	not := fact.Not[bool](u)
	return Entry{URL: fact.Not[string](u), Live: not, Status: fact.Not[int](u), RedirectsTo: fact.Not[string](u), Canonical: not,
		HSTS: not, HSTSMaxAge: fact.Not[int64](u), HSTSSubdomain: not, HSTSPreload: not}
}

// downgrade tells whether an HTTPS entry leads to plain HTTP.
func (f Entries) downgrade() fact.Maybe[bool] {
	to, unseen := f.HTTPS.RedirectsTo.Get()
	twin, _ := f.TwinHTTPS.RedirectsTo.Get()
	switch {
	case strings.HasPrefix(to, "http:"), strings.HasPrefix(twin, "http:"):
		return fact.Known(true)
	case unseen != nil && !fact.Is(f.HTTPS.Live, false):
		return fact.Not[bool](unseen)
	}
	return fact.Known(false)
}

// speaksHTTP2 agrees on HTTP/2 by ALPN and asks over it. A server that agrees
// on something else, or on nothing, has said that it does not.
func (p *Probe) speaksHTTP2(ctx context.Context, u *url.URL) fact.Maybe[bool] {
	address, name, host := p.place(u)
	speaks := false
	err := p.converse(ctx, address, func(ctx context.Context, conn net.Conn) error {
		c := tlsClient(name)
		c.NextProtos = []string{"h2", "http/1.1"}
		t, err := p.secure(ctx, conn, c)
		if err != nil {
			return err
		}
		if t.ConnectionState().NegotiatedProtocol != "h2" {
			return nil
		}
		_, err = h2.Ask(t, host, "/", UserAgent)
		speaks = err == nil
		return err
	})
	switch {
	case fact.Refused(err):
		return fact.Not[bool](fact.Because(fact.Prerequisite, "nothing listens at "+u.Host))
	case err != nil:
		return fact.Not[bool](fact.FromError(err))
	}
	return fact.Known(speaks)
}
