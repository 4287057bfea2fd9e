package report

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
)

// Bounds of a value as it is told. The whole of it is in the assessment.
const (
	maxItems  = 8   // of a list
	maxParts  = 4   // of a list of things that have parts themselves
	maxString = 160 // columns of a string that stands alone
	maxInList = 60  // columns of one in a list
)

var (
	none  = lang.T("không có", "none")
	blank = lang.T("(để trống)", "(empty)")
	yes   = lang.T("có", "yes")
	no    = lang.T("không", "no")
)

// valuer tells values in one language.
type valuer struct {
	lang   lang.Lang
	schema fact.Schema
}

// at tells the value at a path such as "tls.versions.tls10".
func (v valuer) at(path string, x any) string { return v.tell(x, v.typeAt(path), maxString) }

// typeAt finds the type at a path, nil where the schema does not know it.
func (v valuer) typeAt(path string) *fact.Type {
	for id, t := range v.schema {
		rest, ok := strings.CutPrefix(path, id+".")
		if !ok {
			continue
		}
		for _, name := range strings.Split(rest, ".") {
			f, ok := t.Field(name)
			if !ok {
				return nil
			}
			t = f.Type
		}
		return t
	}
	return nil
}

func (v valuer) tell(x any, t *fact.Type, columns int) string {
	switch x := x.(type) {
	case nil:
		return none.In(v.lang)
	case bool:
		if x {
			return yes.In(v.lang)
		}
		return no.In(v.lang)
	case int:
		return number(x, v.lang)
	case int64:
		return number(x, v.lang)
	case float64:
		return number(x, v.lang)
	case time.Time:
		return moment(x, v.lang)
	case string:
		return v.text(x, t, columns)
	case []any:
		return v.list(x, t)
	case map[string]any:
		return v.parts(x, t)
	}
	return v.stored(x, t, columns)
}

// stored tells a value of any other Go type by way of its JSON.
func (v valuer) stored(x any, t *fact.Type, columns int) string {
	var plain any
	b, err := json.Marshal(x)
	if err == nil {
		err = json.Unmarshal(b, &plain)
	}
	if err != nil {
		return outside(fmt.Sprintf("%v", x), columns)
	}
	return v.tell(plain, t, columns)
}

// text tells a string. What could be taken for words of the report is quoted.
func (v valuer) text(s string, t *fact.Type, columns int) string {
	if t != nil && t.Kind == fact.Time {
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return moment(at, v.lang)
		}
	}
	if s == "" {
		return blank.In(v.lang)
	}
	told := outside(s, columns)
	odd := func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._-/+@", r)
	}
	if told == s && len(s) <= 40 && strings.IndexFunc(s, odd) < 0 {
		return s
	}
	return "“" + told + "”"
}

func (v valuer) list(l []any, t *fact.Type) string {
	if len(l) == 0 {
		return none.In(v.lang)
	}
	var elem *fact.Type
	if t != nil {
		elem = t.Elem
	}
	sep, most := ", ", maxItems
	if _, ok := l[0].(map[string]any); ok {
		sep, most = "; ", maxParts
	}
	var told []string
	for _, x := range l[:min(len(l), most)] {
		told = append(told, v.tell(x, elem, maxInList))
	}
	return strings.Join(told, sep) + tail(len(l)-len(told))
}

// parts tells a struct or a map: what names it first, the rest in brackets.
func (v valuer) parts(m map[string]any, t *fact.Type) string {
	if len(m) == 0 {
		return none.In(v.lang)
	}
	head := ""
	var rest []string
	for _, p := range partsOf(m, t) {
		s, named := m[p.name].(string)
		switch told := v.tell(m[p.name], p.of, maxInList); {
		case named && s != "" && head == "" && (p.name == "name" || p.name == "subject"):
			head = told
		default:
			rest = append(rest, p.label.In(v.lang)+": "+told)
		}
	}
	rest, left := rest[:min(len(rest), maxItems)], max(0, len(rest)-maxItems)
	told := strings.Join(rest, ", ") + tail(left)
	switch {
	case head == "":
		return told
	case told == "":
		return head
	}
	return head + " (" + told + ")"
}

type part struct {
	name  string
	label lang.Text
	of    *fact.Type
}

// partsOf lists the parts of a value: those of a struct in the order in which
// its check declares them, any others by name.
func partsOf(m map[string]any, t *fact.Type) []part {
	var out []part
	declared := map[string]bool{}
	var elem *fact.Type
	if t != nil {
		elem = t.Elem
		for _, f := range t.Fields {
			if _, ok := m[f.Name]; ok {
				declared[f.Name] = true
				out = append(out, part{f.Name, f.Label, f.Type})
			}
		}
	}
	var others []string
	for name := range m {
		if !declared[name] {
			others = append(others, name)
		}
	}
	sort.Strings(others)
	for _, name := range others {
		shown := outside(strings.ReplaceAll(name, "_", " "), maxInList)
		out = append(out, part{name, lang.T(shown, shown), elem})
	}
	return out
}

// tail says that a list goes on.
func tail(n int) string {
	if n <= 0 {
		return ""
	}
	return " " + more(n)
}
