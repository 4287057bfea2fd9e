package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"slices"
	"sync"

	"github.com/projectdiscovery/nuclei/v3/pkg/output"
	httputils "github.com/projectdiscovery/utils/http"
)

// run is one template on one target, while it runs.
type run struct {
	mu        sync.Mutex
	jar       *cookiejar.Jar // nil: cookies are not kept
	shares    bool           // whether what others were answered will do
	quotes    bool           // whether the template repeats whole answers in its requests
	steps     bool           // whether there are requests after the first
	grows     bool           // whether half an answer may be matched
	doubts    map[string]*doubt
	stop      context.CancelFunc
	keeps     []string        // by what a glance's answers are remembered, in their order; nil: it is none
	wired     []*http.Request // of a plain template, made
	learns    bool            // whether those are kept
	tainted   bool
	errs      []error
	results   []*output.ResultEvent
	requests  int // made
	answers   int // to requests of the template itself
	statuses  []int
	seen      int      // responses over HTTP on the wire
	shown     int      // responses over HTTP in events; more than seen: rawhttp's
	last      exchange // that was answered
	blocked   bool
	questions int      // of the DNS, answered for certain
	spoken    exchange // the last on a connection of the template's own
	end       error    // of the last read over TCP, where it brought nothing
}

// failed takes an error of any kind; nil is none.
func (r *run) failed(err error) {
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// ended takes the error of a read that brought nothing. It counts where
// nothing had come before either.
func (r *run) ended(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end = err
}

// asked counts a request over HTTP, also one that was made for another
// template before.
func (r *run) asked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
}

// wire keeps a request as it is sent, to learn what the template asks.
func (r *run) wire(req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.learns {
		r.wired = append(r.wired, req)
	}
}

// answered takes an exchange over HTTP. What a redirection led to is no
// request of the template.
func (r *run) answered(x exchange, redirected bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = x
	r.seen++
	r.blocked = r.blocked || x.blocked
	r.status(x.status)
	if !redirected {
		r.answers++
	}
}

// mostStatuses bounds the list of statuses. Above it each is told once, for
// one that refuses must not be lost among many.
const mostStatuses = 64

func (r *run) status(s int) {
	if len(r.statuses) < mostStatuses || !slices.Contains(r.statuses, s) {
		r.statuses = append(r.statuses, s)
	}
}

// event takes what nuclei made of an exchange.
func (r *run) event(ev *output.InternalWrappedEvent) {
	ev.RLock()
	defer ev.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	fields := ev.InternalEvent
	r.reads(fields)
	if r.tainted {
		return
	}
	if o := ev.OperatorsResult; o != nil && len(ev.Results) > 0 && !hidden(ev) {
		r.results = append(r.results, ev.Results...)
	} else if d := r.doubts[text(fields["type"])]; d != nil && (o == nil || !o.Matched) && d.remains(fields) {
		r.errs = append(r.errs, errDoubt)
	}
	if r.steps && r.taints(ev) {
		r.tainted = true
		r.errs = append([]error{errTainted}, r.errs...)
		r.stop()
	}
}

// mostRead is how much of a body nuclei unpacks. It passes over the rest, and
// over what cannot be unpacked, and matches what it has.
var mostRead = 2 * int(httputils.MaxBodyRead)

// reads takes what nuclei's values of an answer say of how it was read.
func (r *run) reads(fields output.InternalEvent) {
	if s := text(fields["error"]); s != "" {
		r.errs = append(r.errs, errors.New(s))
	}
	if s := text(fields["x_nuclei_ignore_error"]); s != "" {
		r.errs = append(r.errs, fmt.Errorf("%w: %s", errPartial, s))
	}
	if len(text(fields["body"])) >= mostRead {
		r.errs = append(r.errs, errOversize)
	}
	r.count(fields)
}

// count tells whether an event shows an answer of the target. Those over HTTP
// were counted where they were seen, but for those of rawhttp.
func (r *run) count(fields output.InternalEvent) {
	kind := text(fields["type"])
	if kind == "http" {
		r.raw(fields)
		return
	}
	x := exchange{at: text(fields["matched"]), request: []byte(text(fields["request"])), response: []byte(text(fields["response"]))}
	switch kind {
	case "tcp":
		if x.response = []byte(text(fields["raw"])); len(x.response) == 0 {
			x.response = []byte(text(fields["data"]))
		}
		if len(x.response) == 0 {
			return
		}
		if len(x.request) == 0 {
			x.request = []byte("(connection to " + x.at + ", nothing sent)")
		}
	case "dns":
		x.response = []byte(text(fields["raw"]))
		code, ok := fields["rcode"].(int)
		if !ok || code != 0 && code != 3 { // NOERROR, NXDOMAIN
			r.errs = append(r.errs, fmt.Errorf("%w: its code is %v", errNoAnswer, fields["rcode"]))
			return
		}
		if truncated.Match(x.response) {
			r.errs = append(r.errs, fmt.Errorf("%w: a part of one", errNoAnswer))
			return
		}
		r.questions++
	case "javascript":
		if _, bad := fields["error"]; bad {
			return
		}
	case "ssl":
		x.request = []byte("(TLS handshake with " + x.at + ")")
	default:
		return
	}
	r.requests++
	r.answers++
	r.last = x
}

// truncated is the flag in the text of an answer (TC, RFC 1035 section 4.1.1).
var truncated = regexp.MustCompile(`(?m)^;; flags:[a-z ]*\btc\b`)

var errNoAnswer = errors.New("the name server gave no answer")

// hidden tells of a match that is there only for the next step.
func hidden(ev *output.InternalWrappedEvent) bool {
	if !ev.OperatorsResult.Matched || ev.OperatorsResult.Operators == nil {
		return false
	}
	for _, m := range ev.OperatorsResult.Operators.Matchers {
		if !m.Internal {
			return false
		}
	}
	return true
}

func text(v any) string { s, _ := v.(string); return s }
