package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/cookiejar"
	"strconv"
	"sync"

	"github.com/projectdiscovery/nuclei/v3/pkg/output"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/contextargs"
	"github.com/projectdiscovery/nuclei/v3/pkg/scan"
	"github.com/projectdiscovery/retryablehttp-go"

	"github.com/sansang/sansang/internal/jobs"
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
	shared    bool
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

// asked counts a request over HTTP.
func (r *run) asked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
}

// answered takes an exchange over HTTP. What a redirection led to is no
// request of the template.
func (r *run) answered(x exchange, redirected bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = x
	r.seen++
	r.blocked = r.blocked || x.blocked
	r.shared = r.shared || x.shared
	if len(r.statuses) < mostStatuses {
		r.statuses = append(r.statuses, x.status)
	}
	if !redirected {
		r.answers++
	}
}

const mostStatuses = 64

// Run runs a loaded template on a target and always has an answer.
func (e *Engine) Run(ctx context.Context, target jobs.Target, key string) jobs.Answer {
	e.mu.Lock()
	t, closed := e.loaded[key], e.closed
	e.mu.Unlock()
	switch {
	case closed:
		return unknown(broken, errClosed.Error())
	case t == nil:
		return unknown(broken, "the template is not loaded")
	}
	input, err := t.input(target)
	if err != nil {
		return unknown(unanswered, err.Error())
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.js {
		if err := e.narrow(t, target.Host); err != nil {
			return unknown(unreachable, err.Error())
		}
	}
	r := &run{shares: t.shares, quotes: t.quotes, steps: t.steps, grows: t.grows, doubts: t.doubts}
	if t.sticky {
		r.jar, _ = cookiejar.New(nil)
	}
	t.sink.run.Store(r)
	defer t.sink.run.Store(nil)
	listeners.listen(t.id, r)
	defer listeners.leave(t.id)
	t.tap.talk() // what an earlier run left behind
	r.failed(t.execute(ctx, input, r))
	r.heard(t.tap.talk())
	if err := ctx.Err(); err != nil {
		r.failed(err)
	}
	return r.answer(t, input)
}

// input is the target as the protocols of the template want it written.
func (t *template) input(target jobs.Target) (string, error) {
	if t.dns {
		return target.Host, nil
	}
	if target.Port == 0 {
		return "", errors.New("the template asks an endpoint, and this is a domain")
	}
	address := net.JoinHostPort(target.Host, strconv.Itoa(target.Port))
	if !t.http {
		return address, nil
	}
	if target.Scheme == "" {
		return "", errors.New("the template asks over HTTP, and the endpoint does not speak it")
	}
	return target.Scheme + "://" + address + target.Path, nil
}

// execute hands the template to nuclei. A panic is an error like others.
func (t *template) execute(ctx context.Context, input string, r *run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{fmt.Sprint(p)}
		}
	}()
	ctx, r.stop = context.WithCancel(ctx)
	defer r.stop()
	ctx = context.WithValue(ctx, runKey{}, r)
	ctx = context.WithValue(ctx, retryablehttp.RETRY_MAX, 0) //nolint:staticcheck // the key is theirs
	in := contextargs.NewWithInput(ctx, input)
	in.CookieJar = nil                              // ours is kept by the run
	defer t.Options.RemoveTemplateCtx(in.MetaInput) // nuclei leaves it behind
	sc := scan.NewScanContext(ctx, in)
	sc.OnError = r.failed
	sc.OnWarning = func(w string) { r.failed(errors.New(w)) }
	sc.OnResult = r.event
	_, err = t.Executer.ExecuteWithResults(sc)
	return err
}

// heard takes what was said on the template's own connections.
func (r *run) heard(errs []error, last exchange) {
	for _, err := range errs {
		r.failed(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spoken = last
}

type panicked struct{ what string }

// Error says what the engine failed on.
func (p *panicked) Error() string { return "the engine failed: " + p.what }

// event takes what nuclei made of an exchange.
func (r *run) event(ev *output.InternalWrappedEvent) {
	ev.RLock()
	defer ev.RUnlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	fields := ev.InternalEvent
	if s := text(fields["error"]); s != "" {
		r.errs = append(r.errs, errors.New(s))
	}
	if s := text(fields["x_nuclei_ignore_error"]); s != "" {
		r.errs = append(r.errs, fmt.Errorf("%w: %s", errPartial, s))
	}
	r.count(fields)
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
		code, ok := fields["rcode"].(int)
		if !ok || code != 0 && code != 3 { // NOERROR, NXDOMAIN
			r.errs = append(r.errs, fmt.Errorf("%w: its code is %v", errNoAnswer, fields["rcode"]))
			return
		}
		x.response = []byte(text(fields["raw"]))
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

var (
	errNoAnswer = errors.New("the name server gave no answer")
)

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
