package checks

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// SecurityTxt is the fact of http.security_txt: the contact for those who found
// a hole. Without a file the rest is empty.
type SecurityTxt struct {
	Found       bool                  `json:"found" vi:"có tệp security.txt" en:"security.txt is there"`
	URL         string                `json:"url" vi:"địa chỉ tệp" en:"address of the file"`
	WellKnown   bool                  `json:"well_known" vi:"ở /.well-known/ qua HTTPS" en:"at /.well-known/ over HTTPS"`
	ContentType string                `json:"content_type" vi:"kiểu nội dung" en:"content type"`
	Contacts    []string              `json:"contacts" vi:"các đầu mối (Contact)" en:"contacts (Contact)"`
	Expires     fact.Maybe[time.Time] `json:"expires" vi:"hết hạn lúc (Expires)" en:"expires at (Expires)"`
	Expired     fact.Maybe[bool]      `json:"expired" vi:"đã hết hạn" en:"expired"`
	Canonical   []string              `json:"canonical" vi:"địa chỉ chính thức (Canonical)" en:"canonical addresses (Canonical)"`
	Signed      bool                  `json:"signed" vi:"có chữ ký OpenPGP (không kiểm tra chữ ký)" en:"signed by OpenPGP (the signature is not verified)"`
	Mistakes    []string              `json:"mistakes" vi:"lỗi so với RFC 9116" en:"mistakes against RFC 9116"`
}

// securityTxtPlaces are where the file may be, the second for old sites only:
// RFC 9116 §3.
var securityTxtPlaces = []string{"/.well-known/security.txt", "/security.txt"}

// HTTPSecurityTxt asks for the file and follows redirects where the scan may go.
var HTTPSecurityTxt = define(Check{
	ID:       "http.security_txt",
	Refs:     []string{"RFC 9116"},
	Speaks:   inventory.OverHTTP,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (SecurityTxt, error) {
	s := p.session(ctx, p.Endpoint.URL())
	defer s.close()
	var unseen *fact.Unknown
	for _, path := range securityTxtPlaces {
		pg, err := p.followed(s, path)
		if err != nil {
			unseen = fact.FromError(err)
			continue
		}
		if u := unreadable(pg); u != nil || pg.Status == http.StatusForbidden {
			unseen = fact.Because(fact.Blocked, fmt.Sprintf("%s is answered with %d", path, pg.Status))
			if u != nil {
				unseen = u
			}
			continue
		}
		if pg.Status != http.StatusOK {
			if !slices.Contains([]int{http.StatusNotFound, http.StatusGone, http.StatusUnauthorized}, pg.Status) && unseen == nil {
				unseen = unanswered(fmt.Sprintf("%s is answered with %d", path, pg.Status))
			}
			continue
		}
		if f, is := readSecurityTxt(pg.Body); is {
			return f.from(pg, path, p.Now()), nil
		}
		if unseen == nil {
			unseen = s.everywhereAlike(pg)
		}
	}
	if unseen != nil {
		return SecurityTxt{}, unseen
	}
	none := fact.Because(fact.Prerequisite, "there is no security.txt")
	return SecurityTxt{Contacts: []string{}, Canonical: []string{}, Mistakes: []string{}, Expires: fact.Not[time.Time](none), Expired: fact.Not[bool](none)}, nil
})

// everywhereAlike tells of a page that comes at every address, the front page
// too: it may be a filter's, and then the file was not seen.
func (s *session) everywhereAlike(pg *page) *fact.Unknown {
	front, err := s.get(s.at.RequestURI())
	if err != nil {
		return fact.FromError(err)
	}
	if alike(front, pg) {
		return fact.Because(fact.Blocked, "every path is answered with the same page")
	}
	return nil
}

// followed asks for a path and goes where redirects lead, at most three.
func (p *Probe) followed(s *session, path string) (*page, error) {
	pg, err := s.get(path)
	for range 3 {
		if err != nil {
			return nil, err
		}
		to, is, bad := pg.redirect()
		if !is || bad != nil {
			return pg, nil
		}
		if p.sameOrigin(s.at, to) {
			pg, err = s.get(to.RequestURI())
		} else {
			pg, err = p.get(s.ctx, to, nil)
		}
	}
	return pg, err
}

func (f SecurityTxt) from(pg *page, path string, now time.Time) SecurityTxt {
	f.Found, f.URL, f.ContentType = true, pg.URL.String(), oneLine(pg.Header.Get("Content-Type"), 100)
	f.WellKnown = path == securityTxtPlaces[0] && pg.URL.Scheme == "https"
	wrong := func(format string, a ...any) { f.Mistakes = append(f.Mistakes, fmt.Sprintf(format, a...)) }
	if !f.WellKnown {
		wrong("not at https://…%s: §3", securityTxtPlaces[0])
	}
	if t, _, _ := mime.ParseMediaType(f.ContentType); t != "text/plain" {
		wrong("content type is not text/plain: §3")
	}
	if len(f.Contacts) == 0 {
		wrong("no Contact: §2.5.3")
	}
	if at, unseen := f.Expires.Get(); unseen != nil {
		f.Expired = fact.Not[bool](unseen)
	} else {
		f.Expired = fact.Known(!now.Before(at))
		if at.After(now.AddDate(1, 0, 1)) {
			wrong("Expires is more than a year away: §2.5.5")
		}
	}
	if len(f.Canonical) > 0 && !slices.Contains(f.Canonical, pg.URL.String()) {
		wrong("no Canonical names this address: §2.5.2")
	}
	return f
}
