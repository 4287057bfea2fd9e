package roster

import (
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
)

// columns is where the fields of a table are.
type columns struct {
	line int
	head []string
	at   map[string]int // column by field, from 0
}

// meant gives the field that a heading names. It may say two names, as in "Mã
// định danh (Unit ID)", which must not speak of two fields.
func meant(heading string) string {
	if key := known[fold(heading, "")]; key != "" {
		return key
	}
	key := ""
	for _, part := range strings.FieldsFunc(heading, func(r rune) bool { return strings.ContainsRune("/()\r\n|*", r) }) {
		k := known[fold(part, "")]
		switch {
		case k == "":
		case key != "" && key != k:
			return ""
		default:
			key = k
		}
	}
	return key
}

// header finds the row of headings among the first rows: there may be titles
// above it. It names a unit, and at least two columns in all.
func header(t *sheet.Table) (int, bool) {
	for i, row := range t.Rows[:min(len(t.Rows), sheet.Top)] {
		found := map[string]bool{}
		for _, c := range row.Cells {
			if key := meant(c); key != "" {
				found[key] = true
			} else if keys := unclear[fold(c, "")]; keys != nil {
				found[keys[0]] = true
			}
		}
		if len(found) >= 2 && (found["unit.id"] || found["unit.gso"]) {
			return i, true
		}
	}
	return 0, false
}

// columnsOf reads the headings. What is wrong with them is told by say, of a
// column from 0; what is only not used is noted.
func columnsOf(row sheet.Row, say, note func(column int, what, instead lang.Text)) columns {
	c := columns{line: row.Line, head: row.Cells, at: map[string]int{}}
	var open []int
	for i, h := range row.Cells {
		f := fold(h, "")
		key := meant(h)
		switch why, idle := unused[f]; {
		case f == "":
		case key != "":
			c.take(key, i, say)
		case unclear[f] != nil:
			open = append(open, i)
		case !idle:
			if near := lang.Nearest(f, headings); near != "" {
				say(i, lang.Tf("không có cột %q", "there is no column %q", h), lang.Tf("có phải là %[1]q? nếu không, xóa cột này hoặc đặt tên khác hẳn", "did you mean %[2]q? if not, remove the column or give it a quite different name", fieldOf(known[near]).name.Vi, fieldOf(known[near]).name.En))
				continue
			}
			note(i, lang.Tf("cột %q không dùng đến", "the column %q is not used", h), lang.T("tên các cột dùng được: docs/lists.md", "the columns that are used: docs/lists.md"))
		case !why.Empty():
			note(i, lang.T("cột "+h+" "+why.Vi, "the column "+h+" "+why.En), lang.Text{})
		}
	}
	for _, i := range open {
		c.decide(i, say)
	}
	return c
}

// headings are all folded names of columns.
var headings = func() []string {
	var out []string
	for n := range known {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}()

func (c columns) take(key string, i int, say func(int, lang.Text, lang.Text)) {
	if j, twice := c.at[key]; twice {
		say(i, lang.Tf("hai cột cùng là «%s»: %s và %s", "two columns are «%[4]s»: %[2]s and %[3]s", fieldOf(key).name.Vi, sheet.Letter(j+1), sheet.Letter(i+1), fieldOf(key).name.En), lang.T("giữ lại một", "keep one of them"))
		return
	}
	c.at[key] = i
}

// decide settles a name of several fields: it is the one that has no column of
// its own, if there is one such.
func (c columns) decide(i int, say func(int, lang.Text, lang.Text)) {
	keys := unclear[fold(c.head[i], "")]
	left := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { _, taken := c.at[k]; return taken })
	if len(left) == 1 {
		c.take(left[0], i, say)
		return
	}
	var vi, en []string
	for _, k := range keys {
		vi, en = append(vi, "«"+fieldOf(k).name.Vi+"»"), append(en, "«"+fieldOf(k).name.En+"»")
	}
	say(i, lang.Tf("tên cột %q chưa rõ là gì", "it is not clear what the column %q is", c.head[i]), lang.T("viết một trong: "+strings.Join(vi, ", "), "write one of: "+strings.Join(en, ", ")))
}

// name says a field as this table names it, or as ours does.
func (c columns) name(key string) lang.Text {
	if i, ok := c.at[key]; ok {
		return lang.T(c.head[i], c.head[i])
	}
	return fieldOf(key).name
}

// cell gives the value of a field in a row, and its column from 0; -1 where
// there is no such column.
func (c columns) cell(row sheet.Row, key string) (string, int) {
	i, ok := c.at[key]
	if !ok {
		return "", -1
	}
	if i >= len(row.Cells) {
		return "", i
	}
	return row.Cells[i], i
}
