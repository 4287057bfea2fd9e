package roster

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
)

// table reads a table into drafts, one a unit: rows of one code belong together.
type table struct {
	columns
	file    string
	units   []*rows // in the order in which they begin
	by      map[string]*rows
	wrong   []Problem // of no unit
	notes   []Problem
	count   int  // of rows
	mergers int  // codes of old
	aside   bool // a sheet of documents of units that another sheet declares
}

// rows are those of one unit: what they say as a unit file would, and where.
type rows struct {
	id          string
	first, last int
	value       map[string]any
	at          map[string]yamldoc.Place
	given       map[string]given // cells that a unit or system has once
	systems     map[string]int   // index by id
	wrong       []Problem
	old         []merging
	beside      map[string]*table // the sheets that items such as /attestations/0 come from, if another than the unit's
}

// maxWrong bounds how many mistakes of the rows of one unit are kept.
const maxWrong = 1000

func (u *rows) mistake(p Problem) {
	if len(u.wrong) < maxWrong {
		u.wrong = append(u.wrong, p)
	}
}

type given struct {
	text string
	line int
}

// merging is a merger and where it is declared.
type merging struct {
	Merger
	at Problem // without words
}

func readTable(file string, data []byte) (*table, error) {
	sheeted, beside, err := sheet.ReadAll(file, data, func(s *sheet.Table) bool { _, some, _ := papersHead(s); return some })
	if err != nil {
		var fault *sheet.Fault
		if !errors.As(err, &fault) {
			return nil, err
		}
		return nil, Problems{{File: file, Line: fault.Line, Column: min(fault.Line, 1), What: fault.What, Instead: fault.Instead}}
	}
	head, ok := header(sheeted)
	if !ok {
		return nil, Problems{{File: file, What: lang.T("không thấy hàng tên cột: cần ít nhất «Mã định danh» hoặc «Mã đơn vị hành chính», và một cột nữa", "there is no row of headings: at least «Unit ID» or «GSO code» is needed, and one more"),
			Instead: lang.T("xem mẫu: sansang new list mau.csv", "see a template: sansang new list template.csv")}}
	}
	t := &table{file: file, by: map[string]*rows{}, count: len(sheeted.Rows)}
	line := sheeted.Rows[head].Line
	t.columns = columnsOf(sheeted.Rows[head],
		func(col int, what, instead lang.Text) { t.wrong = append(t.wrong, t.problem(line, col, what, instead)) },
		func(col int, what, instead lang.Text) { t.notes = append(t.notes, t.problem(line, col, what, instead)) })
	if t.wrong != nil { // else each row would be told for it
		return nil, Problems(t.wrong)
	}
	t.idle(line)
	var above *rows
	for _, row := range sheeted.Rows[head+1:] {
		above = t.row(row, above)
	}
	if t.mergers > maxUnits {
		return nil, manyMergers(file)
	}
	for _, s := range beside {
		if err := t.papers(s); err != nil {
			return nil, err
		}
	}
	for _, u := range t.units {
		u.refer()
	}
	return t, nil
}

func (t *table) problem(line, col int, what, instead lang.Text) Problem {
	return Problem{File: t.file, Line: line, Column: col + 1, What: what, Instead: instead}
}

