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
	v.sent()
}

var secret = regexp.MustCompile(`(?i)^(?:.*[_-])?(?:pass(?:word|wd|es|words)?|pwd|pws|secret|cred(?:ential)?s?)\d*$`)

var account = regexp.MustCompile(`(?i)^(?:.*[_-])?(?:user(?:name)?s?|usr|login|e?mails?|accounts?)\d*$`)

// guesses marks payloads that are passwords, or many names, whatever the tags
// say.
func (v *vet) guesses(sets *yaml.Node, combinations int) {
	for i := 0; i+1 < len(sets.Content); i += 2 {
		name, many := sets.Content[i].Value, combinations > mostGuesses
		if secret.MatchString(name) {
			v.classes[DefaultLogin] = true
		}
		if many && (secret.MatchString(name) || account.MatchString(name)) {
			v.classes[BruteForce] = true
		}
	}
}

var basicAuth = regexp.MustCompile(`(?i)\bBasic[ \t]+(\{\{\s*base64|[A-Za-z0-9+/]{4,}={0,2})`)

// Passwords that factories give, in a form or in JSON.
var factory = regexp.MustCompile(`(?i)\b(?:password|passwd|pass|pwd)["']?\s*[=:]\s*["']?(?:admin\d{0,5}|administrator|root|toor|password\d{0,4}|passw0rd|1234\d{0,5}|default|guest|changeme)(?:["'&\s]|$)`)

// What nobody sends who only looks: orders that empty, stop, add or delete.
var changes = regexp.MustCompile(`(?i)\b(?:flushall|flushdb|slaveof|replicaof|config\s+set|drop\s+(?:table|database)|truncate\s+table|delete\s+from|insert\s+into|xp_cmdshell|rm\s+-rf)\b|\bx-(?:http-)?method(?:-override)?\s*:\s*(?:put|delete|patch)\b|\b_method=(?:put|delete|patch)\b`)

// The first line of a request of HTTP.
var lines = regexp.MustCompile(`(?m)^[ \t]*([A-Z]{3,12})[ \t]+(\S+)[ \t]+HTTP/\d`)

// sent looks at what is sent to the target: all but what the template says of
// itself and what reads the answers.
func (v *vet) sent() {
	for i := 0; i+1 < len(v.root.Content); i += 2 {
		part, n := v.root.Content[i].Value, v.root.Content[i+1]
		switch _, is := protocolOf(part); {
		case part == "info":
		case !is:
			v.below(n)
		default:
			for _, request := range items(n) {
				v.sentBy(request)
			}
		}
	}
}

func (v *vet) sentBy(request *yaml.Node) {
	for i := 0; i+1 < len(request.Content); i += 2 {
		if key := request.Content[i].Value; key != "matchers" && key != "extractors" {
			v.below(request.Content[i+1])
		}
	}
}

func (v *vet) below(n *yaml.Node) {
	for _, c := range n.Content {
		v.below(c)
	}
	if n.Kind == yaml.ScalarNode {
		v.orders(n)
	}
}

func (v *vet) orders(n *yaml.Node) {
	if m := collects.FindStringIndex(n.Value); m != nil {
		v.refuseAt(v.lineIn(n, m[0]), "collector", n.Value[m[0]:m[1]])
	}
	for _, m := range lines.FindAllStringSubmatchIndex(n.Value, -1) { // of one request in another, or of one over TCP
		v.method(n, n.Value[m[2]:m[3]])
		v.asked(n, n.Value[m[4]:m[5]])
	}
	if changes.MatchString(n.Value) {
		v.classes[Intrusive] = true
	}
	if factory.MatchString(n.Value) || basic(n.Value) {
		v.classes[DefaultLogin] = true
	}
}

// basic tells whether s brings a name and a password of HTTP along.
func basic(s string) bool {
	for _, m := range basicAuth.FindAllStringSubmatch(s, -1) {
		if strings.HasPrefix(m[1], "{{") {
			return true
		}
		b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(m[1], "="))
		if err == nil && strings.Contains(string(b), ":") {
			return true
		}
	}
	return false
}
