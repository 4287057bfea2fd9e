package trial

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// facts holds the facts of a case against the types of their checks.
func (r *reader) facts(v any, at ...any) {
	all, _ := v.(map[string]any)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		here := append(slices.Clone(at), id)
		t := r.known.Facts[id]
		if t == nil {
			how := nearest(id, r.known.Facts.IDs())
			if how.Vi == "" {
				how = lang.T("xem: sansang list checks", "see: sansang list checks")
			}
			r.say(here, lang.Tf("không có phép kiểm tra %s", "there is no check %s", id), how)
			continue
		}
		r.fits(t, all[id], id, false, here)
	}
}

// fits tells every place where a value is not of a type. A field that is left
// out was not seen; inside a list it must be there, for a list with a gap in
// it was not seen at all.
func (r *reader) fits(t *fact.Type, v any, name string, listed bool, at []any) {
	switch t.Kind {
	case fact.Struct:
		if m, ok := v.(map[string]any); ok {
			r.fields(t, m, name, listed, at)
			return
		}
	case fact.List:
		if l, ok := v.([]any); ok {
			for i, e := range l {
				r.fits(t.Elem, e, name, true, append(slices.Clone(at), i))
			}
			return
		}
	case fact.Map:
		if m, ok := v.(map[string]any); ok {
			for _, key := range slices.Sorted(maps.Keys(m)) {
				r.fits(t.Elem, m[key], name+"."+key, true, append(slices.Clone(at), key))
			}
			return
		}
	default:
		if plain(t.Kind, v) {
			return
		}
	}
	r.say(at, lang.Tf("%s không đúng kiểu", "%s is not of its type", name), wanted(t))
}

func (r *reader) fields(t *fact.Type, m map[string]any, name string, listed bool, at []any) {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
		v, there := m[f.Name]
		switch {
		case !there && listed:
			r.say(at, lang.Tf("phần tử của %s thiếu mục %s", "an element of %s lacks %s", name, f.Name), lang.Tf("thêm %[1]s (%[2]s)", "add %[1]s (%[3]s)", f.Name, kinds[f.Type.Kind].Vi, kinds[f.Type.Kind].En))
		case there && (!f.Maybe || !unseen(v)):
			r.fits(f.Type, v, name+"."+f.Name, listed, append(slices.Clone(at), f.Name))
		}
	}
	for _, have := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(names, have) {
			r.say(append(slices.Clone(at), have), lang.Tf("%s không có mục %s", "%s has no %s", name, have), oneOf(have, names))
		}
	}
}

func oneOf(wrote string, names []string) lang.Text {
	if near := nearest(wrote, names); near.Vi != "" {
		return near
	}
	return lang.Tf("viết một trong: %s", "write one of: %s", strings.Join(names, ", "))
}

// unseen knows {unknown: {cause: …}} in the place of a value.
func unseen(v any) bool {
	m, _ := v.(map[string]any)
	u, ok := m["unknown"].(map[string]any)
	cause, _ := u["cause"].(string)
	return ok && len(m) == 1 && fact.Cause(cause).Known()
}

func plain(k fact.Kind, v any) bool {
	switch k {
	case fact.Bool:
		_, ok := v.(bool)
		return ok
	case fact.Int:
		n, ok := v.(json.Number)
		_, err := n.Int64()
		return ok && err == nil
	case fact.Double:
		n, ok := v.(json.Number)
		_, err := n.Float64()
		return ok && err == nil
	case fact.String:
		_, ok := v.(string)
		return ok
	case fact.Time:
		s, ok := v.(string)
		_, err := time.Parse(time.RFC3339Nano, s)
		return ok && err == nil
	case fact.List, fact.Map, fact.Struct: // never plain
	}
	return false
}

var kinds = map[fact.Kind]lang.Text{
	fact.Bool:   lang.T("true hoặc false", "true or false"),
	fact.Int:    lang.T("số nguyên", "a whole number"),
	fact.Double: lang.T("số", "a number"),
	fact.String: lang.T("chữ", "text"),
	fact.Time:   lang.T("thời điểm như 2026-12-31T00:00:00Z", "a moment such as 2026-12-31T00:00:00Z"),
	fact.List:   lang.T("danh sách [ … ]", "a list [ … ]"),
	fact.Map:    lang.T("các cặp {tên: giá trị}", "pairs {name: value}"),
	fact.Struct: lang.T("các mục {tên: giá trị}", "fields {name: value}"),
}

func wanted(t *fact.Type) lang.Text {
	k := kinds[t.Kind]
	return lang.Tf("viết %[1]s, hoặc bỏ mục này nếu không nhìn thấy", "write %[2]s, or leave it out if it was not seen", k.Vi, k.En)
}