// row takes a row in, and gives the unit that it is of.
func (t *table) row(row sheet.Row, above *rows) *rows {
	id, col := t.cell(row, "unit.id")
	code, codeCol := t.cell(row, "unit.gso")
	kind, _ := t.cell(row, "unit.kind")
	if _, told := t.at["unit.kind"]; !told {
		kind = named(t.cell(row, "unit.name"))
	}
	code = padded(code, word("unit.kind", kind))
	if id == "" && code != "" {
		id, col = "gso-"+code, codeCol
	}
	if id == "" {
		t.wrong = append(t.wrong, t.problem(row.Line, max(col, codeCol, 0), lang.T("dòng này chưa ghi mã đơn vị", "this row has no code of a unit"),
			lang.T("ghi mã ở mọi dòng (bỏ gộp ô, chép mã xuống các dòng dưới), hoặc xóa dòng", "write the code in every row (unmerge cells and copy it down), or remove the row")))
		if above != nil && above.wrong == nil { // the row may be its
			above.wrong = append(above.wrong, t.problem(row.Line, max(col, codeCol, 0), lang.Tf("dòng %d có thể là của đơn vị %s", "row %d may be of the unit %s", row.Line, above.id), lang.T("ghi mã đơn vị ở dòng đó", "write the unit's code there")))
		}
		return above
	}
	u := t.by[id]
	if u == nil {
		u = &rows{id: id, first: row.Line, value: map[string]any{"unit": map[string]any{}, "systems": []any{}, "endpoints": []any{}},
			at: map[string]yamldoc.Place{"": {Line: row.Line, Column: col + 1}, "/unit": {Line: row.Line, Column: col + 1}}, given: map[string]given{}, systems: map[string]int{}}
		t.by[id] = u
		t.units = append(t.units, u)
	}
	u.last = row.Line
	if code != "" && !gsoCode.MatchString(code) {
		u.mistake(t.problem(row.Line, codeCol, lang.Tf("%q không phải mã đơn vị hành chính", "%q is no GSO code", code),
			lang.T("viết 2 chữ số (tỉnh) hoặc 5 chữ số (xã); nếu bảng tính đã bỏ số 0 ở đầu thì định dạng cột là văn bản (Text) rồi viết lại", "write 2 digits (province) or 5 (commune); if the spreadsheet has dropped zeros in front, format the column as text and write them again")))
	}
	f := filler{t, u, row}
	f.unit(id, col, code)
	system := f.system()
	f.endpoint(system)
	f.lists()
	f.authorisation()
	f.merged()
	f.paper()
	return u
}

var gsoCode = regexp.MustCompile(`^[0-9]{2}([0-9]{3})?$`)

// named gives the kind that stands in front of a name, as in "Xã …".
func named(name string, _ int) string {
	for _, kind := range []string{"Tỉnh ", "Thành phố ", "Xã ", "Phường ", "Đặc khu "} {
		if strings.HasPrefix(name, kind) {
			return strings.TrimSpace(kind)
		}
	}
	return ""
}

// padded puts back the zeros that a spreadsheet takes from the front of codes
// which it takes for numbers; how many there were is told by the kind.
func padded(code, kind string) string {
	digits := map[string]int{"province": 2, "commune": 5}[kind]
	if code != "" && len(code) < digits && strings.Trim(code, "0123456789") == "" {
		return strings.Repeat("0", digits-len(code)) + code
	}
	return code
}

// place says in which rows a unit is declared.
func (t *table) place(u *rows) lang.Text {
	if u.first == u.last {
		return lang.Tf("%s, dòng %d", "%s, row %d", filepath.Base(t.file), u.first)
	}
	return lang.Tf("%s, dòng %d–%d", "%s, rows %d–%d", filepath.Base(t.file), u.first, u.last)
}

// filler puts the cells of one row where a unit file has them.
type filler struct {
	*table
	u   *rows
	row sheet.Row
}

// once gives a cell that all rows of a unit or system share: the first that is
// filled counts, and another that says otherwise is a mistake.
func (f filler) once(key, of string) (string, int, bool) {
	cell, col := f.cell(f.row, key)
	if cell == "" {
		return "", col, false
	}
	before, again := f.u.given[key+" "+of]
	if again {
		if before.text != cell && (key != "unit.kind" || word(key, before.text) != word(key, cell)) {
			f.u.mistake(f.problem(f.row.Line, col, lang.Tf("«%s» khác với dòng %d (%q)", "«%s» differs from row %d (%q)", f.head[col], before.line, before.text),
				lang.T("viết giống nhau ở mọi dòng của đơn vị, hoặc chỉ viết ở một dòng", "write the same in every row of the unit, or write it in one only")))
		}
		return "", col, false
	}
	f.u.given[key+" "+of] = given{cell, f.row.Line}
	return cell, col, true
}

// put sets a value in a map of the unit's, and remembers its place.
func (f filler) put(m map[string]any, pointer, name string, v any, col int) {
	m[name] = v
	at := yamldoc.Place{Line: f.row.Line, Column: col + 1}
	f.u.at[pointer+"/"+name] = at
	if list, ok := v.([]any); ok {
		for i := range list {
			f.u.at[fmt.Sprintf("%s/%s/%d", pointer, name, i)] = at
		}
	}
}
