package yamldoc

import (
	"bytes"
	"fmt"
	"math/big"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/sansang/sansang/internal/lang"
)

// Schema is a JSON Schema (2020-12). Beside the standard keywords a subschema
// may carry "x-hint": {"vi": …, "en": …}, which says what to write there.
type Schema struct {
	compiled *jsonschema.Schema
	raw      any
}

// MustSchema compiles a schema that is part of the program.
func MustSchema(name string, source []byte) *Schema { return MustPart(name, source, "") }

// MustPart compiles the part of a schema at a JSON pointer.
func MustPart(name string, source []byte, pointer string) *Schema {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		panic(name + ": " + err.Error())
	}
	// A bare name would be taken for a file of the working directory, whose
	// path need not be a URL: folders have blanks and diacritics.
	url := "sansang:///" + name
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // whole in itself: nothing is read from anywhere
	if err := c.AddResource(url, raw); err != nil {
		panic(name + ": " + err.Error())
	}
	if pointer != "" {
		url += "#" + pointer
	}
	compiled, err := c.Compile(url)
	if err != nil {
		panic(name + ": " + err.Error())
	}
	return &Schema{compiled, raw}
}

// Check gives every place where the document breaks the schema.
func (s *Schema) Check(d *Document) error {
	err := s.compiled.Validate(d.Value)
	if err == nil {
		return nil
	}
	ve, ok := err.(*jsonschema.ValidationError) //nolint:errorlint // the library's own, unwrapped, type
	if !ok {
		return err
	}
	var ps Problems
	s.collect(d, ve, &ps)
	return ps.Err()
}

func (s *Schema) collect(d *Document, ve *jsonschema.ValidationError, ps *Problems) {
	if len(ve.Causes) > 0 {
		for _, c := range ve.Causes {
			s.collect(d, c, ps)
		}
		return
	}
	ptr := joined(ve.InstanceLocation)
	at, _ := d.find(ptr)
	add := func(pos position, ptr string, what, instead lang.Text) {
		p := d.problemAt(pos, what, instead)
		p.Pointer = ptr
		*ps = append(*ps, p)
	}
	sub := s.find(ve.SchemaURL)
	switch k := ve.ErrorKind.(type) {
	case *kind.Required:
		for _, name := range k.Missing {
			add(at.value, ptr+"/"+name, lang.Tf("thiếu mục %q", "%q is missing", name), addLine(sub, name))
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			where, _ := d.find(ptr + "/" + name)
			add(where.key, ptr+"/"+name, lang.Tf("không có mục %q ở đây", "there is no %q here", name), instead(name, properties(sub)))
		}
	default:
		what, how := say(ve.ErrorKind)
		if hint := hintOf(sub); hint.Whole() {
			how = lang.T("viết "+hint.Vi, "write "+hint.En)
		}
		add(at.value, ptr, what, how)
	}
}

func joined(location []string) string {
	if len(location) == 0 {
		return ""
	}
	return "/" + strings.Join(location, "/")
}

func say(k jsonschema.ErrorKind) (what, how lang.Text) {
	switch k := k.(type) {
	case *kind.Type:
		want, got := shapes[k.Want[0]], shapes[k.Got]
		return lang.T(fmt.Sprintf("ở đây phải là %s, không phải %s", want.Vi, got.Vi), fmt.Sprintf("here belongs %s, not %s", want.En, got.En)), lang.Text{}
	case *kind.Enum:
		want := make([]string, len(k.Want))
		for i, w := range k.Want {
			want[i] = fmt.Sprint(w)
		}
		if k.Got == nil {
			return lang.T("chưa ghi giá trị", "there is no value"), instead("", want)
		}
		return lang.Tf("giá trị %q không dùng được", "the value %q cannot be used", fmt.Sprint(k.Got)), instead(fmt.Sprint(k.Got), want)
	case *kind.Pattern:
		return lang.Tf("giá trị %q không đúng dạng", "the value %q has the wrong form", k.Got), lang.Tf("viết theo mẫu %s", "write it as %s", k.Want)
	case *kind.Format:
		return lang.Tf("giá trị %q không đúng dạng %s", "the value %q is no %s", fmt.Sprint(k.Got), k.Want), lang.Text{}
	case *kind.Minimum:
		return lang.Tf("số %s nhỏ quá", "the number %s is too small", number(k.Got)), lang.Tf("viết từ %s trở lên", "write %s or more", number(k.Want))
	case *kind.Maximum:
		return lang.Tf("số %s lớn quá", "the number %s is too large", number(k.Got)), lang.Tf("viết không quá %s", "write %s or less", number(k.Want))
	case *kind.MinItems:
		return lang.T("danh sách còn thiếu", "the list is too short"), lang.Tf("viết ít nhất %d mục", "write at least %d", k.Want)
	case *kind.MinLength:
		if k.Got > 0 {
			return lang.T("giá trị ngắn quá", "the value is too short"), lang.Tf("viết ít nhất %d ký tự", "write at least %d characters", k.Want)
		}
		return lang.T("giá trị rỗng", "the value is empty"), lang.T("viết nội dung", "write something")
	case *kind.MaxLength:
		return lang.T("giá trị dài quá", "the value is too long"), lang.Tf("viết không quá %d ký tự", "write at most %d characters", k.Want)
	}
	return lang.Tf("giá trị không đúng (%T)", "the value is wrong (%T)", k), lang.Text{}
}

// shapes says the types of JSON Schema to a person.
var shapes = map[string]lang.Text{
	"object":  lang.T("các mục dạng «tên: giá trị»", "entries of the form «name: value»"),
	"array":   lang.T("danh sách, mỗi dòng bắt đầu bằng «- »", "a list, each line beginning with «- »"),
	"string":  lang.T("chữ", "text"),
	"integer": lang.T("số nguyên", "a whole number"),
	"number":  lang.T("số", "a number"),
	"boolean": lang.T("true hoặc false", "true or false"),
	"null":    lang.T("chỗ trống", "nothing"),
}

func number(r *big.Rat) string { return strings.TrimSuffix(r.FloatString(2), ".00") }

func addLine(sub map[string]any, name string) lang.Text {
	if props, ok := sub["properties"].(map[string]any); ok {
		if p, ok := props[name].(map[string]any); ok {
			if hint := hintOf(p); hint.Whole() {
				return lang.T(fmt.Sprintf("thêm dòng %s: … (%s)", name, hint.Vi), fmt.Sprintf("add a line %s: … (%s)", name, hint.En))
			}
		}
	}
	return lang.Tf("thêm dòng %s: …", "add a line %s: …", name)
}

func hintOf(sub map[string]any) lang.Text {
	h, _ := sub["x-hint"].(map[string]any)
	vi, _ := h["vi"].(string)
	en, _ := h["en"].(string)
	return lang.T(vi, en)
}

func properties(sub map[string]any) []string {
	props, _ := sub["properties"].(map[string]any)
	names := make([]string, 0, len(props))
	for n := range props {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// find gives the subschema at the fragment of a location.
func (s *Schema) find(location string) map[string]any {
	_, frag, _ := strings.Cut(location, "#")
	v := s.raw
	for _, step := range strings.Split(strings.Trim(frag, "/"), "/") {
		if step == "" {
			continue
		}
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[step]
	}
	m, _ := v.(map[string]any)
	return m
}
