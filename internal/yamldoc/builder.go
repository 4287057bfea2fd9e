package yamldoc

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sansang/sansang/internal/lang"
)

// builder turns the syntax tree into JSON values and remembers places.
type builder struct {
	doc      *Document
	problems Problems
}

func pos(n ast.Node) position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		n = m.Key
	}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return position{tk.Position.Line, tk.Position.Column}
	}
	return position{}
}

func (b *builder) refuse(n ast.Node, what, instead lang.Text) any {
	b.problems = append(b.problems, b.doc.problemAt(pos(n), what, instead))
	return nil
}

func (b *builder) value(n ast.Node, ptr string, depth int) any {
	if depth > maxDepth {
		return b.refuse(n, lang.Tf("lồng sâu quá %d tầng", "nested deeper than %d", maxDepth), lang.Text{})
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapping(n.Values, ptr, depth)
	case *ast.MappingValueNode:
		return b.mapping([]*ast.MappingValueNode{n}, ptr, depth)
	case *ast.SequenceNode:
		out := make([]any, 0, len(n.Values))
		for i, e := range n.Values {
			at := fmt.Sprintf("%s/%d", ptr, i)
			b.doc.at[at] = place{key: pos(e), value: pos(e)}
			out = append(out, b.value(e, at, depth+1))
		}
		return out
	case *ast.StringNode:
		return b.text(n, n.Value)
	case *ast.LiteralNode:
		return b.text(n, n.Value.Value)
	case *ast.BoolNode:
		return n.Value
	case *ast.NullNode:
		return nil
	case *ast.IntegerNode:
		if written := n.GetToken().Value; written != fmt.Sprint(n.Value) {
			return b.refuse(n, lang.Tf("số %s viết không rõ (có thể hiểu là %v)", "the number %s is ambiguous (it may be read as %v)", written, n.Value),
				lang.Tf("nếu là mã thì đặt trong ngoặc kép: \"%s\"", "if it is a code, quote it: \"%s\"", written))
		}
		return json.Number(fmt.Sprint(n.Value))
	case *ast.FloatNode:
		return json.Number(fmt.Sprint(n.Value))
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		return b.refuse(n, lang.T("không dùng neo (&), bí danh (*), phép trộn (<<) hay thẻ (!) của YAML", "YAML anchors (&), aliases (*), merges (<<) and tags (!) are not used here"),
			lang.T("viết đầy đủ nội dung ở đây", "write the content out in full"))
	}
	return b.refuse(n, lang.Tf("không hiểu giá trị này (%s)", "this value is not understood (%s)", n.Type()), lang.Text{})
}

func (b *builder) mapping(values []*ast.MappingValueNode, ptr string, depth int) any {
	out := make(map[string]any, len(values))
	for _, mv := range values {
		switch mv.Key.(type) {
		case *ast.StringNode, *ast.IntegerNode:
		default:
			b.refuse(mv.Key, lang.T("tên mục này không dùng được", "this cannot be a key"), lang.T("viết tên mục bằng chữ thường", "write the key as a plain word"))
			continue
		}
		key := mv.Key.GetToken().Value
		if strings.ContainsRune(key, '/') {
			b.refuse(mv.Key, lang.Tf("tên mục %q có dấu /", "the key %q contains /", key), lang.T("bỏ dấu /", "leave out the /"))
			continue
		}
		if b.text(mv.Key, key) == nil {
			continue
		}
		if _, twice := out[key]; twice {
			b.refuse(mv.Key, lang.Tf("mục %q viết hai lần", "the key %q is there twice", key), lang.T("giữ lại một", "keep one of them"))
			continue
		}
		at := ptr + "/" + key
		where := place{key: pos(mv.Key), value: pos(mv.Key)}
		if mv.Value != nil && mv.Value.Type() != ast.NullType {
			where.value = pos(mv.Value)
		}
		b.doc.at[at] = where
		out[key] = b.value(mv.Value, at, depth+1)
	}
	return out
}
