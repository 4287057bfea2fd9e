package lab

import (
	"maps"
	"net/http"
	"net/url"
)

// redirects makes a starter for an http server that sends every request to
// the same path of its https twin. The target's host comes from the place,
// never from the request, or the server would be an open redirect.
func redirects(status int) starter {
	return clearText(func(p place) http.Handler {
		base := p.https
		if base == nil {
			base = &url.URL{Scheme: "https", Host: hostOnly(p)}
		}
		return redirectTo(base, status)
	})
}

// redirectsElsewhere is as good as redirects, but for the host: .invalid never
// exists (RFC 2606), so nobody is contacted who follows it.
func redirectsElsewhere() starter {
	return clearText(func(place) http.Handler {
		return redirectTo(&url.URL{Scheme: "https", Host: "may-khac.invalid"}, http.StatusMovedPermanently)
	})
}

func redirectTo(base *url.URL, status int) http.Handler {
	dress := clearPages().headers
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), dress)
		target := url.URL{Scheme: base.Scheme, Host: base.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", target.String())
		say(w, status, "Trang này ở "+base.Scheme+"://"+base.Host+"\n")
	})
}

// hostOnly gives the listener's address without its port, as a URL writes it.
func hostOnly(p place) string {
	a := p.addr.Addr()
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}
