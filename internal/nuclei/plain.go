package nuclei

import (
	"bytes"
	"fmt"
	"regexp"
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
// after the other, and looks for nothing but what is in the answers.
func (t *template) isPlain() bool {
	if t.alone || t.Options.Flow != "" || len(t.RequestsHTTP) == 0 || len(partsOf(t.Template)) != len(t.RequestsHTTP) || t.Variables.Len() > 0 {
		return false
	}
	if rest := bytes.ReplaceAll(t.text, []byte("{{BaseURL}}/"), nil); bytes.Contains(rest, []byte("{{")) || bytes.Contains(rest, []byte("§")) {
		return false
	}
	return !slices.ContainsFunc(t.RequestsHTTP, func(p *over.Request) bool { return !t.isPlainPart(p) })
}

func (t *template) isPlainPart(p *over.Request) bool {
	return p.Method.String() == "GET" && len(p.Raw)+len(p.Payloads)+len(p.Fuzzing)+len(p.FuzzPreCondition) == 0 && p.Body == "" && p.MaxSize == 0 &&
		!p.Race && p.Threads == 0 && !p.Unsafe && p.Analyzer == nil && !p.Redirects && !p.HostRedirects && p.MaxRedirects == 0 && !p.ReqCondition &&
		!p.IterateAll && !p.GlobalMatchers && p.DigestAuthUsername == "" && !p.SelfContained && p.Headers["Host"] == "" &&
		!slices.ContainsFunc(p.Path, func(path string) bool { return !strings.HasPrefix(path, "{{BaseURL}}/") }) && t.showsInAnswers(p)
}

// showsInAnswers tells whether all that is looked for is in an answer.
func (t *template) showsInAnswers(p *over.Request) bool {
	o := p.CompiledOperators
	if o == nil {
		return false
	}
	parts := slices.Clone(answered)
	if p.NeedsRequestCondition() {
		for n := range p.Path {
			for _, name := range answered {
				parts = append(parts, fmt.Sprintf("%s_%d", name, n+1))
			}
		}
	}
	known := slices.Clone(parts)
	for _, x := range o.Extractors {
		if x.Internal || x.GetType() != extractors.RegexExtractor || !slices.Contains(parts, partOf(x.Part)) {
			return false
		}
		if len(t.RequestsHTTP) == 1 { // else one part may read what another extracted
			known = append(known, x.Name)
		}
	}
	for _, m := range o.Matchers {
		if !slices.Contains(parts, partOf(m.Part)) {
			return false
		}
		switch m.GetType() {
		case matchers.StatusMatcher, matchers.RegexMatcher, matchers.SizeMatcher, matchers.BinaryMatcher:
		case matchers.WordsMatcher:
			if slices.ContainsFunc(m.Words, func(w string) bool { return strings.Contains(w, opens) }) { // it may have been encoded
				return false
			}
		case matchers.DSLMatcher:
			if slices.ContainsFunc(m.DSL, func(e string) bool { return !within(e, known) }) {
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

// momentary are functions that give another value each time, or wait.
var momentary = regexp.MustCompile(`\w*(?:rand|time|wait)\w*\s*\(`)

// within tells whether an expression has no other names than those that are known.
func within(expression string, known []string) bool {
	if momentary.MatchString(expression) {
		return false
	}
	c, err := govaluate.NewEvaluableExpressionWithFunctions(expression, dsl.HelperFunctions)
	return err == nil && !slices.ContainsFunc(c.Vars(), func(v string) bool { return !slices.Contains(known, v) })
}
