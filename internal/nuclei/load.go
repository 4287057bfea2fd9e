package nuclei

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/projectdiscovery/nuclei/v3/pkg/templates"
	"gopkg.in/yaml.v3"
)

// template is one that the engine has taken.
type template struct {
	*templates.Template
	id     string // ours: no two templates of the process share it
	sticky bool   // whether cookies of one step are sent with the next
	http   bool
	dns    bool // and nothing else
	js     bool
	talks  bool // over TCP, and not over TLS by a client of its own
	sink   *sink
	mu     sync.Mutex // templates keep state while they run
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
	if t.talks {
		e.running.Lock()
		e.dialers.Fastdialer = e.patient
		defer func() { e.dialers.Fastdialer = e.quick; e.running.Unlock() }()
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
	e.wire.take()
	e.loaded[key] = t
	return t.TotalRequests, nil
}

// prepare gives the template an ID of ours, by which what is only logged is
// told apart, and has cookies left to us: nuclei would make a client, and
// keep its connections, for each request with a jar.
func (t *template) prepare(data []byte) ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	if doc == nil {
		return nil, errors.New("the template is empty")
	}
	doc["id"] = t.id
	t.talks = (doc["tcp"] != nil || doc["network"] != nil) && doc["ssl"] == nil
	steps := 0
	for _, section := range []string{"http", "requests"} {
		list, _ := doc[section].([]any)
		for _, item := range list {
			r, ok := item.(map[string]any)
			if !ok {
				continue
			}
			if off, _ := r["disable-cookie"].(bool); !off {
				t.sticky = true
			}
			r["disable-cookie"] = true
			paths, _ := r["path"].([]any)
			raws, _ := r["raw"].([]any)
			steps += len(paths) + len(raws)
		}
	}
	t.sticky = t.sticky && steps > 1
	return yaml.Marshal(doc)
}
