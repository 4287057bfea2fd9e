package checks

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/webpage"
)

// wall asks for the first control and says why the paths can tell nothing; nil
// if they can.
func (w *walk) wall(front *page) *fact.Unknown {
	pg, err := w.fetch(wanted{path: unlikely(w.at).RequestURI()})
	if err != nil {
		return fact.FromError(err)
	}
	w.first = pg
	switch u := unreadable(pg); {
	case u != nil:
		return u
	case pg.Status == http.StatusForbidden:
		return fact.Because(fact.Blocked, "a path that does not exist is answered with 403")
	case front != nil && w.elsewhere(front, pg):
		return fact.Because(fact.Blocked, "every path is sent to the same place elsewhere")
	case front == nil || !alike(front, pg) || slices.Contains([]int{301, 302, 303, 307, 308, 401, 404, 410}, pg.Status):
		return nil
	}
	// Some applications answer every path with their one page, and so do
	// filters; only the former have parts beside it.
	if part := w.part(front); part != "" {
		if other, err := w.fetch(wanted{path: part}); err == nil && other.Status/100 == 2 && !alike(other, front) {
			return nil
		}
	}
	return fact.Because(fact.Blocked, "every path is answered with the same page")
}

// elsewhere tells of two answers that lead to one and the same place on another
// host: it may be a filter's. The twin of the name is no other host.
func (w *walk) elsewhere(a, b *page) bool {
	toA, isA, errA := a.redirect()
	toB, isB, errB := b.redirect()
	if !isA || !isB || errA != nil || errB != nil || toA.String() != toB.String() {
		return false
	}
	twin, _ := twinOf(w.p.Endpoint.Name())
	return !w.p.isTarget(toA.Hostname()) && !strings.EqualFold(toA.Hostname(), w.at.Hostname()) && !strings.EqualFold(toA.Hostname(), twin)
}

// guardParts are where filters keep the scripts of their own pages.
var guardParts = []string{"/TSPD/", "/_Incapsula_Resource", "/cdn-cgi/", "/_sec/", "/."}

// part is a file that the page loads from its own origin, or "". What has no
// extension may be the script of a filter that tries the browser, and what lies
// at a known place of one is.
func (w *walk) part(front *page) string {
	for _, r := range webpage.Read(front.Body, front.URL).Resources {
		of := func(guard string) bool { return strings.HasPrefix(r.URL.Path, guard) }
		if w.p.sameOrigin(w.at, r.URL) && r.URL.RequestURI() != w.front && path.Ext(r.URL.Path) != "" && !slices.ContainsFunc(guardParts, of) {
			return r.URL.RequestURI()
		}
	}
	return ""
}

// unreadable says why an answer tells nothing of its path.
func unreadable(pg *page) *fact.Unknown {
	switch {
	case busy(pg):
		return fact.Because(fact.Blocked, fmt.Sprintf("answers with %d", pg.Status))
	case pg.Status >= 500 && pg.Status != http.StatusNotImplemented:
		return unanswered(fmt.Sprintf("answers with %d", pg.Status))
	case encodingOf(pg) != "":
		return unanswered("compresses the answer unasked; it is not unpacked")
	case pg.Cut != nil && !errors.Is(pg.Cut, errEnough):
		return fact.FromError(blame(pg.Cut))
	}
	return nil
}

// busy tells of an answer that asks to be left in peace.
func busy(pg *page) bool {
	return pg.Status == http.StatusTooManyRequests || pg.Status == http.StatusServiceUnavailable
}

// alike tells whether two answers are the same page but for words and tokens.
func alike(a, b *page) bool {
	if a.Status != b.Status {
		return false
	}
	pa, pb := webpage.Read(a.Body, a.URL), webpage.Read(b.Body, b.URL)
	if pa.Tags > 0 || pb.Tags > 0 {
		return pa.Skeleton == pb.Skeleton && pa.Title == pb.Title
	}
	without := func(pg *page) []byte { return bytes.ReplaceAll(pg.Body, []byte(pg.URL.Path), nil) }
	return bytes.Equal(without(a), without(b))
}

// shut takes back everything where each path that tells of secrets was
// forbidden: then it is a guard at the door that knows these paths, and what
// lies behind it was not seen.
func (w *walk) shut() {
	asked, forbidden := 0, 0
	for _, a := range w.answers {
		if slices.Contains(a.Groups, groupFiles) && a.Cause == "" {
			asked++
			if a.Status == http.StatusForbidden || a.Status == http.StatusNotAcceptable {
				forbidden++
			}
		}
	}
	if asked > 0 && asked == forbidden {
		w.sure = 1
		w.doubt(fact.Because(fact.Blocked, "every path that could tell of secrets is forbidden, and others are not: a filter knows them"))
	}
}
