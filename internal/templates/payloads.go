package templates

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
		if set.Kind == yaml.ScalarNode {
			v.refuse(set, "payload-file", value(set))
		}
		if set.Kind == yaml.MappingNode { // by the aggression of fuzzing
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
	if h := strings.ToLower(value(how)); len(sizes) > 1 && (h == "" || h == "batteringram") {
		v.refuse(sets, "attack-sets")
	}
	v.guesses(sets, n)
	return max(n, 1)
}

// combinations gives how many combinations an attack makes of its sets, cut
// above all that is allowed; -1 for an attack that there is not.
func combinations(how string, sizes []int) int {
	n := 0
	switch how {
	case "", "batteringram":
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
