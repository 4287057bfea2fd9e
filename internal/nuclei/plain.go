package nuclei

import (
	"bytes"
	"slices"
	"strings"

	"github.com/projectdiscovery/nuclei/v3/pkg/operators/extractors"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/matchers"
	over "github.com/projectdiscovery/nuclei/v3/pkg/protocols/http"

	"github.com/Knetic/govaluate"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/common/dsl"
)

// values of an answer that a glance has as nuclei has them; the rest are of the
// target, the template or the moment.
var answered = []string{"body", "all_headers", "header", "status_code", "content_length", "content_type", "server", "location", "set_cookie", "www_authenticate"}

// isPlain tells of a template that asks for paths below the target by GET, one
// after the other, and holds each answer by itself against its matchers.
func (t *template) isPlain() bool {
	if t.alone || t.Options.Flow != "" || len(t.RequestsHTTP) != 1 || len(partsOf(t.Template)) != 1 || t.Variables.Len() > 0 {
		return false
	}
	if rest := bytes.ReplaceAll(t.text, []byte("{{BaseURL}}/"), nil); bytes.Contains(rest, []byte("{{")) || bytes.Contains(rest, []byte("§")) {
		return false
	}
	p := t.RequestsHTTP[0]
	return p.Method.String() == "GET" && len(p.Raw)+len(p.Payloads)+len(p.Fuzzing)+len(p.FuzzPreCondition) == 0 && p.Body == "" && p.MaxSize == 0 &&
		!p.Race && p.Threads == 0 && !p.Unsafe && p.Analyzer == nil && !p.Redirects && !p.HostRedirects && p.MaxRedirects == 0 && !p.ReqCondition && !p.NeedsRequestCondition() &&
		!p.IterateAll && !p.GlobalMatchers && p.DigestAuthUsername == "" && !p.SelfContained && t.showsInAnswers(p)
}

// showsInAnswers tells whether all that is looked for is in an answer.
func (t *template) showsInAnswers(p *over.Request) bool {
	o := p.CompiledOperators
	if o == nil {
		return false
	}
	known := slices.Clone(answered)
	for _, x := range o.Extractors {
		if x.Internal || x.GetType() != extractors.RegexExtractor || !slices.Contains(answered, partOf(x.Part)) {
			return false
		}
		known = append(known, x.Name)
	}
	for _, m := range o.Matchers {
		switch m.GetType() {
		case matchers.StatusMatcher:
		case matchers.WordsMatcher, matchers.RegexMatcher, matchers.SizeMatcher, matchers.BinaryMatcher:
			if !slices.Contains(answered, partOf(m.Part)) {
				return false
			}
		case matchers.DSLMatcher:
			if !slices.Contains(answered, partOf(m.Part)) && m.Part != "" || slices.ContainsFunc(m.DSL, func(e string) bool { return !within(e, known) }) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func partOf(part string) string {
	if part == "" {
		return "body"
	}
	return part
}

// within tells whether an expression has no other names than those that are known.
func within(expression string, known []string) bool {
	if strings.Contains(expression, "rand") || strings.Contains(expression, "time") {
		return false
	}
	c, err := govaluate.NewEvaluableExpressionWithFunctions(expression, dsl.HelperFunctions)
	return err == nil && !slices.ContainsFunc(c.Vars(), func(v string) bool { return !slices.Contains(known, v) })
}
