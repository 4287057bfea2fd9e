package templates

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of a file. The largest template of the official set has some 100 kB.
const (
	mostBytes = 512 << 10
	mostDepth = 16
	mostNodes = 20000
	mostKey   = 128
)

// tree parses b and lets pass only what every reader of YAML, 1.1 or 1.2,
// takes for the same: one document of maps with text for keys, of lists and of
// scalars; no anchors, tags, merges or keys said twice.
func (v *vet) tree(b []byte) *yaml.Node {
	if len(b) > mostBytes {
		v.refuseAt(1, "size", strconv.Itoa(mostBytes>>10))
		return nil
	}
	if !utf8.Valid(b) {
		v.refuseAt(1+bytes.Count(b[:invalid(b)], []byte("\n")), "encoding")
		return nil
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if at := strange(b); at >= 0 {
		v.refuseAt(1+bytes.Count(b[:at], []byte("\n")), "control")
		return nil
	}
	if at := include.FindIndex(b); at != nil {
		v.refuseAt(1+bytes.Count(b[:at[0]], []byte("\n")), "include")
		return nil
	}
	v.lines = bytes.Split(b, []byte("\n"))
	doc, err := parse(b)
	switch {
	case errors.Is(err, errMore):
		v.refuse(doc, "documents")
		return nil
	case err != nil:
		v.refuseAt(lineOf(err), "yaml", yamlLine.ReplaceAllString(err.Error(), ""))
		return nil
	}
	if doc == nil || doc.Kind != yaml.MappingNode {
		v.refuseAt(1, "not-a-map")
		return nil
	}
	v.nodes = mostNodes
	v.shape(doc, 1)
	return doc
}

var (
	include  = regexp.MustCompile(`#\s*!include:`)
	yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	errMore  = errors.New("more than one document")
)

// parse gives the root of the one document; nil for an empty file, and that of
// the second document with errMore. The parser meets hostile bytes: a panic of its own is an error here.
func parse(b []byte) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			root, err = nil, errors.New("not YAML")
		}
	}()
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc, next yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := dec.Decode(&next); err == nil {
		return &next, errMore
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(doc.Content) != 1 {
		return nil, nil
	}
	return doc.Content[0], nil
}

func lineOf(err error) int {
	m := append(yamlLine.FindStringSubmatch(err.Error()), "", "")
	n, _ := strconv.Atoi(m[1])
	return max(n, 1)
}

// shape looks at n and all below it.
func (v *vet) shape(n *yaml.Node, depth int) {
	if v.nodes--; v.nodes < 0 {
		v.refuse(n, "nodes", strconv.Itoa(mostNodes))
		return
	}
	switch {
	case v.refused != nil:
		return
	case depth > mostDepth:
		v.refuse(n, "depth", strconv.Itoa(mostDepth))
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		v.refuse(n, "anchor")
		return
	case n.Style&yaml.TaggedStyle != 0 || v.begins(n, '!', '&'):
		v.refuse(n, "tag")
		return
	}
	if n.Kind == yaml.MappingNode {
		v.keys(n)
	}
	for _, c := range n.Content {
		v.shape(c, depth+1)
	}
}

// begins tells whether the source of n begins with c: a bare "!" leaves no
// other trace in the tree. Nodes come in the order of the text, so that the
// cursor walks each line once.
func (v *vet) begins(n *yaml.Node, c ...rune) bool {
	if n.Line < 1 || n.Line > len(v.lines) {
		return false
	}
	if at := &v.at; at.line != n.Line || at.column > n.Column {
		*at = cursor{line: n.Line, column: 1}
	}
	line := v.lines[n.Line-1]
	for v.at.column < n.Column && v.at.offset < len(line) {
		_, size := utf8.DecodeRune(line[v.at.offset:])
		v.at.column, v.at.offset = v.at.column+1, v.at.offset+size
	}
	r, _ := utf8.DecodeRune(line[v.at.offset:])
	return slices.Contains(c, r)
}

// cursor is a place in the text; columns count runes from 1, offsets bytes of
// the line.
type cursor struct{ line, column, offset int }

func (v *vet) keys(n *yaml.Node) {
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode || k.Value == "<<" || k.Value == "" || !isText(k):
			v.refuse(k, "key", k.Value)
		case len(k.Value) > mostKey || strings.ContainsAny(k.Value, "\n\r"):
			v.refuse(k, "long-key")
		case seen[k.Value]:
			v.refuse(k, "twice", k.Value)
		}
		seen[k.Value] = true
	}
}

// plain tells whether a scalar is written without quotes: only such a one may
// be something else than text.
func plain(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode &&
		n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// Words that YAML 1.1, which the engine reads, takes for truth, nothing or a
// number, and YAML 1.2 may take for text.
var old = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|~|[-+]?\.(?:inf|nan)|[-+]?[0-9].*)$`)

// isText tells whether a key is text to every reader.
func isText(n *yaml.Node) bool {
	return !plain(n) || (n.Tag == "!!str" && !old.MatchString(n.Value))
}

// invalid gives where b stops being UTF-8.
func invalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// strange gives where b has a control character, or an end of line that only
// some readers of YAML take for one; -1 for nowhere.
func strange(b []byte) int {
	for i, r := range string(b) {
		switch {
		case r == '\t' || r == '\n':
		case r == '\r' && i+1 < len(b) && b[i+1] == '\n':
		case r < 0x20, r >= 0x7f && r <= 0x9f, r == '\u2028', r == '\u2029', r == '\ufeff', r == '\ufffe', r == '\uffff':
			return i
		}
	}
	return -1
}
