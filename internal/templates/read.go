package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"go.yaml.in/yaml/v3"
)

// vet is the reading of one file. The first thing that is wrong ends it.
type vet struct {
	t       *Template
	root    *yaml.Node
	lines   [][]byte
	at      cursor
	nodes   int  // that may still come
	turns   int  // taken to see what variables become
	finds   bool // whether anything it finds would be told
	classes map[string]bool
	refused *Refusal
}

// Read vets one template. It is given bytes and opens nothing.
func Read(file string, b []byte) (*Template, *Refusal) {
	v := open(file, b)
	return v.read()
}

// open reads the file as far as what it says of itself.
func open(file string, b []byte) *vet {
	sum := sha256.Sum256(b)
	v := &vet{t: &Template{File: file, SHA256: hex.EncodeToString(sum[:])}, classes: map[string]bool{}}
	if v.root = v.tree(b); v.root != nil {
		v.head()
	}
	return v
}

// read goes on to the rest.
func (v *vet) read() (*Template, *Refusal) {
	if v.refused == nil {
		v.body()
	}
	if v.refused == nil {
		v.t.Classes = slices.Sorted(maps.Keys(v.classes))
		v.t.Data = canon(v.root)
		if again, err := parse(v.t.Data); err != nil || !same(v.root, again) {
			v.refuse(v.root, "two-ways")
		}
	}
	if v.refused != nil {
		v.refused.ID, v.refused.Severity = v.t.ID, v.t.Severity
		return nil, v.refused
	}
	return v.t, nil
}

func (v *vet) refuse(n *yaml.Node, rule string, args ...string) { v.refuseAt(n.Line, rule, args...) }

func (v *vet) refuseAt(line int, rule string, args ...string) {
	if v.refused != nil {
		return
	}
	what, instead := say(rule, args)
	v.refused = &Refusal{File: v.t.File, Line: line, Rule: rule, What: what, Instead: instead}
}

// say fills the sentences of a rule.
func say(rule string, args []string) (what, instead lang.Text) {
	var pairs []string
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", show(a))
	}
	fill := strings.NewReplacer(pairs...)
	s := rules[rule]
	return lang.T(fill.Replace(s.what.Vi), fill.Replace(s.what.En)), lang.T(fill.Replace(s.instead.Vi), fill.Replace(s.instead.En))
}

// show makes what a stranger wrote fit for a sentence.
func show(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	q := strconv.Quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// get gives the value of a key of a map; nil where it is not there or says
// nothing.
func get(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			if null(n.Content[i+1]) {
				return nil
			}
			return n.Content[i+1]
		}
	}
	return nil
}

func null(n *yaml.Node) bool {
	return plain(n) && (n.Value == "" || n.Value == "~" || strings.EqualFold(n.Value, "null"))
}

// value gives the text of a scalar, "" of anything else.
func value(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// items gives the entries of a list, or the one scalar.
func items(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		return n.Content
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	}
	return nil
}

// truth tells what a flag says, as the engine's YAML 1.1 has it.
func truth(n *yaml.Node) (is, ok bool) {
	if !plain(n) {
		return false, false
	}
	switch strings.ToLower(n.Value) {
	case "true", "yes", "on", "y":
		return true, true
	case "false", "no", "off", "n", "", "~", "null":
		return false, true
	}
	return false, false
}

// number reads a count that every reader takes for the same number.
func number(n *yaml.Node) (int, bool) {
	if !plain(n) || len(n.Value) > 9 || (len(n.Value) > 1 && n.Value[0] == '0') {
		return 0, false
	}
	i, err := strconv.ParseUint(n.Value, 10, 31)
	return int(i), err == nil
}
