package nuclei

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sansang/sansang/internal/jobs"
)

func unknown(cause, detail string) jobs.Answer {
	return jobs.Answer{Cause: cause, Detail: clip(detail, jobs.MostText)}
}

const slowDown = "the server asks to slow down"

// answer is the one rule: found, if a matcher of the template held; not found,
// if no error of any kind was seen and every request was answered whole;
// otherwise Unknown with the cause of what was seen first.
func (r *run) answer(t *template, input string) jobs.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := jobs.Answer{Requests: r.requests, Answers: r.answers, Statuses: r.statuses, At: r.last.at}
	if a.At == "" {
		a.At = input
	}
	a.At = clip(a.At, jobs.MostText)
	if t.js && len(r.spoken.response) > 0 { // better than the script and what it made of it
		r.last.request, r.last.response = r.spoken.request, r.spoken.response
		for _, res := range r.results {
			res.Request, res.Response = "", ""
		}
	}
	if len(r.results) > 0 && (t.grows || !r.blocked && !r.halved()) {
		r.found(&a)
		return a
	}
	errs := r.errs
	if t.dns && r.questions >= max(t.needs, 1) {
		errs = nil // the client calls NXDOMAIN an error
	}
	switch {
	case len(errs) > 0:
		a.Cause, a.Detail = causeOf(errs)
		if r.blocked && a.Cause == unanswered { // what could not be asked follows from it
			a.Cause, a.Detail = blocked, slowDown
		}
	case r.blocked:
		a.Cause, a.Detail = blocked, slowDown
	case r.answers == 0 && r.end != nil:
		a.Cause, a.Detail = causeOf([]error{r.end})
	case r.answers == 0:
		a.Cause, a.Detail = unanswered, "no request was answered"
	case t.js && len(r.spoken.response) == 0:
		a.Cause, a.Detail = unanswered, "nothing was heard from the target"
	case t.Options.Flow == "" && r.answers < t.needs:
		a.Cause, a.Detail = unanswered, fmt.Sprintf("only %d of %d requests were answered", r.answers, t.needs)
	}
	a.Request = cut(r.last.request, jobs.MostRequest)
	a.Response = cut(r.last.response, jobs.MostNegative)
	return a
}

// halved tells whether some answer was not whole. What is found for want of a
// word may then be found for want of the rest.
func (r *run) halved() bool {
	return slices.ContainsFunc(r.errs, func(err error) bool { return errors.Is(err, errPartial) || errors.Is(err, errOversize) })
}

// found tells what matched, and by which exchange it shows.
func (r *run) found(a *jobs.Answer) {
	a.Found = true
	for i, res := range r.results {
		if i == 0 {
			a.At = clip(or(res.Matched, a.At), jobs.MostText)
			a.Request = cut([]byte(or(res.Request, string(r.last.request))), jobs.MostRequest)
			a.Response = cut([]byte(or(res.Response, string(r.last.response))), jobs.MostResponse)
		}
		for _, name := range []string{res.MatcherName, res.ExtractorName} {
			if name = clip(name, jobs.MostText); name != "" && !slices.Contains(a.Matchers, name) && len(a.Matchers) < jobs.MostExtracted {
				a.Matchers = append(a.Matchers, name)
			}
		}
		for _, v := range res.ExtractedResults {
			if v = clip(v, jobs.MostText); !slices.Contains(a.Extracted, v) && len(a.Extracted) < jobs.MostExtracted {
				a.Extracted = append(a.Extracted, v)
			}
		}
	}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func cut(b []byte, most int) []byte { return slices.Clone(b[:min(len(b), most)]) }

// clip is s in at most most bytes of whole characters.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
