package nuclei

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/nuclei/v3/pkg/templates"
)

// template is one that the engine has taken.
type template struct {
	*templates.Template
	id      string // ours: no two templates of the process share it
	sticky  bool   // whether cookies of one step are sent with the next
	http    bool
	dns     bool // and nothing else
	js      bool
	talks   bool // over TCP and in no other way
	alone   bool // whether it has dialers of its own: all but those of HTTP and the DNS
	tap     tap
	dialers *protocolstate.Dialers
	steps   bool              // whether there are requests after the first
	quotes  bool              // whether they repeat whole answers
	grows   bool              // whether more of a body could only make it match, never keep it from
	shares  bool              // whether the exchange of another template, that asks the same, will do
	needs   int               // answers that show that nothing was found, unless a flow ends before
	doubts  map[string]*doubt // by the kind of the part
	sink    *sink
	mu      sync.Mutex // templates keep state while they run
}

// Load gives the engine a template, vetted before, under a key. What cannot be
// kept from leaving the target is refused again.
func (e *Engine) Load(key string, data []byte) (requests int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return 0, errClosed
	}
	defer func() {
		if p := recover(); p != nil {
			requests, err = 0, fmt.Errorf("the engine failed on the template: %v", p)
		}
	}()
	t := &template{id: fmt.Sprintf("%s-%d", e.options.ExecutionId, len(e.loaded)+1), sink: &sink{}}
	if data, err = t.prepare(data); err != nil {
		return 0, err
	}
	eo := e.base.Copy()
	eo.Output = t.sink
	if t.alone {
		eo.Options = options(e.config, e.timeout, t.id)
		if t.dialers, err = e.dialersFor(eo.Options, &t.tap); err != nil {
			return 0, err
		}
		defer func() {
			if err != nil {
				t.release()
			}
		}()
	}
	if t.Template, err = templates.ParseTemplateFromReader(bytes.NewReader(data), nil, eo); err != nil {
		return 0, err
	}
	switch {
	case t.Template == nil, t.Executer == nil:
		return 0, errors.New("the template asks nothing")
	case len(t.RequestsCode)+len(t.RequestsHeadless)+len(t.RequestsFile)+len(t.RequestsWHOIS)+len(t.RequestsWebsocket)+len(t.Workflows) > 0, t.SelfContained, t.IsFuzzing():
		return 0, errors.New("the template is of a kind that is not run")
	}
	t.http, t.js = len(t.RequestsHTTP) > 0, len(t.RequestsJavascript) > 0
	t.dns = len(t.RequestsDNS) > 0 && !t.http && !t.js && len(t.RequestsNetwork)+len(t.RequestsSSL) == 0
	t.needs = t.TotalRequests
	for _, js := range t.RequestsJavascript {
		if js.PreCondition != "" {
			t.needs-- // nuclei counts it, and answers it with nothing
		}
	}
	t.doubts = doubtsOf(t.Template)
	t.steps = t.TotalRequests > 1 || len(partsOf(t.Template)) > 1 || t.Options.Flow != "" || t.talks
	t.quotes = quoting.Match(data)
	t.shares = !t.steps && t.http && !bytes.Contains(data, []byte("duration"))
	e.wire.take(e.dialers)
	if t.alone {
		e.wire.take(t.dialers)
	}
	e.loaded[key] = t
	return t.TotalRequests, nil
}
