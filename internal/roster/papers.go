package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/sheet"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Documents and waivers: a row each, in the table of the units or, in XLSX, on
// sheets of their own.

// shared are the fields that documents and waivers both have.
var shared = []string{"requirement", "system", "endpoint"}

// papersHead finds the row of headings of a sheet of documents or waivers: whole
// if it names a unit and a requirement, and not if the sheet seems to be meant as
// one and cannot be read.
func papersHead(s *sheet.Table) (row int, some, whole bool) {
	row, whole = header(s)
	for i, r := range s.Rows[:min(len(s.Rows), sheet.Top)] {
		if whole && i != row {
			continue
		}
		of := map[string]bool{}
		for _, c := range r.Cells {
			of[meant(c)] = true
		}
		own := 0
		for key := range of {
			if strings.HasPrefix(key, "attestations.") || strings.HasPrefix(key, "waivers.") {
				own++
			}
		}
		if of["papers.requirement"] || own >= 2 {
			return i, true, whole && of["papers.requirement"]
		}
	}
	return 0, false, false
}

// alike are columns that on a sheet of documents say something of these, the
// first that is filled.
var alike = map[string][]string{
	"papers.system": {"systems.id", "systems.name"}, "papers.endpoint": {"endpoints.id", "endpoints.target"}, "attestations.sha256": {"authorisation.sha256"},
}

// papers takes in a sheet of documents or waivers, of units that the first sheet
// has.
func (t *table) papers(s *sheet.Table) error {
	head, _, whole := papersHead(s)
	row := s.Rows[head]
	side := &table{file: fmt.Sprintf("%s (%s)", t.file, s.Sheet), aside: true}
	if !whole {
		t.notes = append(t.notes, side.problem(row.Line, 0, lang.T("trang tính này không được đọc, vì không có cột mã đơn vị hoặc cột «Mã yêu cầu»", "this sheet is not read, for it has no column of units' codes or no column «Requirement»"),
			lang.T("thêm cột ấy nếu trang tính khai tài liệu chứng minh hoặc miễn trừ", "add that column if the sheet tells of documents or waivers")))
		return nil
	}
	side.columns = columnsOf(row,
		func(col int, what, instead lang.Text) {
			side.wrong = append(side.wrong, side.problem(row.Line, col, what, instead))
		},
		func(col int, what, instead lang.Text) {
			t.notes = append(t.notes, side.problem(row.Line, col, what, instead))
		})
	if side.wrong != nil {
		return Problems(side.wrong)
	}
	for to, from := range alike {
		for _, key := range from {
			if i, ok := side.at[key]; ok && !side.has(to) {
				side.at[to] = i
			}
		}
	}
	t.count += len(s.Rows)
	codes := t.codes()
	var above *rows
	for _, row := range s.Rows[head+1:] {
		id, col := side.cell(row, "unit.id")
		code, codeCol := side.cell(row, "unit.gso")
		u, what := t.unitOf(id, code, codes)
		if u == nil {
			at := side.problem(row.Line, max(min(col, codeCol), 0), what, lang.T("ghi đúng mã như ở trang tính đầu", "write its code as the first sheet does"))
			t.wrong = append(t.wrong, at)
			if above != nil && id+code == "" && above.wrong == nil { // the row may be its
				at.What = lang.Tf("dòng %d chưa ghi mã đơn vị, có thể là của đơn vị %s", "row %d has no code of a unit and may be of %s", row.Line, above.id)
				above.mistake(at)
			}
			continue
		}
		above = u
		filler{side, u, row}.paper()
	}
	return nil
}

func (c columns) has(key string) bool {
	_, ok := c.at[key]
	return ok
}

// codes gives the units by their GSO codes, as the first sheet has them.
func (t *table) codes() map[string][]*rows {
	out := map[string][]*rows{}
	for _, u := range t.units {
		unit, _ := u.value["unit"].(map[string]any)
		code, _ := unit["gso"].(string)
		if code = cmp.Or(code, strings.TrimPrefix(u.id, "gso-")); code != "" {
			out[code] = append(out[code], u)
		}
	}
	return out
}

// unitOf finds the unit of an id, of a GSO code from which a spreadsheet may have
// taken the zeros in front, or of both, or else says what is wrong with them.
func (t *table) unitOf(id, code string, codes map[string][]*rows) (*rows, lang.Text) {
	of := codes[code]
	if len(of) == 0 && code != "" {
		of = slices.Concat(codes[padded(code, "commune")], codes[padded(code, "province")])
	}
	switch u := t.by[id]; {
	case id+code == "":
		return nil, lang.T("dòng này chưa ghi mã đơn vị", "this row has no code of a unit")
	case id != "" && u == nil || len(of) == 0 && id == "":
		return nil, lang.Tf("trang tính đầu không có đơn vị %q", "the first sheet has no unit %q", cmp.Or(id, code))
	case id == "" && len(of) > 1:
		return nil, lang.Tf("mã %q có thể là của nhiều đơn vị: %s, %s", "the code %q may be of several units: %s, %s", code, of[0].id, of[1].id)
	case id == "":
		return of[0], lang.Text{}
	case len(of) > 0 && !slices.Contains(of, u):
		return nil, lang.Tf("mã %q là của đơn vị %s, không phải của %s", "the code %q is of the unit %s and not of %s", code, of[0].id, id)
	default:
		return u, lang.Text{}
	}
}

