package nuclei

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/projectdiscovery/nuclei/v3/pkg/output"
	over "github.com/projectdiscovery/nuclei/v3/pkg/protocols/http"
	httputils "github.com/projectdiscovery/utils/http"

	"github.com/sansang/sansang/internal/jobs"
)

// A glance asks what a plain template asks and holds its matchers against the
// answers, without all else that nuclei does for one run. It can only say that
// nothing was found: whatever may be more is left to nuclei, which is given the
// same answer where the template has one question. What to ask is not derived
// but learned from a run of nuclei: the very requests, of which all but the
// address of the target stays. One serves all engines, side by side.
type glance struct {
	t       *template // read by one of the engines, and not run by it
	after   []string  // paths, after the address of the target
	headers []http.Header
	wants   [][]int // statuses, by the part; of none where it wants none first
}

// mostGlances bounds the templates of which it is known what they ask.
const mostGlances = 20000

var looks atomic.Uint64 // so far; names them

var glances struct {
	sync.RWMutex
	by   map[string]*glance // by the text of the template
	asks map[string]int     // how many of them ask for a path
}

// shared tells whether several templates ask for a path: what one alone asks
// need not be kept once it has looked.
func shared(path string) bool {
	glances.RLock()
	defer glances.RUnlock()
	return glances.asks[path] > 1
}

func glanceOf(text []byte) *glance {
	glances.RLock()
	defer glances.RUnlock()
	return glances.by[string(text)]
}

// Glance runs a template that need not be loaded, if it is a plain one that
// some engine has run before, and if nothing is found. Else it is not sure.
func (e *Engine) Glance(ctx context.Context, target jobs.Target, text []byte) (a jobs.Answer, sure bool) {
	defer func() {
		if recover() != nil { // nuclei says itself what it fails on
			a, sure = jobs.Answer{}, false
		}
	}()
	g := glanceOf(text)
	if g == nil || target.Path != "" || target.Port == 0 || target.Scheme == "" {
		return a, false
	}
	e.mu.Lock()
	closed := e.closed
	e.mu.Unlock()
	if closed {
		return a, false
	}
	r := g.t.run()
	r.keeps = make([]string, 0, len(g.after))
	if !e.look(ctx, g, target, r) {
		return a, false
	}
	for i, key := range r.keeps {
		if len(r.keeps) == len(g.after) && !shared(g.after[i]) {
			e.wire.memo.drop(key)
		}
	}
	return e.ended(ctx, g.t, r, baseOf(target)), true
}

// learn keeps what a plain template asked in a run in which nothing went wrong.
func (t *template) learn(target jobs.Target, r *run, a jobs.Answer) {
	if !t.plain || target.Path != "" || a.Found || a.Cause != "" || len(r.wired) != t.TotalRequests {
		return
	}
	g := &glance{t: &template{Template: t.Template, from: t.from, http: true, needs: t.needs, sticky: t.sticky, steps: t.steps, quotes: t.quotes, grows: t.grows, shares: t.shares, doubts: t.doubts}}
	for _, req := range r.wired {
		after, ok := strings.CutPrefix(req.URL.String(), baseOf(target))
		again, err := url.Parse(req.URL.String())
		if !ok || err != nil || again.RequestURI() != req.URL.RequestURI() || !strings.HasPrefix(after, "/") || req.Host != hostOf(target) && req.Host != "" || req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody {
			return
		}
		for _, values := range req.Header {
			for _, v := range values {
				if strings.Contains(v, target.Host) {
					return
				}
			}
		}
		g.after, g.headers = append(g.after, after), append(g.headers, req.Header.Clone())
	}
	for _, part := range t.RequestsHTTP {
		g.wants = append(g.wants, wantsOf(part))
	}
	glances.Lock()
	defer glances.Unlock()
	if glances.by == nil || len(glances.by) >= mostGlances {
		glances.by, glances.asks = map[string]*glance{}, map[string]int{}
	}
	if glances.by[string(t.from)] != nil {
		return
	}
	glances.by[string(t.from)] = g
	for _, path := range slices.Compact(slices.Sorted(slices.Values(g.after))) {
		glances.asks[path]++
	}
}

