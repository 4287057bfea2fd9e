package fact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Gap is a place in a fact that holds no value, and why.
type Gap struct {
	Path    []string // below the fact; empty: the whole fact
	Unknown Unknown
}

// Read turns a stored fact into plain values (bool, int64, float64, string,
// time.Time, []any, map[string]any) and the gaps in it. A field that the
// record lacks, or that has another type, is a gap: a damaged or older record
// must not read as false or empty, and a null list was never filled.
func (t *Type) Read(raw json.RawMessage) (any, []Gap) { return t.decode(raw, reader{}) }

// ReadReported reads a fact that another tool reported. It may leave any field
// of the fact open, for it was not made to tell just these.
func (t *Type) ReadReported(raw json.RawMessage) (any, []Gap) {
	return t.decode(raw, reader{open: true})
}

func (t *Type) decode(raw json.RawMessage, r reader) (any, []Gap) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, []Gap{{Unknown: *Because(Broken, "the stored fact is not JSON")}}
	}
	out := r.read(t, v, nil)
	return out, r.gaps
}

type reader struct {
	gaps []Gap
	open bool // any field may be open, and not only a Maybe
}

func (r *reader) gap(path []string, u *Unknown) any {
	r.gaps = append(r.gaps, Gap{Path: append([]string(nil), path...), Unknown: *u})
	return nil
}

func (r *reader) wrong(path []string, v any) any {
	return r.gap(path, Because(Broken, fmt.Sprintf("the stored fact has %T here, which is another type than this version knows", v)))
}

func (r *reader) read(t *Type, v any, path []string) any {
	switch t.Kind {
	case Bool:
		if b, ok := v.(bool); ok {
			return b
		}
	case Int:
		if n, ok := v.(json.Number); ok {
			if i, err := n.Int64(); err == nil {
				return i
			}
		}
	case Double:
		if n, ok := v.(json.Number); ok {
			if f, err := n.Float64(); err == nil {
				return f
			}
		}
	case String:
		if s, ok := v.(string); ok {
			return s
		}
	case Time:
		if s, ok := v.(string); ok {
			if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return at
			}
		}
	case List:
		if l, ok := v.([]any); ok {
			return r.list(t, l, path)
		}
	case Map:
		if m, ok := v.(map[string]any); ok {
			return r.mapping(t, m, path)
		}
	case Struct:
		if m, ok := v.(map[string]any); ok {
			return r.fields(t, m, path)
		}
	}
	return r.wrong(path, v)
}

// list reads all elements or none: a gap inside is a gap of the whole list,
// for "none of the elements is bad" must not hold of a list cut short.
func (r *reader) list(t *Type, l []any, path []string) any {
	out, inner := make([]any, 0, len(l)), reader{}
	for _, e := range l {
		out = append(out, inner.read(t.Elem, e, nil))
	}
	if len(inner.gaps) > 0 {
		return r.gap(path, &inner.gaps[0].Unknown)
	}
	return out
}

func (r *reader) mapping(t *Type, m map[string]any, path []string) any {
	out, inner := make(map[string]any, len(m)), reader{}
	for k, e := range m {
		out[k] = inner.read(t.Elem, e, nil)
	}
	if len(inner.gaps) > 0 {
		return r.gap(path, &inner.gaps[0].Unknown)
	}
	return out
}

func (r *reader) fields(t *Type, m map[string]any, path []string) any {
	out := make(map[string]any, len(t.Fields))
	for _, f := range t.Fields {
		at := append(path[:len(path):len(path)], f.Name)
		v, ok := m[f.Name]
		if !ok {
			r.gap(at, Because(Broken, "the stored fact lacks this field"))
			continue
		}
		if u, ok := unseenIn(v); ok && (f.Maybe || r.open) {
			r.gap(at, u)
			continue
		}
		if got := r.read(f.Type, v, at); got != nil {
			out[f.Name] = got
		}
	}
	return out
}

// unseenIn finds {"unknown": {…}} in the place of a Maybe.
func unseenIn(v any) (*Unknown, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	u, ok := m["unknown"].(map[string]any)
	if !ok {
		return nil, false
	}
	cause, _ := u["cause"].(string)
	detail, _ := u["detail"].(string)
	if !Cause(cause).Known() {
		return Because(Broken, "the stored fact names a cause that does not exist"), true
	}
	return Because(Cause(cause), detail), true
}
