package nuclei

import (
	"errors"
	"regexp"
	"slices"
	"sync"

	"github.com/Knetic/govaluate"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/common/dsl"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/matchers"
	"github.com/projectdiscovery/nuclei/v3/pkg/output"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols"
	"github.com/projectdiscovery/nuclei/v3/pkg/protocols/common/expressions"
	"github.com/projectdiscovery/nuclei/v3/pkg/templates"
)

// errDoubt is an expression that failed where nothing else decides.
var errDoubt = errors.New("an expression of the template could not be evaluated on the answer")

// doubt looks again at what did not match. An expression that fails, such as
// one that compares a version that is not shown, is false to nuclei; here it
// is neither, and hangs on what stands beside it (strong logic of Kleene).
type doubt struct {
	request  protocols.Request
	operator *operators.Operators
	shown    map[string]bool // values that extractors are to find

	mu       sync.Mutex
	compiled map[string]*govaluate.EvaluableExpression
}

// truth is false, true, or neither.
type truth int

const (
	no truth = iota
	perhaps
	yes
)

// doubtsOf are those of the parts of a template, by their kind. Where there
// are two of a kind, an event does not tell whose it is.
func doubtsOf(t *templates.Template) map[string]*doubt {
	out, seen := map[string]*doubt{}, map[string]bool{}
	for _, part := range partsOf(t) {
		kind := part.Type().String()
		ops := part.GetCompiledOperators()
		if seen[kind] || len(ops) != 1 || ops[0] == nil || len(ops[0].Matchers) == 0 {
			delete(out, kind)
			seen[kind] = true
			continue
		}
		seen[kind] = true
		d := &doubt{request: part, operator: ops[0], shown: map[string]bool{}, compiled: map[string]*govaluate.EvaluableExpression{}}
		for _, e := range ops[0].Extractors {
			if e.Name != "" {
				d.shown[e.Name] = true
			}
		}
		if d.possible() {
			out[kind] = d
		}
	}
	return out
}

// possible tells whether there is anything that may be neither true nor false.
func (d *doubt) possible() bool {
	return slices.ContainsFunc(d.operator.Matchers, func(m *matchers.Matcher) bool {
		return m.GetType() == matchers.DSLMatcher || unseen.MatchString(m.Part)
	})
}

// partsOf are all parts of a template.
func partsOf(t *templates.Template) (all []protocols.Request) {
	for _, p := range t.RequestsHTTP {
		all = append(all, p)
	}
	for _, p := range t.RequestsNetwork {
		all = append(all, p)
	}
	for _, p := range t.RequestsSSL {
		all = append(all, p)
	}
	for _, p := range t.RequestsDNS {
		all = append(all, p)
	}
	for _, p := range t.RequestsJavascript {
		all = append(all, p)
	}
	return all
}

// remains tells whether the answer might have matched.
func (d *doubt) remains(fields output.InternalEvent) bool {
	var all []truth
	for _, m := range d.operator.Matchers {
		v := no
		if m.GetType() != matchers.DSLMatcher {
			if matched, _ := d.request.Match(fields, m); matched {
				v = yes
			} else if unseen.MatchString(m.Part) {
				v = perhaps
			}
			all = append(all, v)
			continue
		}
		var each []truth
		for _, e := range m.DSL {
			each = append(each, d.value(e, fields))
		}
		v = together(each, m.Condition == "and")
		if m.Negative {
			v = yes - v
		}
		all = append(all, v)
	}
	return together(all, d.operator.MatchersCondition == "and") == perhaps
}

// together is the value of all under one condition.
func together(values []truth, and bool) truth {
	if len(values) == 0 {
		return no
	}
	out := values[0]
	for _, v := range values[1:] {
		if and {
			out = min(out, v)
		} else {
			out = max(out, v)
		}
	}
	return out
}

// unseen are values that nuclei has and this engine has not: it keeps no
// history of names, and hears of no connection from the target.
var unseen = regexp.MustCompile(`^(?:cname(?:_all)?|ip|interactsh_.*)(?:_[0-9]+)?$`)

// absent is what govaluate says of a name that has no value.
var absent = regexp.MustCompile(`No parameter '([^']*)' found`)

// value of one expression. A name without a value is a header that was not
// sent or an answer that is still to come, unless an extractor was to find it.
func (d *doubt) value(expression string, fields output.InternalEvent) truth {
	compiled, err := d.compile(expression, fields)
	if err != nil {
		return perhaps
	}
	result, err := compiled.Evaluate(fields)
	if err != nil {
		if name := absent.FindStringSubmatch(err.Error()); name != nil && !d.shown[name[1]] && !unseen.MatchString(name[1]) {
			return no
		}
		return perhaps
	}
	switch result {
	case true:
		return yes
	case false:
		return no
	}
	return perhaps
}

// compile reads an expression, once where it is the same for every answer.
func (d *doubt) compile(expression string, fields output.InternalEvent) (*govaluate.EvaluableExpression, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.compiled[expression]; c != nil {
		return c, nil
	}
	text := expression
	if expressions.ContainsUnresolvedVariables(expression) != nil {
		resolved, err := expressions.Evaluate(expression, fields)
		if err != nil {
			return nil, err
		}
		text = resolved
	}
	c, err := govaluate.NewEvaluableExpressionWithFunctions(text, dsl.HelperFunctions)
	if err == nil && text == expression {
		d.compiled[expression] = c
	}
	return c, err
}
