package nuclei

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/projectdiscovery/nuclei/v3/pkg/output"
)

// nuclei evaluates expressions in whatever it puts into a request, also in
// what a target answered before (CVE-2026-41645). Where an answer holds one
// and the template has further requests, the run ends before it is evaluated.
var errTainted = errors.New("the answer holds an expression that the engine would have evaluated")

const opens = "{{" // an expression

// quoting are templates that put a whole answer into a request.
var quoting = regexp.MustCompile(`\{\{[^{}\n]*\b(?:body|response|raw|data|header|all_headers|all)(?:_[0-9]+)?\b`)

// taints tells whether something of this event that a later request may hold
// would be evaluated.
func (r *run) taints(ev *output.InternalWrappedEvent) bool {
	if o := ev.OperatorsResult; o != nil {
		for _, values := range o.DynamicValues {
			for _, v := range values {
				if strings.Contains(v, opens) {
					return true
				}
			}
		}
	}
	for _, field := range []string{"body", "response", "raw", "data", "header", "all_headers"} {
		if r.quotes && strings.Contains(text(ev.InternalEvent[field]), opens) {
			return true
		}
	}
	return false
}

// taintsBy is the same for headers, each of which is a variable.
func taintsBy(h http.Header) bool {
	for _, values := range h {
		for _, v := range values {
			if strings.Contains(v, opens) {
				return true
			}
		}
	}
	return false
}
