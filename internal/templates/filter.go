package templates

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
)

// Filter selects templates. Of each list one value must fit; an empty list
// fits all. IDs and CVEs both name templates: one value of either must fit.
type Filter struct {
	Severities []string
	Tags       []string
	IDs        []string // may have * and ?, as file names do
	CVEs       []string // the same
}

// picker is a filter at work; it remembers which of its values have selected
// something. Safe for use by several readers.
type picker struct {
	severities, tags, names []want
	mu                      sync.Mutex
	hit                     map[string]bool
}

type want struct{ wrote, pattern string }

func (f Filter) compile() (*picker, error) {
	p := &picker{hit: map[string]bool{}}
	for _, set := range []struct {
		from []string
		to   *[]want
	}{{f.Severities, &p.severities}, {f.Tags, &p.tags}, {f.IDs, &p.names}, {f.CVEs, &p.names}} {
		for _, w := range set.from {
			pattern := strings.ToLower(strings.TrimSpace(w))
			if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
				return nil, fmt.Errorf("bad pattern %q in the filter of templates", w)
			}
			*set.to = append(*set.to, want{w, pattern})
		}
	}
	return p, nil
}

// selects tells whether the filter selects a template, by what the template
// says of itself.
func (p *picker) selects(t *Template) bool {
	names := []string{strings.ToLower(t.ID)}
	for _, c := range t.CVEs {
		names = append(names, strings.ToLower(c))
	}
	// All three are asked, that each value that fits is remembered.
	severity, tag, name := p.any(p.severities, []string{t.Severity}), p.any(p.tags, t.Tags), p.any(p.names, names)
	return severity && tag && name
}

func (p *picker) any(wants []want, has []string) bool {
	fits := len(wants) == 0
	for _, w := range wants {
		if slices.ContainsFunc(has, func(h string) bool { ok, _ := path.Match(w.pattern, h); return ok }) {
			fits = true
			p.mu.Lock()
			p.hit[w.wrote] = true
			p.mu.Unlock()
		}
	}
	return fits
}

// nothing lists the values that fitted no template, in the order of the filter.
func (p *picker) nothing() []string {
	var all []string
	for _, w := range slices.Concat(p.severities, p.tags, p.names) {
		if !p.hit[w.wrote] && !slices.Contains(all, w.wrote) {
			all = append(all, w.wrote)
		}
	}
	return all
}
