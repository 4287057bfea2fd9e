package nuclei

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/projectdiscovery/nuclei/v3/pkg/operators"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/protocolstate"
	"github.com/projectdiscovery/nuclei/v3/pkg/templates"
	"github.com/projectdiscovery/nuclei/v3/pkg/types"
)

// template is one that the engine has taken.
type template struct {
	*templates.Template
	id      string // ours: no two templates of the process share it
	from    []byte // as it was given
	text    []byte
	sink    sink
	tap     tap
	options *types.Options         // of its own, or the engine's
	dialers *protocolstate.Dialers // of its own; nil: the engine's
	doubts  map[string]*doubt      // by the kind of the part

	http   bool
	dns    bool // and nothing else
	js     bool
	talks  bool // over TCP and in no other way
	alone  bool // whether it has dialers of its own: all but those of HTTP and the DNS
	sticky bool // whether cookies of one step are sent with the next
	steps  bool // whether there are requests after the first
	single bool // whether it is one part over HTTP, of which nothing is left after a find
	quotes bool // whether they repeat whole answers
	grows  bool // whether more of a body could only make it match, never keep it from
	strays bool // whether a module of its scripts connects by a dialer of its own
	plain  bool // whether a glance at the answers may do
	shares bool // whether the exchange of another template, that asks the same, will do
	needs  int  // answers that show that nothing was found, unless a flow ends before

	mu    sync.Mutex // templates keep state while they run
	spent bool       // and some of it after they have found something
}

// Load gives the engine a template, vetted before, under a key; the same again
// costs nothing. What cannot be
// kept from leaving the target is refused again.
func (e *Engine) Load(key string, data []byte) (requests int, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return 0, errClosed
	}
	if have := e.loaded[key]; have != nil && bytes.Equal(have.from, data) {
		return have.TotalRequests, nil
	}
	t := &template{from: data, id: fmt.Sprintf("%s-%d", e.options.ExecutionId, e.taken), options: e.options}
	e.taken++
	if err := t.prepare(data); err != nil {
		return 0, err
	}
	if t.alone {
		t.options = options(e.config, e.timeout, t.id)
		if t.dialers, err = e.dialersFor(t.options, &t.tap); err != nil {
			return 0, err
		}
	}
	if err := e.compile(t); err != nil {
		t.release()
		return 0, err
	}
	if old := e.loaded[key]; old != nil {
		old.release()
	}
	e.loaded[key] = t
	return t.TotalRequests, nil
}

// compile has nuclei read the template.
func (e *Engine) compile(t *template) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine failed on the template: %v", p)
		}
	}()
	eo := e.base.Copy()
	eo.Output, eo.Options = &t.sink, t.options
	if t.Template, err = templates.ParseTemplateFromReader(bytes.NewReader(t.text), nil, eo); err != nil {
		return err
	}
	switch {
	case t.Template == nil, t.Executer == nil:
		return errors.New("the template asks nothing")
	case len(t.RequestsCode)+len(t.RequestsHeadless)+len(t.RequestsFile)+len(t.RequestsWHOIS)+len(t.RequestsWebsocket)+len(t.Workflows) > 0, t.SelfContained, t.IsFuzzing(), goesOut(t.Template):
		return errors.New("the template is of a kind that is not run")
	}
	if !slices.ContainsFunc(partsOf(t.Template), decides) {
		return errors.New("the template has nothing that would match or extract")
	}
	e.wire.take(e.dialers)
	if t.alone {
		e.wire.take(t.dialers)
	}
	t.describe()
	t.spent = false
	return nil
}

// goesOut tells whether a part connects by a dialer that asks nobody: pipelines
// do, the signing of requests for a cloud looks for keys at the address of its
// metadata, and a trace goes through the root servers of the DNS.
func goesOut(t *templates.Template) bool {
	for _, r := range t.RequestsHTTP {
		if r.Pipeline || r.Signature.Value != 0 {
			return true
		}
	}
	for _, r := range t.RequestsDNS {
		if r.Trace || len(r.Resolvers) > 0 {
			return true
		}
	}
	return t.Signature.Value != 0
}

// straying modules heed the address of the target, and no more: not its port,
// nor any rate.
var straying = regexp.MustCompile(`nuclei/(?:ssh|redis|mssql|kerberos)\b`)

// decides tells whether a part can come to a result.
func decides(part protocols.Request) bool {
	return slices.ContainsFunc(part.GetCompiledOperators(), func(o *operators.Operators) bool { return o != nil && !o.IsEmpty() })
}

// describe says what the rule and the wire need to know of a template.
func (t *template) describe() {
	t.http, t.js = len(t.RequestsHTTP) > 0, len(t.RequestsJavascript) > 0
	t.dns = len(t.RequestsDNS) > 0 && !t.http && !t.alone
	t.needs = t.TotalRequests
	for _, js := range t.RequestsJavascript {
		if js.PreCondition != "" {
			t.needs-- // nuclei counts it, and answers it with nothing
		}
	}
	t.steps = t.TotalRequests > 1 || len(partsOf(t.Template)) > 1 || t.Options.Flow != "" || t.talks
	// What is left of a find is a flag that keeps the parts after it from being run.
	t.single = t.http && len(partsOf(t.Template)) == 1 && t.Options.Flow == ""
	t.quotes = quoting.Match(t.text)
	t.shares = !t.steps && t.http && !bytes.Contains(t.text, []byte("duration"))
	t.strays = t.js && straying.Match(t.text)
	t.doubts = doubtsOf(t.Template)
	t.plain = t.isPlain()
}
