package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/lang"
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
		if kinds[part].name != "" && v.refused == nil {
			v.part(kinds[part].name, n, kinds[part])
		}
	}
	if len(v.t.Protocols) == 0 {
		v.refuse(v.root, "no-request")
	}
	if v.t.Steps > mostSteps {
		v.refuse(v.root, "steps", strconv.Itoa(v.t.Steps), strconv.Itoa(mostSteps))
	}
	v.tagged()
}

type protocol struct {
	name string
	keys section
	vet  func(*vet, *yaml.Node) // of one request
}

var kinds map[string]protocol

func init() { // for the functions refer to the table that they are in
	web := protocol{"http", httpKeys, (*vet).http}
	raw := protocol{"tcp", tcpKeys, (*vet).tcp}
	kinds = map[string]protocol{
		"http": web, "requests": web, "tcp": raw, "network": raw,
		"ssl": {"ssl", sslKeys, (*vet).ssl}, "dns": {"dns", dnsKeys, (*vet).dns}, "javascript": {"javascript", scriptKeys, (*vet).javascript},
	}
}

func (v *vet) part(name string, n *yaml.Node, p protocol) {
	for _, request := range items(n) {
		v.section(request, name, p.keys)
		v.operators(request)
		if v.refused == nil {
			p.vet(v, request)
		}
		if !slices.Contains(v.t.Protocols, name) {
			v.t.Protocols = append(v.t.Protocols, name)
		}
	}
}

// section holds a map against the keys that it may have.
func (v *vet) section(n *yaml.Node, name string, known section) {
	if n.Kind != yaml.MappingNode {
		v.refuse(n, "map-wanted", name)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		rule, ok := known[k.Value]
		switch {
		case !ok && name == "":
			v.unknown(k, "unknown-section", name, known)
		case !ok:
			v.unknown(k, "unknown-key", name, known)
		case null(val):
		case rule.kind == ofFlag:
			if is, readable := truth(val); !readable {
				v.refuse(val, "flag", k.Value, value(val))
			} else if is && rule.no != "" {
				v.refuse(k, rule.no, k.Value)
			}
		case rule.no != "":
			v.refuse(k, rule.no, k.Value)
		default:
			v.is(k.Value, val, rule.kind)
		}
	}
}

func (v *vet) is(name string, n *yaml.Node, want kind) {
	switch want {
	case ofCount:
		if _, ok := number(n); !ok {
			v.refuse(n, "number", name, value(n))
		}
	case ofText:
		if n.Kind != yaml.ScalarNode {
			v.refuse(n, "text-wanted", name)
		}
	case ofTexts:
		if n.Kind != yaml.SequenceNode {
			v.refuse(n, "texts-wanted", name)
		}
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				v.refuse(c, "texts-wanted", name)
			}
		}
	case ofTable:
		if n.Kind != yaml.MappingNode {
			v.refuse(n, "map-wanted", name)
		}
	case ofList:
		if n.Kind != yaml.SequenceNode {
			v.refuse(n, "list-wanted", name)
		}
		for _, c := range n.Content {
			if c.Kind != yaml.MappingNode {
				v.refuse(c, "list-wanted", name)
			}
		}
	}
}

func (v *vet) operators(request *yaml.Node) {
	for _, m := range items(get(request, "matchers")) {
		v.section(m, "matchers", matcherKeys)
	}
	for _, e := range items(get(request, "extractors")) {
		v.section(e, "extractors", extractorKeys)
		v.named(get(e, "name"))
		for _, q := range items(get(e, "json")) {
			if m := jqLoop.FindString(q.Value); m != "" {
				v.refuse(q, "endless", m)
			}
		}
	}
}

// What nuclei calls parts of the target. A value of the same name would stand
// in their place, and send the request elsewhere.
var ofTheTarget = []string{"BaseURL", "RootURL", "Hostname", "Host", "Port", "Path", "Query", "File", "Scheme", "Input", "FQDN", "RDN", "DN", "TLD", "SD", "ip"}

// Ways of jq to go on for ever, whatever the input.
var jqLoop = regexp.MustCompile(`\b(?:repeat|until|while|range|limit|input|inputs|def)\b\s*[(:]?`)

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

// atMost refuses a count above its bound.
func (v *vet) atMost(request *yaml.Node, name string, most int) {
	if n := get(request, name); n != nil {
		if i, ok := number(n); ok && i > most {
			v.refuse(n, "bound", name, strconv.Itoa(most))
		}
	}
}

// times gives how often the payloads have a request made.
func (v *vet) times(request *yaml.Node) int {
	v.atMost(request, "threads", mostThreads)
	sets := get(request, "payloads")
	if sets == nil || len(sets.Content) == 0 {
		return 1
	}
	var sizes []int
	for i := 0; i+1 < len(sets.Content); i += 2 {
		set := sets.Content[i+1]
		v.named(sets.Content[i])
		switch {
		case set.Kind == yaml.ScalarNode:
			v.refuse(set, "payload-file", value(set))
		case set.Kind == yaml.MappingNode:
			v.refuse(set, "fuzzing", sets.Content[i].Value)
		}
		v.is(sets.Content[i].Value, set, ofTexts)
		sizes = append(sizes, len(set.Content))
	}
	how := get(request, "attack")
	n := combinations(strings.ToLower(value(how)), sizes)
	if n < 0 {
		v.refuse(how, "attack", value(how))
	}
	v.guesses(sets, n)
	return max(n, 1)
}

// combinations gives how many combinations an attack makes of its sets, cut
// above all that is allowed; -1 for an attack that there is not.
func combinations(how string, sizes []int) int {
	n := 0
	switch how {
	case "", "batteringram", "sniper":
		for _, s := range sizes {
			n += s
		}
	case "pitchfork":
		n = slices.Min(sizes)
	case "clusterbomb":
		n = 1
		for _, s := range sizes {
			n = min(n*max(s, 1), 1<<20)
		}
	default:
		return -1
	}
	return n
}

func (v *vet) unknown(k *yaml.Node, rule, name string, known section) {
	var names []string
	for n, r := range known {
		if r.no == "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	near := lang.Nearest(k.Value, names)
	if near != "" {
		rule += "-near"
	}
	v.refuse(k, rule, k.Value, name, near)
}
