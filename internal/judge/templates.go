package judge

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// TemplateSet is templates in nuclei's format that a policy relies on: those
// of a folder that the filters leave. What they find is the fact templates.As,
// of the same form as that of the templates given to a scan.
type TemplateSet struct {
	As       string   `json:"as"`
	Folder   string   `json:"folder"`             // relative to the policy file
	Severity []string `json:"severity,omitempty"` // any of these; empty: all
	Tags     []string `json:"tags,omitempty"`
	IDs      []string `json:"ids,omitempty"`
	CVEs     []string `json:"cves,omitempty"`
}

// Fact is the variable that holds what the set found.
func (s TemplateSet) Fact() string { return templateFacts + s.As }

// Chosen tells which templates the set is of, so that what a scan saw of one
// is not taken for what it saw of another of the same name.
func (s TemplateSet) Chosen() string {
	s.As = ""
	b, _ := json.Marshal(s)
	return string(b)
}

// Disown takes from observations what sets of templates found that are not
// those of the policy: where not every set of the name was chosen as the policy
// chooses it.
func (p *Policy) Disown(all []fact.Observation, chosen map[string][]string) []fact.Observation {
	if len(p.Templates) == 0 {
		return all
	}
	out := slices.Clone(all)
	for _, s := range p.Templates {
		if !slices.ContainsFunc(chosen[s.As], func(c string) bool { return c != s.Chosen() }) {
			continue
		}
		for i, o := range out {
			if o.Check == s.Fact() {
				out[i].Value, out[i].Unknown = nil, fact.Because(fact.Skipped, "the scan took other templates by the name "+s.As)
			}
		}
	}
	return out
}

const (
	templateFacts = "templates."
	templateForm  = "templates.given" // whose fact has the form of every set's
)

// withTemplates gives the schema with the facts of the policy's own sets of
// templates.
func (p *Policy) withTemplates(schema fact.Schema, say func(what, instead lang.Text, at ...any)) fact.Schema {
	if len(p.Templates) == 0 {
		return schema
	}
	schema = maps.Clone(schema)
	for i, s := range p.Templates {
		if _, taken := schema[s.Fact()]; taken {
			say(lang.Tf("đã có bộ mẫu tên %q", "there is a set of templates named %q already", s.As), lang.T("đặt tên khác", "give it another name"), "templates", i, "as")
			continue
		}
		schema[s.Fact()] = schema[templateForm]
	}
	return schema
}
