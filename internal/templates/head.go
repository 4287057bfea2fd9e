package templates

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Rule of nuclei for identifiers.
var (
	identifier = regexp.MustCompile(`^([a-zA-Z0-9]+[-_])*[a-zA-Z0-9]+$`)
	cveID      = regexp.MustCompile(`^(?i)cve-(\d{4})-(\d{4,19})$`)
)

var severities = []string{"info", "low", "medium", "high", "critical", "unknown"}

// head reads what the template says of itself.
func (v *vet) head() {
	id := get(v.root, "id")
	switch {
	case id == nil:
		v.refuse(v.root, "no-id")
		return
	case id.Kind != yaml.ScalarNode || !identifier.MatchString(id.Value) || len(id.Value) > mostKey:
		v.refuse(id, "id", value(id))
		return
	}
	v.t.ID = id.Value
	info := get(v.root, "info")
	if info == nil || info.Kind != yaml.MappingNode {
		v.refuse(v.root, "no-info")
		return
	}
	if v.t.Name = strings.TrimSpace(value(get(info, "name"))); v.t.Name == "" {
		v.refuse(info, "no-name")
	}
	if len(words(get(info, "author"))) == 0 {
		v.refuse(info, "no-author")
	}
	v.t.Severity = "unknown"
	if n := get(info, "severity"); n != nil {
		v.t.Severity = strings.ToLower(strings.TrimSpace(value(n)))
		if !slices.Contains(severities, v.t.Severity) {
			v.refuse(n, "severity", value(n), strings.Join(severities, ", "))
		}
	}
	v.t.Tags = words(get(info, "tags"))
	for _, n := range items(get(info, "reference")) {
		if r := strings.TrimSpace(value(n)); r != "" {
			v.t.References = append(v.t.References, r)
		}
	}
	if n := get(get(info, "metadata"), "secret"); n != nil {
		v.t.Secret, _ = truth(n)
	}
	v.cves(info)
}

func (v *vet) cves(info *yaml.Node) {
	seen := map[string]bool{}
	for _, w := range append(words(get(get(info, "classification"), "cve-id")), v.t.ID) {
		if w = strings.ToUpper(w); cveID.MatchString(w) && !seen[w] {
			seen[w] = true
			v.t.CVEs = append(v.t.CVEs, w)
		}
	}
}

// words reads a list, or a text with commas, as nuclei does: small letters, no
// blanks around.
func words(n *yaml.Node) []string {
	var all []string
	seen := map[string]bool{}
	for _, item := range items(n) {
		parts := []string{value(item)}
		if n.Kind == yaml.ScalarNode {
			parts = strings.Split(n.Value, ",")
		}
		for _, w := range parts {
			if w = strings.ToLower(strings.TrimSpace(w)); w != "" && !seen[w] {
				seen[w] = true
				all = append(all, w)
			}
		}
	}
	return all
}
