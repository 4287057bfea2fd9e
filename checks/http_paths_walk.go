package checks

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/webpage"
)

// Bounds of one walk.
const (
	betweenControls = 10 // paths
	maxFailures     = 2  // connections in a row that give no answer
	maxFolders      = 3
	maxHops         = 2 // redirects to a login page
	slowly          = 300 * time.Millisecond
	maxRest         = 5 * time.Second
)

// walk is the paths of one origin under way.
type walk struct {
	*session
	front   string
	before  Answer // the front page as it was asked for before
	answers []PathAnswer
	sure    int           // how many answers a control has confirmed
	first   *page         // the first control
	failed  int           // in a row
	pace    time.Duration // between requests, once it was busy
	log     strings.Builder
	over    *fact.Unknown // why no more is asked
}

// all asks for the front page, the control and everything that is wanted.
func (w *walk) all() {
	front, err := w.fetch(wanted{path: w.front})
	todo := append([]wanted{{path: w.front, groups: []string{groupDefault, groupListing, groupConsoles}, shapes: frontShapes}}, pathsWanted...)
	todo = append(todo, folders(front)...)
	w.over = w.wall(front)
	w.take(todo[0], front, err)
	if w.answers[0].What != "" {
		w.sure = 1 // what the front page is holds whatever the rest answers
	}
	for i, t := range todo[1:] {
		if w.over == nil && i%betweenControls == betweenControls-1 {
			w.control()
		}
		if w.over != nil {
			w.miss(t, 0, w.over)
			continue
		}
		pg, err := w.fetch(t)
		w.take(t, pg, err)
	}
	if w.over == nil {
		w.control()
	}
	w.doubt(w.over)
	w.shut()
}

// rest waits.
func (w *walk) rest(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.ctx.Done():
	}
}

// restOf gives how long a busy server wants to be left in peace, within what is
// patient: RFC 9110 §10.2.3.
func restOf(pg *page) time.Duration {
	if s, err := strconv.Atoi(pg.Header.Get("Retry-After")); err == nil && s >= 0 {
		return min(time.Duration(min(s, 60))*time.Second, maxRest)
	}
	return 2 * time.Second
}

// fetch asks for a path. A server that is busy is given a rest, once, and is
// asked slowly from then on. Where a console sends its visitors on to
// its login page, that page is the answer.
func (w *walk) fetch(t wanted) (*page, error) {
	header := http.Header{}
	if t.ranged {
		header.Set("Range", "bytes=0-4095")
	}
	w.rest(w.pace)
	pg, err := w.ask(asking{Path: t.path, Header: header})
	if err == nil && busy(pg) && w.pace == 0 {
		w.pace = slowly
		w.rest(restOf(pg))
		pg, err = w.ask(asking{Path: t.path, Header: header})
	}
	for hop := 0; err == nil && t.follow && hop < maxHops; hop++ {
		to, is, bad := pg.redirect()
		if !is || bad != nil || !w.p.sameOrigin(w.at, to) || recognise(t.shapes, pg).what != "" || w.catchAll(to) {
			break
		}
		pg, err = w.get(to.RequestURI())
	}
	if err == nil {
		fmt.Fprintf(&w.log, "%s %d %s %d\n", t.path, pg.Status, oneLine(pg.Header.Get("Content-Type"), 40), len(pg.Body))
	} else {
		fmt.Fprintf(&w.log, "%s %v\n", t.path, err)
	}
	return pg, err
}

// catchAll tells of a redirect that a path which does not exist gets too.
func (w *walk) catchAll(to *url.URL) bool {
	if w.first == nil {
		return false
	}
	same, is, err := w.first.redirect()
	return is && err == nil && same.String() == to.String()
}

