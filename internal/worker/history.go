package worker

import (
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// history is what became of a place's connections, for the runs that they
// were made for. Which run a connection belongs to is not known, where
// several are under way; a run is held against all that fell into its time.
type history struct {
	failures int           // that an awaited answer met
	failed   *fact.Unknown // the last of them
	cuts     int           // of connections on which nothing was awaited
	cut      *fact.Unknown
	received int64 // bytes of the target
}

// mark is the state of a place when a run begins.
func (p *place) mark() history {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history
}

// fail notes why an answer was not had.
func (p *place) fail(u *fact.Unknown) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures, p.failed = p.failures+1, u
}

// lost notes the end of a connection that may have been done with.
func (p *place) lost(u *fact.Unknown) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts, p.cut = p.cuts+1, u
}

func (p *place) got(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.received += int64(n)
}

// judge holds an answer against what the relay saw in its time: the engine
// sees only that a connection ended, the relay knows why.
func (s *Session) judge(a jobs.Answer, since history, t *templates.Template, walled bool) jobs.Answer {
	now := s.place.mark()
	failed, cut := now.failures > since.failures, now.cuts > since.cuts
	switch fact.Cause(a.Cause) {
	case "":
		if u := now.doubt(a, since, t); u != nil && walled {
			a.Found, a.Cause, a.Detail = false, string(u.Cause), u.Detail
		}
	case fact.Unreachable, fact.Timeout, fact.Reset, fact.Unanswered:
		if failed {
			a.Cause, a.Detail = string(now.failed.Cause), now.failed.Detail
		} else if cut && a.Cause != string(fact.Unanswered) {
			a.Cause, a.Detail = string(now.cut.Cause), now.cut.Detail
		}
	case fact.Blocked, fact.Denied, fact.OutOfScope, fact.Skipped, fact.Prerequisite, fact.Broken:
	default:
		return unknown(fact.Because(fact.Broken, "the template worker gave a cause that does not exist"))
	}
	if a.Found && a.Cause != "" {
		return unknown(fact.Because(fact.Broken, "the template worker said found and not known at once"))
	}
	return a
}

// doubt says why an answer that the engine has no doubt of proves nothing. A
// connection to the relay is made even where none to the target is, and a
// script may catch the error of one that fails: only bytes of the target prove
// anything. HTTP is seen byte by byte by the engine, which may hold one answer
// for several templates; those of the DNS do not pass by here.
func (now history) doubt(a jobs.Answer, since history, t *templates.Template) *fact.Unknown {
	if !slices.ContainsFunc(t.Protocols, func(p string) bool { return p != "http" && p != "dns" }) {
		return nil
	}
	failed, silent := now.failures > since.failures, now.received == since.received
	switch {
	case failed && (silent || !a.Found):
		return now.failed
	case silent && !slices.Contains(t.Protocols, "dns"):
		return fact.Because(fact.Unanswered, "nothing came from the target")
	}
	return nil
}
