package checks

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Answer is the fact of http.answer.
type Answer struct {
	URL         string   `json:"url" vi:"địa chỉ trả lời cuối cùng" en:"address that answered last"`
	Status      int      `json:"status" vi:"mã trạng thái HTTP" en:"HTTP status"`
	Location    string   `json:"location" vi:"địa chỉ chuyển hướng tới (Location)" en:"address redirected to (Location)"`
	ContentType string   `json:"content_type" vi:"kiểu nội dung" en:"content type"`
	Document    bool     `json:"document" vi:"là trang HTML (trạng thái 2xx)" en:"is an HTML page (status 2xx)"`
	Headers     []Header `json:"headers" vi:"các tiêu đề của câu trả lời" en:"headers of the answer"`
	Hops        []string `json:"hops" vi:"các địa chỉ đã hỏi, theo thứ tự" en:"addresses asked, in order"`
}

// Header is one header field of an answer.
type Header struct {
	Name  string `json:"name" vi:"tên tiêu đề" en:"header name"`
	Value string `json:"value" vi:"giá trị" en:"value"`
}

// All gives every value of a header, in order of arrival.
func (a Answer) All(name string) []string {
	var out []string
	for _, h := range a.Headers {
		if strings.EqualFold(h.Name, name) {
			out = append(out, h.Value)
		}
	}
	return out
}

// First gives the first value of a header, or "".
func (a Answer) First(name string) string { return append(a.All(name), "")[0] }

const answerRedirects = 5

// HTTPAnswer asks for the endpoint's own address as a browser would that just
// opened it. Redirects within the origin are followed; one that leads
// elsewhere is the answer. Headers are those of the last answer, with the
// Set-Cookie of every answer on the way: a browser keeps those too.
var HTTPAnswer = define(Check{
	ID:     "http.answer",
	Refs:   []string{"RFC 9110 §15", "RFC 9112", "RFC 6265 §5.3"},
	Speaks: inventory.OverHTTP,
	Touch:  Polite,
	Known:  fact.Observed,
}, func(ctx context.Context, p *Probe) (Answer, error) {
	u, jar := p.Endpoint.URL(), cookieJar{}
	a := Answer{Headers: []Header{}, Hops: []string{}}
	for range 1 + answerRedirects {
		pg, err := p.get(ctx, u, jar)
		if err != nil {
			return Answer{}, err
		}
		a.Hops = append(a.Hops, u.String())
		to, is, err := pg.redirect()
		if !is || err != nil || !p.sameOrigin(u, to) {
			return a.from(pg), nil
		}
		for _, v := range pg.Header.Values("Set-Cookie") {
			a.Headers = append(a.Headers, Header{"Set-Cookie", v})
		}
		jar.keep(pg.Header, p.Now())
		u = to
	}
	return Answer{}, unanswered(fmt.Sprintf("more than %d redirects", answerRedirects))
})

// from completes the fact from the last answer.
func (a Answer) from(pg *page) Answer {
	a.URL, a.Status = pg.URL.String(), pg.Status
	a.Location, a.ContentType = pg.Header.Get("Location"), pg.Header.Get("Content-Type")
	a.Document = pg.Status/100 == 2 && isHTML(a.ContentType, pg.Body)
	var names []string
	for name := range pg.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range pg.Header[name] {
			a.Headers = append(a.Headers, Header{name, value})
		}
	}
	return a
}

// isHTML trusts the declared type; only where there is none does it look, as
// browsers do.
func isHTML(contentType string, body []byte) bool {
	if contentType == "" {
		contentType = http.DetectContentType(body)
	}
	t, _, _ := mime.ParseMediaType(contentType) // the type is there even if a parameter is malformed
	return t == "text/html" || t == "application/xhtml+xml"
}

// sameOrigin tells whether a redirect stays where it was: RFC 6454 §5, where
// the endpoint's address and its name count as one host.
func (p *Probe) sameOrigin(a, b *url.URL) bool {
	addressA, _, _ := p.place(a)
	addressB, _, _ := p.place(b)
	return a.Scheme == b.Scheme && strings.EqualFold(addressA, addressB)
}
