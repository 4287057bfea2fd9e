package nuclei

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http/cookiejar"
	"strconv"

	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/contextargs"
	"github.com/projectdiscovery/nuclei/v3/pkg/scan"
	"github.com/projectdiscovery/retryablehttp-go"

	"github.com/sansang/sansang/internal/jobs"
)

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
	if t.strays && !e.config.Relayed {
		return unknown(outOfScope, "a module of the script connects by itself, which only the wall around the engine can hold")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.spent {
		e.mu.Lock()
		err := e.compile(t)
		e.mu.Unlock()
		if err != nil {
			return unknown(broken, err.Error())
		}
	}
	if t.js {
		if err := e.narrow(t, target.Host); err != nil {
			return unknown(unreachable, err.Error())
		}
	}
	r := t.run()
	r.learns = t.plain && glanceOf(t.from) == nil
	t.sink.run.Store(r)
	defer t.sink.run.Store(nil)
	listeners.listen(t.id, r)
	defer listeners.leave(t.id)
	t.tap.talk() // what an earlier run left behind
	r.failed(t.execute(ctx, input, r))
	r.heard(t.tap.talk())
	a := e.ended(ctx, t, r, input)
	t.spent = a.Found && !t.single
	t.learn(target, r, a)
	return a
}

// run is one of the template that begins.
func (t *template) run() *run {
	r := &run{shares: t.shares, quotes: t.quotes, steps: t.steps, grows: t.grows, doubts: t.doubts}
	if t.sticky {
		r.jar, _ = cookiejar.New(nil)
	}
	return r
}

// ended gives the answer of a run that is over.
func (e *Engine) ended(ctx context.Context, t *template, r *run, input string) jobs.Answer {
	if err := ctx.Err(); err != nil {
		e.stopped.Store(true)
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
	ctx = context.WithValue(ctx, retryablehttp.RETRY_MAX, 0)
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