// baseOf is the address of a target as its URL has it.
func baseOf(t jobs.Target) string {
	return t.Scheme + "://" + net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
}

// hostOf is what nuclei says in the Host header: no port that goes without saying.
func hostOf(t jobs.Target) string {
	host := net.JoinHostPort(t.Host, strconv.Itoa(t.Port))
	switch {
	case t.Scheme == "http" && t.Port == 80, t.Scheme == "https" && t.Port == 443:
		return host[:strings.LastIndexByte(host, ':')]
	}
	return host
}

// look makes the questions. It is not sure of an answer that may be more than
// that nothing was found.
func (e *Engine) look(ctx context.Context, g *glance, target jobs.Target, r *run) (sure bool) {
	id := fmt.Sprintf("glance-%d", looks.Add(1))
	listeners.listen(id, r)
	defer listeners.leave(id)
	ctx, r.stop = context.WithCancel(context.WithValue(ctx, runKey{}, r))
	defer r.stop()
	i := 0
	for k, part := range g.t.RequestsHTTP {
		before := output.InternalEvent{} // answers of this part, by their number
		for n := range part.Path {
			if !g.ask(ctx, e, target, i, func(resp *http.Response) bool {
				return passes(resp, g.wants[k]) || g.misses(resp, r, baseOf(target), id, part, n+1, before)
			}) {
				return false
			}
			i++
		}
	}
	return true
}

// ask asks one thing, and is not sure if misses is not. Of a redirection that
// leads nowhere nuclei's client makes an error, though it follows none.
func (g *glance) ask(ctx context.Context, e *Engine, target jobs.Target, i int, misses func(*http.Response) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*e.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseOf(target)+g.after[i], nil)
	if err != nil {
		return false
	}
	req.Header, req.Host = g.headers[i].Clone(), hostOf(target)
	resp, err := e.wire.RoundTrip(req) //nolint:bodyclose // it is in memory, and misses closes it
	if err != nil {
		return true // the run has it
	}
	if _, err := resp.Location(); err != nil && !errors.Is(err, http.ErrNoLocation) {
		return false
	}
	return misses(resp)
}

// misses holds the matchers of a plain template against one answer as nuclei
// does, and tells whether it is certain that none of them holds.
func (g *glance) misses(resp *http.Response, r *run, input, id string, part *over.Request, n int, earlier output.InternalEvent) bool {
	chain := httputils.NewResponseChain(resp, mostBody)
	defer chain.Close()
	if err := chain.Fill(); err != nil {
		return false
	}
	fields := responseToDSLMap(part, chain.Response(), input, resp.Request.URL.String(), "", chain.FullResponse().String(), chain.Body().String(), chain.Headers().String(), 0, nil) //nolint:bodyclose // the chain closes it

	// with which expressions that fail are logged
	fields["template-id"] = id
	if part.NeedsRequestCondition() {
		all := maps.Clone(earlier)
		maps.Copy(all, fields) // a header may be called as an answer before
		for name, v := range fields {
			numbered := fmt.Sprintf("%s_%d", name, n)
			earlier[numbered], all[numbered] = v, v
		}
		fields = all
	}
	r.mu.Lock()
	before := len(r.errs)
	r.reads(fields)
	r.mu.Unlock()
	if _, found := part.CompiledOperators.Execute(fields, part.Match, part.Extract, false); found {
		return false
	}
	if d := r.doubts["http"]; d != nil && d.remains(fields) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.errs) == before // warnings of an expression come as errors too
}

// responseToDSLMap is how nuclei makes the values of an answer.
//
//go:linkname responseToDSLMap github.com/projectdiscovery/nuclei/v3/pkg/protocols/http.(*Request).responseToDSLMap
func responseToDSLMap(part *over.Request, resp *http.Response, host, matched, rawReq, rawResp, body, headers string, duration time.Duration, extra map[string]any) output.InternalEvent
