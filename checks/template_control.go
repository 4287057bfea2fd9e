package checks

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/jobs"
	"github.com/sansang/sansang/internal/templates"
)

// Control asks for a path that does not exist, by the engine and as the
// templates do; it finds every answer, so that it has its status. Its name is
// new each time.
var Control = controlBy("control", `
  - method: GET
    headers: {Accept-Encoding: identity}
`)

// controlPost is the same by a POST.
var controlPost = controlBy("control-post", `
  - method: POST
    body: a=b
    headers: {Accept-Encoding: identity, Content-Type: application/x-www-form-urlencoded}
`)

func controlBy(id, request string) *templates.Template {
	return &templates.Template{ID: id, Protocols: []string{"http"}, Steps: 1, SHA256: id, Data: []byte("id: " + id +
		"\ninfo: {name: control, author: sansang, severity: info}\nhttp:" + request + `    path: ["{{BaseURL}}/{{rand_text_alpha(12)}}.{{rand_text_alpha(3)}}"]
    matchers:
      - {type: dsl, dsl: ["status_code > 0"]}
`)}
}

// Controls are what a path that does not exist was answered at one endpoint,
// for all templates that are run there.
type Controls struct {
	mu    sync.Mutex
	first *controlled
	next  map[*templates.Template]*controlled // not asked yet: its turn has not come
	busy  map[*templates.Template]chan struct{}
}

// controlled is one control; it is over when done is closed.
type controlled struct {
	done    chan struct{}
	answer  jobs.Answer
	unknown *fact.Unknown
}

// before gives the first answer that there was, asked before the first
// template is; nil where there was none yet.
func (c *Controls) before(ctx context.Context, e Engine) *jobs.Answer {
	c.mu.Lock()
	f := c.first
	mine := f == nil
	if mine {
		f = &controlled{done: make(chan struct{})}
		c.first = f
	}
	c.mu.Unlock()
	if mine {
		c.begin(ctx, e, f)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
		return nil
	}
	if f.unknown != nil {
		return nil
	}
	return &f.answer
}

func (c *Controls) begin(ctx context.Context, e Engine, f *controlled) {
	defer close(f.done)
	if f.ask(ctx, e, Control); f.unknown != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.first = nil // the next template tries again
	}
}

// after gives an answer to a control that is asked after now. Who comes while
// one waits for its turn shares it.
func (c *Controls) after(ctx context.Context, e Engine, t *templates.Template) (jobs.Answer, *fact.Unknown) {
	c.mu.Lock()
	if c.next == nil {
		c.next, c.busy = map[*templates.Template]*controlled{}, map[*templates.Template]chan struct{}{}
	}
	if c.busy[t] == nil {
		c.busy[t] = make(chan struct{}, 1)
	}
	n, busy := c.next[t], c.busy[t]
	mine := n == nil
	if mine {
		n = &controlled{done: make(chan struct{})}
		c.next[t] = n
	}
	c.mu.Unlock()
	if mine {
		c.follow(ctx, e, t, n, busy)
	}
	select {
	case <-n.done:
		return n.answer, n.unknown
	case <-ctx.Done():
		return jobs.Answer{}, fact.FromError(ctx.Err())
	}
}

// follow asks n once the one before is over, which it is when ctx is.
func (c *Controls) follow(ctx context.Context, e Engine, t *templates.Template, n *controlled, busy chan struct{}) {
	defer close(n.done)
	busy <- struct{}{}
	defer func() { <-busy }()
	asked := sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.next[t] = nil
	})
	defer asked()
	n.ask(AtTurn(ctx, asked), e, t)
}

func (c *controlled) ask(ctx context.Context, e Engine, t *templates.Template) {
	c.unknown = fact.Because(fact.Broken, "the control failed") // unless it comes to an end
	a, err := e.Run(ctx, t)
	c.unknown = nil
	switch {
	case err != nil:
		u := fact.FromError(err)
		c.unknown = fact.Because(u.Cause, "a path that does not exist: "+u.Detail)
	case a.Cause != "":
		c.unknown = fact.Because(fact.Cause(a.Cause), "a path that does not exist: "+a.Detail)
	case len(a.Statuses) == 0:
		c.unknown = fact.Because(fact.Unanswered, "a path that does not exist has no status")
	}
	c.answer = a
}

// sameMood tells whether two controls were answered alike.
func sameMood(a, b jobs.Answer) bool {
	if nonesuch(last(a.Statuses)) && nonesuch(last(b.Statuses)) {
		return true
	}
	if !slices.Equal(a.Statuses, b.Statuses) || without(location(a), a.At) != without(location(b), b.At) {
		return false
	}
	x, y := pageOf(a), pageOf(b)
	return x == nil && y == nil || x != nil && y != nil && alike(x, y)
}

// without takes the path of a control out of what it was answered.
func without(s, at string) string {
	u, err := url.Parse(at)
	if err != nil || len(u.Path) < 2 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, u.Path, ""), url.QueryEscape(u.Path), "")
}

// pageOf is the page of an answer; nil where it cannot be read.
func pageOf(a jobs.Answer) *page {
	head := headerOf(a)
	u, err := url.Parse(a.At)
	if head == nil || head.Get("Content-Encoding") != "" || err != nil {
		return nil
	}
	_, body, _ := bytes.Cut(a.Response, []byte("\r\n\r\n")) // as it was kept: put together, and cut to a bound
	return &page{Status: last(a.Statuses), URL: u, Header: head, Body: body}
}

// headerOf reads the header of an answer; nil where it has none.
func headerOf(a jobs.Answer) http.Header {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(a.Response)), nil)
	if err != nil {
		return nil
	}
	_ = resp.Body.Close()
	return resp.Header
}

// location is where the answer sends.
func location(a jobs.Answer) string { return headerOf(a).Get("Location") }

// Shared tells whether a control waits for its turn. All templates that are
// answered before it comes are held against it.
func (c *Controls) Shared() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.next {
		if n != nil {
			return true
		}
	}
	return false
}
