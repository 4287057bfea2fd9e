package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/scan"
)

// progress tells what is being looked at: on a terminal one line that is
// rewritten, elsewhere one line for each endpoint that is done.
type progress struct {
	out   io.Writer
	lang  lang.Lang
	live  bool
	start time.Time
	left  map[string]int // endpoint → checks still to come

	mu   sync.Mutex
	last time.Time
}

// redraw is how often the line may change: fast enough to live, slow enough to
// read.
const redraw = 100 * time.Millisecond

func (a *app) progress(s *scan.Scan) *progress {
	p := &progress{out: a.err, lang: a.lang, live: terminal(a.err) && a.getenv("TERM") != "dumb", start: time.Now(), left: map[string]int{}}
	for _, t := range s.Tasks {
		p.left[t.Endpoint.ID] = len(t.Checks)
	}
	if a.quiet {
		p.out = io.Discard
		return p
	}
	a.say(lang.Tf("kiểm tra %d điểm kết nối, %d phép kiểm tra, lâu nhất %s", "looking at %d endpoints, %d checks, at the longest %s", len(s.Tasks), s.Pairs(), s.Budget().Round(time.Second)))
	return p
}

func (p *progress) show(at scan.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.Kept {
		p.left[at.Endpoint]--
	}
	switch {
	case p.live:
		if time.Since(p.last) < redraw {
			return
		}
		p.last = time.Now()
		line := fmt.Sprintf("[%d/%d] %s %s%s", at.Done, at.Total, at.Endpoint, at.Check, p.remaining(at))
		if r := []rune(line); len(r) > 78 {
			line = string(r[:78])
		}
		_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", line)
	case at.Kept && p.left[at.Endpoint] == 0:
		_, _ = fmt.Fprintf(p.out, "[%d/%d] %s %s\n", at.Done, at.Total, at.Endpoint, lang.T("xong", "done").In(p.lang))
	}
}

// remaining guesses the time left once there is something to guess by.
func (p *progress) remaining(at scan.Progress) string {
	gone := time.Since(p.start)
	if at.Done == 0 || gone < time.Second {
		return ""
	}
	left := gone * time.Duration(at.Total-at.Done) / time.Duration(at.Done)
	return lang.Tf(" · còn khoảng %s", " · about %s left", left.Round(time.Second)).In(p.lang)
}

// done clears the line.
func (p *progress) done() {
	if p.live {
		_, _ = fmt.Fprint(p.out, "\r\x1b[K")
	}
}
