package nuclei

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/projectdiscovery/nuclei/v3/pkg/operators/extractors"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/matchers"
	over "github.com/projectdiscovery/nuclei/v3/pkg/protocols/http"
)

// statusOnly is an expression that asks for one status.
var statusOnly = regexp.MustCompile(`^status_code == ([0-9]{3})$`)

// wantsOf are the statuses one of which a part of a plain template wants,
// before it looks at anything else; none: it does not say. Most answers are 404
// and most templates want 200, so that there is nothing to be read.
func wantsOf(p *over.Request) []int {
	o := p.CompiledOperators
	if p.NeedsRequestCondition() || slices.ContainsFunc(o.Extractors, func(x *extractors.Extractor) bool { return x.Name == "status_code" }) {
		return nil
	}
	var all []int
	for _, m := range o.Matchers {
		wants := statusesOf(m)
		if o.MatchersCondition == "and" {
			if len(wants) > 0 || m.GetType() == matchers.DSLMatcher { // whose warnings would count
				return wants
			}
			continue
		}
		if len(wants) == 0 {
			return nil
		}
		all = append(all, wants...)
	}
	return all
}

// statusesOf are those without which a matcher does not hold.
func statusesOf(m *matchers.Matcher) []int {
	switch {
	case m.Negative:
	case m.GetType() == matchers.StatusMatcher:
		return m.Status
	case m.GetType() == matchers.DSLMatcher && len(m.DSL) > 0 && (len(m.DSL) == 1 || m.Condition == "and"):
		if said := statusOnly.FindStringSubmatch(m.DSL[0]); said != nil {
			status, _ := strconv.Atoi(said[1])
			return []int{status}
		}
	}
	return nil
}

// mostPassed is how long a body may be that is passed over, far below what
// nuclei reads of one.
const mostPassed = 1 << 20

// passes tells of an answer that a part which wants other statuses need not
// read. What nuclei would doubt in reading it has to be read: a body that is to
// be unpacked, and headers and cookies that look like errors of nuclei's own.
func passes(resp *http.Response, wants []int) bool {
	h, whole := resp.Body.(*held)
	if !whole || resp.ProtoMajor != 1 || len(wants) == 0 || slices.Contains(wants, resp.StatusCode) || len(h.all) > mostPassed || resp.Header.Get("Content-Encoding") != "" {
		return false
	}
	for name, values := range resp.Header {
		if strings.Contains(strings.ToLower(name), "error") || name == "Set-Cookie" && strings.Contains(strings.ToLower(strings.Join(values, "\n")), "error") {
			return false
		}
	}
	return true
}
