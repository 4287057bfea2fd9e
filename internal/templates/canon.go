package templates

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// canon writes the tree anew, in the plainest form there is: blocks, one entry
// a line; what was bare stays bare, for a reader decides by its own rules what
// it is; all else is quoted text. No comment, fold, tab or anchor survives.
func canon(root *yaml.Node) []byte {
	var w bytes.Buffer
	block(&w, root, 0)
	return w.Bytes()
}

func block(w *bytes.Buffer, n *yaml.Node, indent int) {
	margin := strings.Repeat(" ", indent)
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			w.WriteString(margin)
			scalar(w, n.Content[i])
			w.WriteByte(':')
			below(w, n.Content[i+1], indent)
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		for _, c := range n.Content {
			w.WriteString(margin)
			w.WriteByte('-')
			below(w, c, indent)
		}
	}
}

// below writes what follows a key or a dash.
func below(w *bytes.Buffer, n *yaml.Node, indent int) {
	switch {
	case n.Kind == yaml.ScalarNode:
		if !plain(n) || n.Value != "" {
			w.WriteByte(' ')
			scalar(w, n)
		}
		w.WriteByte('\n')
	case len(n.Content) == 0 && n.Kind == yaml.MappingNode:
		w.WriteString(" {}\n")
	case len(n.Content) == 0:
		w.WriteString(" []\n")
	default:
		w.WriteByte('\n')
		block(w, n, indent+2)
	}
}

func scalar(w *bytes.Buffer, n *yaml.Node) {
	if plain(n) && !strings.ContainsAny(n.Value, "\n\r") {
		w.WriteString(n.Value)
		return
	}
	w.WriteByte('"')
	for _, r := range n.Value {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\t':
			w.WriteString(`\t`)
		case r < 0x7f && r >= 0x20, unicode.IsLetter(r) && r <= 0xffff:
			w.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(w, `\x%02X`, r)
		case r <= 0xffff:
			fmt.Fprintf(w, `\u%04X`, r)
		default:
			fmt.Fprintf(w, `\U%08X`, r)
		}
	}
	w.WriteByte('"')
}

// same tells whether two trees say the same, value by value, bare where bare.
func same(a, b *yaml.Node) bool {
	if a == nil || b == nil || a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	if a.Kind == yaml.ScalarNode && (a.Value != b.Value || a.Tag != b.Tag) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
