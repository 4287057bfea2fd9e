package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	// What a path may begin with: the target, and nothing glued to its name.
	ofTarget = regexp.MustCompile(`^(?:\{\{\s*(?:BaseURL|RootURL)\s*\}\}|(?:\{\{Scheme\}\}|https?)://(?:\{\{Hostname\}\}|\{\{Host\}\}(?::(?:\{\{Port\}\}|\d{1,5}))?))`)
	variable = regexp.MustCompile(`^\{\{\s*([A-Za-z_][\w-]*)\s*\}\}`)
	absolute = regexp.MustCompile(`^(?i)[a-z][a-z0-9+.-]*://`)
	note     = regexp.MustCompile(`(?im)^[ \t]*@(host|tls-sni|timeout)[ \t]*:[ \t]*(.*?)[ \t\r]*$`)
	known    = regexp.MustCompile(`^(?i)@(?:once|host|tls-sni|timeout)\b`)
	instead  = regexp.MustCompile(`^(?i)x-(?:http-)?method(?:-override)?$`)
	ownName  = regexp.MustCompile(`^(?i)(?:https?://)?\{\{(?:Hostname|Host)\}\}(?::(?:\{\{Port\}\}|\d{1,5}))?$`)
)

// Methods that ask and change nothing by their meaning (RFC 9110 9.2.1, RFC
// 4918, RFC 5323), and POST, which most forms and APIs read with.
var asking = []string{"GET", "HEAD", "POST", "OPTIONS", "TRACE", "TRACK", "DEBUG", "PROPFIND", "REPORT", "SEARCH"}

func (v *vet) http(request *yaml.Node) {
	v.atMost(request, "max-redirects", mostRedirects)
	if n := get(request, "method"); n != nil {
		v.method(n, n.Value)
	}
	paths, raws := get(request, "path"), get(request, "raw")
	for _, p := range items(paths) {
		v.path(p, get(request, "payloads"))
	}
	for _, r := range items(raws) {
		v.raw(r)
	}
	v.override(get(request, "headers"))
	made := len(items(paths)) + len(items(raws))
	if made == 0 {
		v.refuse(request, "no-path")
	}
	v.t.Steps += made * v.times(request)
	if get(request, "digest-username") != nil || get(request, "digest-password") != nil {
		v.classes[DefaultLogin] = true
	}
}

// override looks for headers that change the method, as X-HTTP-Method-Override.
func (v *vet) override(headers *yaml.Node) {
	for i := 0; headers != nil && i+1 < len(headers.Content); i += 2 {
		if instead.MatchString(headers.Content[i].Value) {
			v.method(headers.Content[i+1], value(headers.Content[i+1]))
		}
	}
}

func (v *vet) method(n *yaml.Node, method string) {
	switch m := strings.ToUpper(method); {
	case m == "CONNECT":
		v.refuse(n, "connect")
	case !slices.Contains(asking, m):
		v.classes[Intrusive] = true
	}
}

// path vets a URL of the short form of a request.
func (v *vet) path(n, payloads *yaml.Node) {
	p := strings.TrimSpace(n.Value)
	at := ofTarget.FindStringIndex(p)
	if at == nil {
		v.refuse(n, "path", n.Value)
		return
	}
	v.follows(n, p[at[1]:], payloads, 0)
}

// follows refuses what would lengthen the name of the target into that of
// somebody else, as in {{BaseURL}}.example.com.
func (v *vet) follows(n *yaml.Node, rest string, payloads *yaml.Node, depth int) {
	if rest == "" || strings.ContainsAny(rest[:1], "/?#") {
		return
	}
	m := variable.FindStringSubmatch(rest)
	if v.turns++; m == nil || depth > 3 || v.turns > mostTurns {
		v.refuse(n, "glued", n.Value)
		return
	}
	if m[1] == "Path" { // empty, or begins with a slash
		v.follows(n, rest[len(m[0]):], payloads, depth+1)
		return
	}
	values := items(get(payloads, m[1]))
	if values == nil {
		values = items(get(get(v.root, "variables"), m[1]))
	}
	if values == nil {
		v.refuse(n, "glued", n.Value)
	}
	for _, val := range values {
		if v.refused != nil {
			return
		}
		v.follows(n, strings.TrimSpace(val.Value)+rest[len(m[0]):], payloads, depth+1)
	}
}

// raw vets a request that is written out.
func (v *vet) raw(n *yaml.Node) {
	v.notes(n)
	for line := range strings.Lines(n.Value) {
		if strings.HasPrefix(line, "@") {
			if !known.MatchString(line) {
				v.refuse(n, "annotation", strings.TrimSpace(line))
			}
			continue
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			v.refuse(n, "raw")
			return
		}
		v.method(n, words[0])
		if len(words) > 1 {
			v.asked(n, words[1])
		}
		return
	}
	v.refuse(n, "raw")
}

// asked refuses what has the target ask somebody else, as a proxy does.
func (v *vet) asked(n *yaml.Node, where string) {
	if absolute.MatchString(where) && !ofTarget.MatchString(where) {
		v.refuse(n, "raw-absolute", where)
	}
}

// notes vets what nuclei calls annotations, wherever a text may bring one in.
func (v *vet) notes(n *yaml.Node) {
	for _, m := range note.FindAllStringSubmatch(n.Value, -1) {
		name, val := strings.ToLower(m[1]), m[2]
		switch {
		case name == "timeout":
			if d, err := time.ParseDuration(val); err != nil || d <= 0 || d > mostWait*time.Second {
				v.refuse(n, "timeout", val, strconv.Itoa(mostWait))
			}
		case ownName.MatchString(val) || name == "tls-sni" && val == "request.host":
		default:
			v.refuse(n, "other-host", "@"+m[1], val)
		}
	}
}
