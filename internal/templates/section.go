package templates

import (
	"slices"

	"github.com/sansang/sansang/internal/lang"
	"go.yaml.in/yaml/v3"
)

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
	case ofFlag: // was read before
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
