package templates

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	// Functions of nuclei's expressions that go out or wait. Not after a dot:
	// that is a method of JavaScript.
	goesOut = regexp.MustCompile(`(?i)(?:^|[^.\w])(resolve|public_ip|llm_prompt|wait_for|jarm)\s*\(`)
	swells  = regexp.MustCompile(`(?i)(?:^|[^.\w])(repeat|padding|rand_base|rand_char|rand_text_\w{1,20})\s*\((?:[^()]{0,200},)?\s*\d{6,}\s*[,)]`)
	// Hosts that exist to be told that a target called.
	collects = regexp.MustCompile(`(?i)\b(?:[\w-]+\.)?(?:oast\.(?:pro|live|site|online|fun|me|today)|interact\.sh|burpcollaborator\.net|oastify\.com|dnslog\.cn|ceye\.io|requestbin\.net|webhook\.site|canarytokens\.com)\b`)
)

// text vets every text below n, wherever it stands: an engine that finds an
// expression in it will evaluate it.
func (v *vet) text(n *yaml.Node) {
	if v.refused != nil {
		return
	}
	if n.Kind == yaml.ScalarNode {
		v.phrase(n)
	}
	for _, c := range n.Content {
		v.text(c)
	}
}

func (v *vet) phrase(n *yaml.Node) {
	s := n.Value
	if len(s) < 5 {
		return
	}
	if at := strings.Index(strings.ToLower(s), "interactsh"); at >= 0 {
		v.refuseAt(v.lineIn(n, at), "interactsh")
	}
	if m := goesOut.FindStringSubmatchIndex(s); m != nil {
		v.refuseAt(v.lineIn(n, m[2]), "function", s[m[2]:m[3]])
	}
	if m := swells.FindStringSubmatchIndex(s); m != nil {
		v.refuseAt(v.lineIn(n, m[2]), "swells", s[m[2]:m[3]])
	}
	if strings.Contains(s, "!include:") && include.MatchString(s) {
		v.refuse(n, "include")
	}
	if strings.Contains(s, "@") {
		v.notes(n)
	}
}
