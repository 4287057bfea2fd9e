package checks

import (
	"slices"
	"strings"
)

// SeverityOf is the severity by which templates are weighed: one of info, low,
// medium, high, critical; what says none is critical.
func SeverityOf(s string) string { return severityOf(s) }

// SetsAbout lists the sets of our own templates with a template of that ID, or
// about one of those CVEs. What other runs of nuclei found can so be put where
// policies look for it.
func SetsAbout(id string, cves []string) (out []string) {
	for _, set := range []*Check{TemplatesExposed, TemplatesConsoles, TemplatesData, TemplatesUnsupported, TemplatesHoles} {
		if slices.ContainsFunc(set.MayRead, func(c *Check) bool { return c.isAbout(id, cves) }) {
			out = append(out, set.ID)
		}
	}
	return out
}

func (c *Check) isAbout(id string, cves []string) bool {
	if c.Template == nil {
		return false
	}
	t, err := c.Template()
	if err != nil {
		return false
	}
	return strings.EqualFold(t.ID, id) || slices.ContainsFunc(t.CVEs, func(cve string) bool { return slices.Contains(cves, strings.ToUpper(cve)) })
}
