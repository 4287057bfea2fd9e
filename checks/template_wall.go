package checks

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// wall tells why a negative answer shows nothing: something before the server,
// or the server in its mood, answers so to a path that does not exist as well.
// The control is asked after the answer, so that a filter which has only just
// closed is found too. An answer of 404 and 410 alone stands for itself.
func (p *Probe) wall(ctx context.Context, t *templates.Template, a jobs.Answer, first *jobs.Answer) *fact.Unknown {
	if !slices.ContainsFunc(a.Statuses, func(s int) bool { return !nonesuch(s) }) {
		return nil
	}
	now, u := p.controls.after(ctx, p.engine, Control)
	p.keepControl(now)
	if u != nil {
		return u
	}
	status := last(now.Statuses)
	switch {
	case refuses(status) && slices.Contains(a.Statuses, status):
		return fact.Because(fact.Blocked, fmt.Sprintf("a path that does not exist is answered with %d as well", status))
	case first == nil && !nonesuch(status):
		return fact.Because(fact.Blocked, "a path that does not exist had no answer at first, and now one that is no 404")
	case first != nil && !sameMood(*first, now):
		return fact.Because(fact.Blocked, "a path that does not exist is answered otherwise than before the templates")
	case !nonesuch(status) && slices.Contains(a.Statuses, status) && p.leads(a) && p.leads(now):
		return fact.Because(fact.Blocked, "every path is sent elsewhere")
	case !nonesuch(status) && slices.Contains(a.Statuses, status) && status/100 == 2 && !p.pathsJudged():
		return fact.Because(fact.Blocked, fmt.Sprintf("a path that does not exist is answered with %d as well, and it was not seen whether by the site itself", status))
	}
	if u := p.forbidsPost(ctx, t, a); u != nil {
		return u
	}
	if at := slices.IndexFunc(a.Statuses, func(s int) bool { return s >= http.StatusInternalServerError && s != http.StatusNotImplemented }); at >= 0 {
		return fact.Because(fact.Unanswered, fmt.Sprintf("answered with %d", a.Statuses[at]))
	}
	return nil
}

// forbidsPost tells of a guard that lets no POST pass, whatever the path. A
// server that knows no POST at all (405, 501) has no guard: it has answered.
func (p *Probe) forbidsPost(ctx context.Context, t *templates.Template, a jobs.Answer) *fact.Unknown {
	plain := func(s int) bool { return s == http.StatusMethodNotAllowed || s == http.StatusNotImplemented }
	if !bytes.Contains(t.Data, []byte(http.MethodPost)) || !slices.ContainsFunc(a.Statuses, func(s int) bool { return refuses(s) && !plain(s) }) {
		return nil
	}
	c, u := p.controls.after(ctx, p.engine, controlPost)
	p.keepControl(c)
	if u != nil {
		return u
	}
	if status := last(c.Statuses); refuses(status) && !plain(status) && slices.Contains(a.Statuses, status) {
		return fact.Because(fact.Blocked, fmt.Sprintf("a POST to a path that does not exist is answered with %d as well", status))
	}
	return nil
}

// keepControl keeps what an answer was held against, beside it.
func (p *Probe) keepControl(c jobs.Answer) {
	if len(c.Request) > 0 {
		p.tape.exchange("control", c.Request, c.Response[:min(len(c.Response), jobs.MostNegative)])
	}
}

func nonesuch(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// refuses tells of a status that some servers and filters give to everything.
func refuses(status int) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusNotAcceptable, http.StatusProxyAuthRequired, http.StatusTeapot, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons}, status) ||
		status > http.StatusUnavailableForLegalReasons // 444, 499, 5xx and what filters invent
}

// pathsJudged tells whether http.paths has seen that what is answered to every
// path is the site's own.
func (p *Probe) pathsJudged() bool {
	f, u := Glance[Paths](p, HTTPPaths)
	if u == nil {
		_, u = f.Whole.Get()
	}
	return u == nil
}

// leads tells of an answer that sends to another host.
func (p *Probe) leads(a jobs.Answer) bool {
	to, err := url.Parse(location(a))
	if err != nil || to.Hostname() == "" {
		return false
	}
	twin, _ := twinOf(p.Endpoint.Name())
	return !strings.EqualFold(to.Hostname(), p.Endpoint.Name()) && !strings.EqualFold(to.Hostname(), twin)
}

func last(statuses []int) int { return statuses[len(statuses)-1] }
