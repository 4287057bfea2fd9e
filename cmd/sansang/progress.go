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
	end   chan struct{}
	ended chan struct{}

	mu   sync.Mutex
	left map[string]int // endpoint → checks still to come
	now  scan.Progress
}

// redraw is how often the line changes: fast enough to live, slow enough to
// read.
const redraw = 200 * time.Millisecond

func (a *app) progress(s *scan.Scan) *progress {
	p := &progress{out: a.err, lang: a.lang, live: terminal(a.err) && a.getenv("TERM") != "dumb" && !a.quiet,
		start: time.Now(), end: make(chan struct{}), ended: make(chan struct{}), left: map[string]int{}}
	for _, t := range s.Tasks {
		p.left[t.Endpoint.ID] = len(t.Checks)
	}
	if a.quiet {
		p.out = io.Discard
	} else {
		a.say(lang.Tf("kiểm tra %d điểm kết nối, %d phép kiểm tra, lâu nhất %s", "looking at %d endpoints, %d checks, at the longest %s", len(s.Tasks), s.Pairs(), s.Budget().Round(time.Second)))
	}
	go p.draw()
	return p
}

// show takes what the scan says.
func (p *progress) show(at scan.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = at
	if !at.Kept {
		return
	}
	if p.left[at.Endpoint]--; p.left[at.Endpoint] == 0 && !p.live {
		_, _ = fmt.Fprintf(p.out, "[%d/%d] %s %s\n", at.Done, at.Total, at.Endpoint, lang.T("xong", "done").In(p.lang))
	}
}

// draw rewrites the line until the end, and then clears it.
func (p *progress) draw() {
	defer close(p.ended)
	t := time.NewTicker(redraw)
	defer t.Stop()
	for {
		select {
		case <-p.end:
			if p.live {
				_, _ = fmt.Fprint(p.out, "\r\x1b[K")
			}
			return
		case <-t.C:
			if p.live {
				_, _ = fmt.Fprintf(p.out, "\r\x1b[K%s", p.line())
			}
		}
	}
}

func (p *progress) line() string {
	p.mu.Lock()
	at := p.now
	p.mu.Unlock()
	line := fmt.Sprintf("[%d/%d] %s %s", at.Done, at.Total, at.Endpoint, at.Check)
	gone := time.Since(p.start)
	if at.Done > 0 && gone > time.Second {
		if left := (gone * time.Duration(at.Total-at.Done) / time.Duration(at.Done)).Round(time.Second); left > 0 {
			line += lang.Tf(" · còn khoảng %s", " · about %s left", left).In(p.lang)
		}
	}
	if r := []rune(line); len(r) > 78 {
		line = string(r[:78])
	}
	return line
}

// done ends the drawing.
func (p *progress) done() {
	close(p.end)
	<-p.ended
}
