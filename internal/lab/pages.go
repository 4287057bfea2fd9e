package lab

import (
	"crypto/rand"
	"io"
	"log"
	"maps"
	"net/http"
	"time"
)

const frontPage = `<!DOCTYPE html>
<html lang="vi">
<head><meta charset="utf-8"><title>Trang thực hành</title></head>
<body>
<h1>Trang thực hành</h1>
<p>Máy chủ này chỉ dùng để tập quét và chỉ nghe trên máy của bạn.</p>
</body>
</html>
`

// pages is what a web site says: one HTML page at /, and how all its answers
// are dressed. Bad recipes spoil one field of good pages.
type pages struct {
	headers  http.Header
	cookies  []http.Cookie // with the front page; each gets a random value
	notFound string        // body of every 404
	skew     time.Duration // added to the Date header
	breach   bool          // compresses the front page, and mirrors its query in it
	front    string        // in place of the usual front page
	contact  string        // security.txt
	also     map[string]http.HandlerFunc
	first    func(http.ResponseWriter, *http.Request) (done bool)
}

// goodPages has every security header that makes sense over TLS.
func goodPages() pages {
	h := http.Header{}
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	return pages{
		headers: h,
		cookies: []http.Cookie{{
			Name: "__Host-session", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		}},
		notFound: "404 Không tìm thấy trang.\n",
		front:    frontPage,
		contact:  "Contact: mailto:antoan@example.test\nExpires: " + time.Now().AddDate(0, 3, 0).UTC().Format(time.RFC3339) + "\nPreferred-Languages: vi, en\n",
	}
}

// clearPages is what of goodPages makes sense without TLS: browsers ignore
// HSTS and Secure cookies that arrive in clear.
func clearPages() pages {
	p := goodPages()
	p.headers.Del("Strict-Transport-Security")
	p.cookies = nil
	return p
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), p.headers)
	w.Header().Set("Date", time.Now().Add(p.skew).UTC().Format(http.TimeFormat))
	if p.first != nil && p.first(w, r) {
		return
	}
	answer := p.also[r.URL.Path]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		say(w, http.StatusMethodNotAllowed, "405 Không nhận phương thức này.\n")
	case answer != nil:
		answer(w, r)
	case r.URL.Path == "/.well-known/security.txt" && p.contact != "":
		say(w, http.StatusOK, p.contact)
	case r.URL.Path != "/":
		say(w, http.StatusNotFound, p.notFound)
	default:
		for _, c := range p.cookies {
			c.Value = rand.Text()
			http.SetCookie(w, &c)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if p.breach {
			writeBreach(w, r)
			return
		}
		_, _ = io.WriteString(w, p.front)
	}
}

// say answers with a line of plain text.
func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// web makes a service of a handler. Its limits bound what a client can cost.
// It is never told to close: the gate cuts its connections.
func web(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      maxLife,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that break off are what a scan looks like
	}
}

// clearText makes a starter from a handler of plain http.
func clearText(handler func(place) http.Handler) starter {
	return func(p place) (service, error) {
		srv := web(handler(p))
		return func(g *gate) { _ = srv.Serve(g) }, nil
	}
}