// idle notes columns of documents and waivers that nothing is made of, for want
// of the one that says for which requirement they are.
func (t *table) idle(line int) {
	if _, asked := t.at["papers.requirement"]; asked {
		return
	}
	for _, f := range fields {
		group, _, _ := strings.Cut(f.key, ".")
		if i, has := t.at[f.key]; has && (group == "papers" || group == "attestations" || group == "waivers") {
			t.notes = append(t.notes, t.problem(line, i, lang.Tf("cột %q không dùng đến, vì bảng không có cột «Mã yêu cầu»", "the column %q is not used, for the table has no column «Requirement»", t.head[i]), lang.T("thêm cột «Mã yêu cầu» nếu bảng khai tài liệu chứng minh hoặc miễn trừ", "add a column «Requirement» if the table tells of documents or waivers")))
		}
	}
}

// paper takes in what a row says of a document or a waiver.
func (f filler) paper() {
	if _, asked := f.at["papers.requirement"]; !asked || !f.any("papers.", "attestations.", "waivers.") {
		return
	}
	list, dates := "attestations", []string{"issued", "until"}
	own := []string{"document", "sha256", "result", "issuer", "issued", "until", "signer", "by", "note"}
	waiver, document := f.any("waivers."), f.any("attestations.")
	if waiver || !document && f.waiversOnly() {
		if document {
			_, col := f.cell(f.row, "papers.requirement")
			f.u.mistake(f.problem(f.row.Line, col, lang.T("một dòng vừa ghi tài liệu chứng minh vừa ghi miễn trừ", "one row tells both of a document and of a waiver"), lang.T("tách thành hai dòng", "make two rows of it")))
			return
		}
		list, own, dates = "waivers", []string{"reason", "approver", "expires"}, []string{"expires"}
	}
	items, _ := f.u.value[list].([]any)
	ptr, item := fmt.Sprintf("/%s/%d", list, len(items)), map[string]any{}
	f.u.value[list] = append(items, item)
	_, col := f.cell(f.row, "papers.requirement")
	f.u.at[ptr] = yamldoc.Place{Line: f.row.Line, Column: max(col, 0) + 1}
	if f.aside {
		if f.u.beside == nil {
			f.u.beside = map[string]*table{}
		}
		f.u.beside[ptr] = f.table
	}
	fill := func(group string, names []string) {
		for _, name := range names {
			cell, col := f.about(group + "." + name)
			if cell == "" {
				continue
			}
			var v any = cell
			switch {
			case name == "sha256":
				v = strings.ToLower(cell)
			case name == "result":
				v = word("attestations.result", cell)
			case slices.Contains(dates, name):
				v = date(cell)
			}
			f.put(item, ptr, name, v, col)
		}
	}
	fill("papers", shared)
	fill(list, own)
}

// waiversOnly tells a table that has no column of documents.
func (c columns) waiversOnly() bool {
	waivers := false
	for key := range c.at {
		if strings.HasPrefix(key, "attestations.") {
			return false
		}
		waivers = waivers || strings.HasPrefix(key, "waivers.")
	}
	return waivers
}

// about gives the cell of a field, and its column; on a sheet of documents that
// may be one of several.
func (f filler) about(key string) (string, int) {
	cell, col := f.cell(f.row, key)
	for _, other := range alike[key] {
		if f.aside && cell == "" {
			cell, col = f.cell(f.row, other)
		}
	}
	return cell, col
}

// refer puts the ids of systems and endpoints where documents and waivers name
// them as people do: a system by its name, an endpoint by its address.
func (u *rows) refer() {
	for _, list := range []string{"attestations", "waivers"} {
		items, _ := u.value[list].([]any)
		for _, item := range items {
			m, _ := item.(map[string]any)
			u.named(m, "system", "systems", "name")
			u.named(m, "endpoint", "endpoints", "target")
		}
	}
}

// named leaves a name of several as it is written, which is of none.
func (u *rows) named(m map[string]any, field, list, by string) {
	wrote, _ := m[field].(string)
	all, _ := u.value[list].([]any)
	var ids []any
	for _, one := range all {
		switch o, _ := one.(map[string]any); {
		case o["id"] == wrote || wrote == "":
			return
		case o[by] == wrote:
			ids = append(ids, o["id"])
		}
	}
	if len(ids) == 1 {
		m[field] = ids[0]
	}
}

// told gives what says the problems of a unit as those of its table, or of the
// sheet that an item comes from.
func (u *rows) told(t *table) func(Problem) Problem {
	beside := u.beside
	if beside == nil {
		return t.said
	}
	return func(p Problem) Problem {
		parts := strings.SplitN(p.Pointer, "/", 4)
		if of := beside[strings.Join(parts[:min(3, len(parts))], "/")]; of != nil {
			p = of.said(p)
			p.File = of.file
			return p
		}
		return t.said(p)
	}
}