// take makes of an answer what it tells.
func (w *walk) take(t wanted, pg *page, err error) {
	if err != nil {
		if w.failed++; w.failed >= maxFailures {
			w.over = fact.FromError(err)
		}
		w.miss(t, 0, fact.FromError(err))
		return
	}
	if w.failed++; pg.Cut == nil || errors.Is(pg.Cut, errEnough) {
		w.failed = 0
	} else if w.failed >= maxFailures && w.over == nil {
		w.over = fact.FromError(blame(pg.Cut))
	}
	found := recognise(t.shapes, pg)
	u := unreadable(pg)
	if t.path == w.front && pg.Status != w.before.Status && u == nil {
		u = otherAnswer(pg, w.before) // it may want its cookie
	}
	switch {
	case found.what != "" && t.path != w.front && w.first != nil && recognise(t.shapes, w.first).what == found.what:
		w.miss(t, pg.Status, unanswered("a path that does not exist shows the same"))
	case found.what != "":
		w.p.Note("found at "+t.path, []byte(found.what+"\n"+found.proof))
		w.answers = append(w.answers, PathAnswer{Path: t.path, Groups: t.groups, Status: pg.Status, What: found.what, Proof: found.proof})
	case u != nil:
		if w.over == nil && busy(pg) {
			w.over = u
		}
		w.miss(t, pg.Status, u)
	case w.strange(t, pg):
		w.miss(t, pg.Status, unanswered(fmt.Sprintf("answered with %d and content that is neither recognised nor that of a path that does not exist", pg.Status)))
	default:
		w.answers = append(w.answers, PathAnswer{Path: t.path, Groups: t.groups, Status: pg.Status})
	}
}

// strange tells of a file that is answered with something else than a path that
// does not exist, but not with what such a file is known to hold: it may be the
// file in another form, or a filter that says no in words.
func (w *walk) strange(t wanted, pg *page) bool {
	return slices.Contains(t.groups, groupFiles) && served(pg) && len(pg.Body) > 0 && (w.first == nil || !alike(pg, w.first))
}

func (w *walk) miss(t wanted, status int, u *fact.Unknown) {
	w.answers = append(w.answers, PathAnswer{Path: t.path, Groups: t.groups, Status: status, Cause: string(u.Cause), Detail: u.Detail})
}

// control asks again for a path that does not exist, and holds the answer
// against the first.
func (w *walk) control() {
	pg, err := w.fetch(wanted{path: unlikely(w.at).RequestURI()})
	switch {
	case err != nil:
		w.over = fact.FromError(err)
	case pg.Status != w.first.Status || pg.Status/100 == 2 && !alike(pg, w.first):
		w.over = fact.Because(fact.Blocked, fmt.Sprintf("a path that does not exist was answered with %d at first and with %d later", w.first.Status, pg.Status))
	default:
		w.sure = len(w.answers)
	}
}

// doubt takes back what no later control confirmed. What was recognised stays:
// its content is proof of itself.
func (w *walk) doubt(u *fact.Unknown) {
	for i := w.sure; i < len(w.answers) && u != nil; i++ {
		if a := &w.answers[i]; a.What == "" && a.Cause == "" {
			a.Cause, a.Detail = string(fact.Blocked), "not confirmed: "+u.Detail
		}
	}
}

// folders gives a few that the page names, to see whether they are listed.
func folders(front *page) (out []wanted) {
	if front == nil {
		return nil
	}
	read := webpage.Read(front.Body, front.URL)
	var places []*url.URL
	for _, r := range read.Resources {
		places = append(places, r.URL)
	}
	seen := map[string]bool{"/": true}
	for _, u := range places {
		folder := u.EscapedPath()[:strings.LastIndexByte(u.EscapedPath(), '/')+1]
		if u.Host != front.URL.Host || u.Scheme != front.URL.Scheme || folder == "" || seen[folder] || len(folder) > 200 || len(out) >= maxFolders {
			continue
		}
		seen[folder] = true
		out = append(out, wanted{path: folder, groups: []string{groupListing}, shapes: listingShapes})
	}
	return out
}
