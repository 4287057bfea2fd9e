package judge

import (
	"maps"

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
