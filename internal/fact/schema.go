package fact

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/lang"
)

// Schema maps each check ID to the type of its fact. Policies are type-checked
// against it, and stored facts are read by it.
type Schema map[string]*Type

// Kind is the shape of a Type.
type Kind int

// The kinds that a fact may be made of.
const (
	Bool Kind = iota + 1
	Int
	Double
	String
	Time
	List   // of Elem
	Map    // from string to Elem
	Struct // of Fields
)

// Type is the type of a fact or of a part of one.
type Type struct {
	Kind   Kind
	Elem   *Type
	Fields []Field
	Known  Way // of a whole fact: how its check knows it
}

// Field is one named part of a Struct. Label says to a person what it is; it
// comes from the struct tags vi and en.
type Field struct {
	Name  string
	Type  *Type
	Maybe bool
	Label lang.Text
}

// Field finds a part by name.
func (t *Type) Field(name string) (Field, bool) {
	for _, f := range t.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// TypeOf derives the type of the fact F. It refuses what could hide a gap:
// pointers, interfaces, omitempty, a Maybe inside a list, a field without a
// JSON name or without a label in both languages.
func TypeOf[F any]() (*Type, error) { return typeOf(reflect.TypeFor[F](), true) }

var timeType = reflect.TypeFor[time.Time]()

func typeOf(t reflect.Type, mayGap bool) (*Type, error) {
	if t == timeType {
		return &Type{Kind: Time}, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return &Type{Kind: Bool}, nil
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint16, reflect.Uint8:
		return &Type{Kind: Int}, nil
	case reflect.Float64:
		return &Type{Kind: Double}, nil
	case reflect.String:
		return &Type{Kind: String}, nil
	case reflect.Slice:
		elem, err := typeOf(t.Elem(), false)
		return &Type{Kind: List, Elem: elem}, err
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("map keyed by %s: keys of a fact are strings", t.Key())
		}
		elem, err := typeOf(t.Elem(), false)
		return &Type{Kind: Map, Elem: elem}, err
	case reflect.Struct:
		return structOf(t, mayGap)
	default:
		return nil, fmt.Errorf("%s cannot be part of a fact", t)
	}
}

func structOf(t reflect.Type, mayGap bool) (*Type, error) {
	out := &Type{Kind: Struct}
	for i := range t.NumField() {
		sf := t.Field(i)
		name, opts, _ := strings.Cut(sf.Tag.Get("json"), ",")
		f := Field{Name: name, Label: lang.T(sf.Tag.Get("vi"), sf.Tag.Get("en"))}
		switch {
		case !sf.IsExported() || name == "" || name == "-":
			return nil, fmt.Errorf("%s.%s: a field of a fact is exported and has a JSON name", t, sf.Name)
		case opts != "":
			return nil, fmt.Errorf("%s.%s: JSON option %q: a field of a fact is always written", t, sf.Name, opts)
		case !f.Label.Whole():
			return nil, fmt.Errorf("%s.%s: needs a label in both languages, tags vi and en", t, sf.Name)
		}
		ft := sf.Type
		if ft.Implements(reflect.TypeFor[isMaybe]()) {
			if !mayGap {
				return nil, fmt.Errorf("%s.%s: a Maybe inside a list or map would be a hidden gap", t, sf.Name)
			}
			f.Maybe, ft = true, ft.Field(0).Type
		}
		var err error
		if f.Type, err = typeOf(ft, mayGap && !f.Maybe); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
		if f.Maybe && f.Type.Kind == Struct {
			return nil, fmt.Errorf("%s.%s: a Maybe holds no struct; make its fields Maybe", t, sf.Name)
		}
		out.Fields = append(out.Fields, f)
	}
	if len(out.Fields) == 0 {
		return nil, fmt.Errorf("%s has no fields", t)
	}
	return out, nil
}

// IDs lists the check IDs of the schema in order.
func (s Schema) IDs() []string {
	ids := make([]string, 0, len(s))
	for id := range s {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

// Label gives the label of a path such as "tls.versions.tls10"; a path that
// the schema does not have is its own label.
func (s Schema) Label(path string) lang.Text {
	for id, t := range s {
		rest, ok := strings.CutPrefix(path, id+".")
		if !ok {
			continue
		}
		label := lang.T(path, path)
		for _, name := range strings.Split(rest, ".") {
			f, ok := t.Field(name)
			if !ok {
				break
			}
			label, t = f.Label, f.Type
		}
		return label
	}
	return lang.T(path, path)
}
