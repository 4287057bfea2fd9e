package templates

import (
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Bounds of what a template may ask of the target.
const (
	mostSteps     = 500     // requests of one template
	mostThreads   = 50      // side by side; the worker has bounds of its own
	mostRedirects = 10      //
	mostRetries   = 5       //
	mostRead      = 8 << 20 // bytes of an answer; nuclei's own bound
	mostWait      = 60      // seconds of @timeout
	mostTurns     = 5000    // of variables within variables in a path
	mostGuesses   = 20      // passwords that still are those of the factory
	cipherSteps   = 300     // connections of an enumeration of cipher suites, about
)

// body vets all but info.
func (v *vet) body() {
	v.section(v.root, "", topKeys)
	for _, pair := range [][2]string{{"http", "requests"}, {"tcp", "network"}} {
		if n := get(v.root, pair[1]); n != nil && get(v.root, pair[0]) != nil {
			v.refuse(n, "both", pair[0], pair[1])
		}
	}
	v.script(get(v.root, "flow"), false)
	v.variables(get(v.root, "variables"))
	for i := 0; i+1 < len(v.root.Content); i += 2 {
		part, n := v.root.Content[i].Value, v.root.Content[i+1]
		if part != "info" {
			v.text(n)
		}
		if p, is := protocolOf(part); is && v.refused == nil {
			v.part(n, p)
		}
	}
	if v.t.Steps > mostSteps {
		v.refuse(v.root, "steps", strconv.Itoa(v.t.Steps), strconv.Itoa(mostSteps))
	}
	v.tagged()
	switch {
	case len(v.t.Protocols) == 0:
		v.refuse(v.root, "no-request")
	case !v.finds:
		v.refuse(v.root, "no-matcher")
	}
}

type protocol struct {
	name string
	keys section
	vet  func(*vet, *yaml.Node) // of one request
}

func protocolOf(section string) (p protocol, is bool) {
	switch section {
	case "http", "requests":
		return protocol{"http", httpKeys, (*vet).http}, true
	case "tcp", "network":
		return protocol{"tcp", tcpKeys, (*vet).tcp}, true
	case "ssl":
		return protocol{"ssl", sslKeys, (*vet).ssl}, true
	case "dns":
		return protocol{"dns", dnsKeys, (*vet).dns}, true
	case "javascript":
		return protocol{"javascript", scriptKeys, (*vet).javascript}, true
	}
	return protocol{}, false
}

func (v *vet) part(n *yaml.Node, p protocol) {
	for _, request := range items(n) {
		v.section(request, p.name, p.keys)
		v.operators(request)
		if v.refused == nil {
			p.vet(v, request)
		}
		if !slices.Contains(v.t.Protocols, p.name) {
			v.t.Protocols = append(v.t.Protocols, p.name)
		}
	}
}

// operators vets what reads the answers. At least one must be able to find
// something that is told: a template without would never find, and its "not
// found" mean nothing.
func (v *vet) operators(request *yaml.Node) {
	for _, m := range items(get(request, "matchers")) {
		v.section(m, "matchers", matcherKeys)
		v.finds = v.finds || !internal(m)
	}
	for _, e := range items(get(request, "extractors")) {
		v.section(e, "extractors", extractorKeys)
		v.finds = v.finds || !internal(e)
		if internal(e) {
			v.named(get(e, "name"))
		}
		for _, q := range items(get(e, "json")) {
			if m := jqLoop.FindString(q.Value); m != "" {
				v.refuse(q, "endless", m)
			}
		}
	}
}

func internal(operator *yaml.Node) bool {
	n := get(operator, "internal")
	if n == nil {
		return false
	}
	is, _ := truth(n)
	return is
}

// What nuclei calls parts of the target. A value of the same name would stand
// in their place, and send the request elsewhere.
var ofTheTarget = []string{"BaseURL", "RootURL", "Hostname", "Host", "Port", "Path", "Query", "File", "Scheme", "Input", "FQDN", "RDN", "DN", "TLD", "SD"}

// Ways of jq to go on for ever, whatever the input.
var jqLoop = regexp.MustCompile(`(?:^|[^.\w$"])(?:repeat|until|while|range|recurse)\s*\(|(?:^|[^.\w$"])def\s+\w`)

func (v *vet) named(n *yaml.Node) {
	if slices.Contains(ofTheTarget, value(n)) {
		v.refuse(n, "shadow", n.Value)
	}
}

// variables are texts, or lists of texts.
func (v *vet) variables(n *yaml.Node) {
	if n == nil || v.refused != nil {
		return
	}
	for i := 1; i < len(n.Content); i += 2 {
		v.named(n.Content[i-1])
		for _, c := range append(items(n.Content[i]), n.Content[i]) {
			if c.Kind == yaml.MappingNode || c.Kind == yaml.SequenceNode && c != n.Content[i] {
				v.refuse(c, "text-wanted", n.Content[i-1].Value)
			}
		}
	}
}
