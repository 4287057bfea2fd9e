package checks

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// PageCompression is the fact of http.compression: the two conditions of
// BREACH that can be seen from outside.
type PageCompression struct {
	Compresses bool             `json:"compresses" vi:"nén trang web gửi qua TLS khi được yêu cầu" en:"compresses its page over TLS when asked"`
	Encodings  []string         `json:"encodings" vi:"cách nén" en:"encodings"`
	Reflects   fact.Maybe[bool] `json:"reflects" vi:"nhắc lại tham số của yêu cầu trong trang" en:"mirrors a request's parameter in its page"`
}

// contentEncodings are those that compress and that browsers ask for.
var contentEncodings = []string{"gzip", "br", "zstd", "deflate"}

// HTTPCompression asks for the page of http.answer in every encoding, then in
// those that are left, until it comes as it is; then once with a parameter that
// nobody has used before.
var HTTPCompression = define(Check{
	ID:       "http.compression",
	Refs:     []string{"CVE-2013-3587", "RFC 9110 §8.4", "RFC 9110 §12.5.3"},
	Speaks:   inventory.OverHTTP,
	Touch:    Polite,
	Known:    fact.Observed,
	Requires: []*Check{HTTPAnswer},
}, func(ctx context.Context, p *Probe) (PageCompression, error) {
	before := Read[Answer](p, HTTPAnswer)
	u, err := url.Parse(before.URL)
	if err != nil || u.Scheme != "https" {
		return PageCompression{}, fact.Because(fact.Prerequisite, "http.answer came without TLS")
	}
	f := PageCompression{Encodings: []string{}}
	for left := slices.Clone(contentEncodings); len(left) > 0; {
		pg, err := p.getIn(ctx, u, nil, strings.Join(left, ", "))
		if err != nil {
			return PageCompression{}, err
		}
		if pg.Status != before.Status {
			return PageCompression{}, otherAnswer(pg, before)
		}
		chosen := encodingOf(pg)
		i := slices.Index(left, chosen)
		if chosen != "" && !slices.Contains(f.Encodings, chosen) {
			f.Encodings = append(f.Encodings, chosen)
		}
		if i < 0 {
			break // as it is, or in one that was not asked for
		}
		left = slices.Delete(left, i, i+1)
	}
	f.Compresses = len(f.Encodings) > 0
	f.Reflects = p.reflects(ctx, u, before)
	return f, nil
})

func otherAnswer(pg *page, before Answer) *fact.Unknown {
	return unanswered(fmt.Sprintf("answers with status %d, and with %d before", pg.Status, before.Status))
}

// encodingOf gives the encoding that compresses an answer; "" if none does.
func encodingOf(pg *page) string {
	for token := range strings.SplitSeq(strings.Join(pg.Header.Values("Content-Encoding"), ","), ",") {
		token = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(token)), "x-") // x-gzip: RFC 9110 §8.4.1.3
		if slices.Contains(contentEncodings, token) {
			return token
		}
	}
	return ""
}

// reflects adds a harmless parameter and looks for it in the page.
func (p *Probe) reflects(ctx context.Context, u *url.URL, before Answer) fact.Maybe[bool] {
	token := strings.ToLower(rand.Text())
	asked := *u
	asked.RawQuery = strings.TrimPrefix(asked.RawQuery+"&sansang="+token, "&")
	pg, err := p.get(ctx, &asked, nil)
	switch {
	case err != nil:
		return fact.Not[bool](fact.FromError(err))
	case pg.Status != before.Status:
		return fact.Not[bool](otherAnswer(pg, before))
	case bytes.Contains(pg.Body, []byte(token)):
		return fact.Known(true)
	case encodingOf(pg) != "":
		return fact.Not[bool](unanswered("compresses the page unasked; it is not unpacked"))
	case pg.Cut != nil:
		return fact.Not[bool](fact.FromError(blame(pg.Cut)))
	}
	return fact.Known(false)
}
