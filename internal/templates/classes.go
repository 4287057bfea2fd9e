package templates

import (
	"encoding/base64"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The tags by which authors say that a template does more than look.
var tagClasses = map[string]string{
	"dos": Dos, "fuzz": Fuzz, "fuzzing": Fuzz,
	"bruteforce": BruteForce, "brute-force": BruteForce, "brute": BruteForce,
	"intrusive": Intrusive, "fileupload": Intrusive, "file-upload": Intrusive,
	"default-login": DefaultLogin, "default-logins": DefaultLogin,
}

func (v *vet) tagged() {
	for _, t := range v.t.Tags {
		if c := tagClasses[t]; c != "" {
			v.classes[c] = true
		}
	}
	v.basic(v.root)
}

var secret = regexp.MustCompile(`(?i)^(?:.*[_-])?(?:pass(?:word|wd|es|words)?|pwd|pws|secret|cred(?:ential)?s?)\d*$`)

// guesses marks payloads that are passwords, whatever the tags say.
func (v *vet) guesses(sets *yaml.Node, combinations int) {
	for i := 0; i+1 < len(sets.Content); i += 2 {
		if secret.MatchString(sets.Content[i].Value) {
			v.classes[DefaultLogin] = true
			if combinations > mostGuesses {
				v.classes[BruteForce] = true
			}
		}
	}
}

var basicAuth = regexp.MustCompile(`(?i)\bBasic[ \t]+(\{\{\s*base64|[A-Za-z0-9+/]{4,}={0,2})`)

// basic marks requests that bring a name and a password of HTTP along.
func (v *vet) basic(n *yaml.Node) {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		switch n.Content[i].Value {
		case "info", "matchers", "extractors":
		default:
			v.basic(n.Content[i+1])
		}
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range n.Content {
			v.basic(c)
		}
	}
	if n.Kind != yaml.ScalarNode {
		return
	}
	for _, m := range basicAuth.FindAllStringSubmatch(n.Value, -1) {
		if strings.HasPrefix(m[1], "{{") {
			v.classes[DefaultLogin] = true
		} else if b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m[1], "=")); err == nil && strings.Contains(string(b), ":") {
			v.classes[DefaultLogin] = true
		}
	}
}
