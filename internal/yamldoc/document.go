package yamldoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/sansang/sansang/internal/lang"
)

// Bounds on what a file may cost. A unit file of 5,000 endpoints is about 1 MB.
const (
	maxBytes = 16 << 20
	maxDepth = 32
)

// Document is a parsed file: its values as JSON has them, and where each is.
type Document struct {
	File  string
	Value any // map[string]any, []any, string, bool, json.Number or nil

	at   map[string]place // by JSON pointer
	base string           // of a part: where it is in the whole
}

type place struct{ key, value position }

type position struct{ line, column int }

// Parse reads one YAML document. Anchors, aliases, merge keys and tags are
// refused: a file that is evidence must say what it says where it says it.
func Parse(file string, data []byte) (*Document, error) {
	d := &Document{File: file, at: map[string]place{}}
	if len(data) > maxBytes {
		return nil, Problems{{File: file, What: lang.Tf("tệp lớn quá %d MB", "the file is larger than %d MB", maxBytes>>20)}}
	}
	// YAML takes each line end for the same; the parser miscounts those of Windows.
	plain := bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	tree, err := parser.ParseBytes(plain, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Problems{d.syntax(err)}
	}
	var body ast.Node
	for _, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if body != nil {
			return nil, Problems{d.problemAt(pos(doc.Body),
				lang.T("tệp có nhiều hơn một tài liệu YAML", "the file holds more than one YAML document"),
				lang.T("bỏ dòng --- và để mỗi tệp một tài liệu", "remove the line --- and keep one document a file"))}
		}
		body = doc.Body
	}
	if body == nil {
		return nil, Problems{{File: file, Line: 1, Column: 1, What: lang.T("tệp rỗng", "the file is empty")}}
	}
	b := builder{doc: d}
	d.Value = b.value(body, "", 0)
	d.at[""] = place{value: pos(body)}
	return d, b.problems.Err()
}

func (d *Document) syntax(err error) Problem {
	p := Problem{File: d.File, What: lang.T("không đúng cú pháp YAML", "this is not YAML")}
	var ye yaml.Error
	if errors.As(err, &ye) {
		p.What = lang.Tf("không đúng cú pháp YAML (%s)", "this is not YAML (%s)", ye.GetMessage())
		if tk := ye.GetToken(); tk != nil && tk.Position != nil {
			p.Line, p.Column = tk.Position.Line, tk.Position.Column
		}
	}
	p.Instead = lang.T("xem lại dấu thụt đầu dòng, dấu hai chấm và dấu ngoặc kép quanh giá trị", "check indentation, colons, and quotes around values")
	return p
}

// Part is what stands at a path, as a document by itself that knows where in the
// file it is. The path exists.
func (d *Document) Part(path ...any) *Document {
	v := d.Value
	for _, p := range path {
		switch p := p.(type) {
		case int:
			v = v.([]any)[p]
		default:
			v = v.(map[string]any)[fmt.Sprint(p)]
		}
	}
	return &Document{File: d.File, Value: v, at: d.at, base: d.base + pointer(path)}
}

// Place is where a value stands: line and column from 1.
type Place struct{ Line, Column int }

// Made makes a document of values that came from another kind of file, such as
// the rows of a table. Values are as Parse gives them; places are by JSON
// pointer (RFC 6901, of names without slash and tilde).
func Made(file string, value any, places map[string]Place) *Document {
	d := &Document{File: file, Value: value, at: make(map[string]place, len(places))}
	for ptr, p := range places {
		at := position{p.Line, p.Column}
		d.at[ptr] = place{key: at, value: at}
	}
	return d
}

// find gives the place of a value, and whether there is one.
func (d *Document) find(ptr string) (place, bool) { p, ok := d.at[d.base+ptr]; return p, ok }

// Decode fills into, a pointer to a struct, from the whole document.
func (d *Document) Decode(into any) error { return decode(d.Value, into) }

func decode(v, into any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// Problem makes a problem at the value that path leads to: keys and indexes
// from the top. A path that does not exist is told at its nearest parent.
func (d *Document) Problem(path []any, what, instead lang.Text) Problem {
	var at place
	for n := len(path); n >= 0; n-- {
		var ok bool
		if at, ok = d.find(pointer(path[:n])); ok {
			break
		}
	}
	p := d.problemAt(at.value, what, instead)
	p.Pointer = pointer(path)
	return p
}

func (d *Document) problemAt(p position, what, instead lang.Text) Problem {
	return Problem{File: d.File, Line: p.line, Column: p.column, What: what, Instead: instead}
}

// Line gives the line of the value that path leads to, 0 if there is none.
func (d *Document) Line(path ...any) int {
	p, _ := d.find(pointer(path))
	return p.value.line
}

func pointer(path []any) string {
	var sb strings.Builder
	for _, p := range path {
		sb.WriteByte('/')
		switch p := p.(type) {
		case int:
			sb.WriteString(strconv.Itoa(p))
		default:
			_, _ = fmt.Fprint(&sb, p)
		}
	}
	return sb.String()
}
