package checks

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// Methods is the fact of http.methods. What writes or deletes is never tried:
// it is announced or not.
type Methods struct {
	Announced fact.Maybe[[]string] `json:"announced" vi:"các phương thức máy chủ tự nêu (Allow)" en:"methods that the server announces (Allow)"`
	Trace     fact.Maybe[bool]     `json:"trace" vi:"TRACE nhắc lại yêu cầu" en:"TRACE mirrors the request"`
	Track     fact.Maybe[bool]     `json:"track" vi:"TRACK nhắc lại yêu cầu" en:"TRACK mirrors the request"`
}

// HTTPMethods asks which methods there are, and tries the two that do nothing
// but mirror the request.
var HTTPMethods = define(Check{
	ID:       "http.methods",
	Refs:     []string{"RFC 9110 §9.3.7", "RFC 9110 §9.3.8", "RFC 9110 §10.2.1", "CWE-693", "OWASP WSTG-CONF-06"},
	Speaks:   inventory.OverHTTP,
	Touch:    Intrusive, // no browser sends TRACE
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (Methods, error) {
	u, unseen := openPage(Read[Answer](p, HTTPAnswer))
	if unseen != nil {
		return Methods{}, unseen
	}
	s := p.session(ctx, u)
	defer s.close()
	f := Methods{Announced: announced(s, u), Trace: mirrors(s, u, "TRACE"), Track: mirrors(s, u, "TRACK")}
	_, none := f.Announced.Get()
	_, noTrace := f.Trace.Get()
	_, noTrack := f.Track.Get()
	if none != nil && noTrace != nil && noTrack != nil {
		return Methods{}, none
	}
	return f, nil
})

// announced reads Allow of the answer to OPTIONS. A refusal announces nothing.
func announced(s *session, u *url.URL) fact.Maybe[[]string] {
	pg, err := s.ask(asking{Method: http.MethodOptions, Path: u.RequestURI()})
	if unseen := noMethod(pg, err); unseen != nil {
		return fact.Not[[]string](unseen)
	}
	out := []string{}
	for token := range strings.SplitSeq(strings.Join(append(pg.Header.Values("Allow"), pg.Header.Values("Public")...), ","), ",") {
		token = oneLine(strings.ToUpper(strings.TrimSpace(token)), 30)
		if token != "" && len(out) < 40 && !slices.Contains(out, token) {
			out = append(out, token)
		}
	}
	slices.Sort(out)
	return fact.Known(out)
}

// mirrors sends a header that nobody has used before and looks for it in the
// body of the answer.
func mirrors(s *session, u *url.URL, method string) fact.Maybe[bool] {
	token := strings.ToLower(rand.Text())
	pg, err := s.ask(asking{Method: method, Path: u.RequestURI(), Header: http.Header{"X-Sansang": {token}}})
	switch unseen := noMethod(pg, err); {
	case unseen != nil:
		return fact.Not[bool](unseen)
	case pg.Status/100 == 2 && bytes.Contains(pg.Body, []byte(token)):
		return fact.Known(true)
	case pg.Status/100 == 2 && encodingOf(pg) != "":
		return fact.Not[bool](unanswered("compresses the answer unasked; it is not unpacked"))
	case pg.Status/100 == 2 && pg.Cut != nil:
		return fact.Not[bool](fact.FromError(blame(pg.Cut)))
	}
	return fact.Known(false)
}

// openPage gives the address of http.answer, unless that was only a door shut
// in our face: then nothing else that is refused tells anything.
func openPage(a Answer) (*url.URL, *fact.Unknown) {
	u, err := url.Parse(a.URL)
	switch {
	case err != nil:
		return nil, fact.Because(fact.Prerequisite, "http.answer has no address")
	case a.Status == http.StatusForbidden, a.Status == http.StatusTooManyRequests, a.Status >= 500:
		return nil, fact.Because(fact.Blocked, fmt.Sprintf("http.answer is %d", a.Status))
	}
	return u, nil
}

// noMethod says why an answer tells nothing of a method. 501 is the plainest
// refusal: RFC 9110 §9.1.
func noMethod(pg *page, err error) *fact.Unknown {
	switch {
	case err != nil:
		return fact.FromError(err)
	case busy(pg):
		return fact.Because(fact.Blocked, fmt.Sprintf("answers with %d", pg.Status))
	case pg.Status >= 500 && pg.Status != http.StatusNotImplemented:
		return unanswered(fmt.Sprintf("answers with %d", pg.Status))
	}
	return nil
}
