package roster

import (
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

// holdsPapers tells a sheet of documents or waivers by its headings.
func holdsPapers(s *sheet.Table) bool {
	head, ok := header(s)
	if !ok {
		return false
	}
	for _, c := range s.Rows[head].Cells {
		if meant(c) == "papers.requirement" {
			return true
		}
	}
	return false
}

// onPapers are columns that on a sheet of documents say something of these.
var onPapers = map[string]string{
	"systems.id": "papers.system", "systems.name": "papers.system", "endpoints.id": "papers.endpoint", "endpoints.target": "papers.endpoint",
	"authorisation.sha256": "attestations.sha256",
}

// papers takes in a sheet of documents or waivers, of units that the first sheet
// has.
func (t *table) papers(s *sheet.Table) error {
	head, _ := header(s)
	row := s.Rows[head]
	side := &table{file: fmt.Sprintf("%s (%s)", t.file, s.Sheet), aside: true}
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
	for from, to := range onPapers {
		if i, ok := side.at[from]; ok {
			if _, has := side.at[to]; !has {
				side.at[to] = i
			}
		}
	}
	t.count += len(s.Rows)
	var above *rows
	for _, row := range s.Rows[head+1:] {
		id, col := side.cell(row, "unit.id")
		code, codeCol := side.cell(row, "unit.gso")
		u := t.unitOf(id, code)
		if u == nil {
			at := side.problem(row.Line, max(min(col, codeCol), 0), lang.Tf("trang tính đầu không có đơn vị %q", "the first sheet has no unit %q", id+code), lang.T("ghi đúng mã như ở trang tính đầu", "write its code as the first sheet does"))
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

// unitOf finds the unit of an id or, for want of that, of a GSO code, from which
// a spreadsheet may have taken the zeros in front.
func (t *table) unitOf(id, code string) *rows {
	if id != "" {
		return t.by[id]
	}
	for _, c := range []string{code, padded(code, "commune"), padded(code, "province")} {
		if u := t.by["gso-"+c]; u != nil {
			return u
		}
		for _, u := range t.units {
			if unit, _ := u.value["unit"].(map[string]any); c != "" && unit["gso"] == c {
				return u
			}
		}
	}
	return nil
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
	if f.any("waivers.") {
		if f.any("attestations.") {
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
			cell, col := f.cell(f.row, group+"."+name)
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

func (u *rows) named(m map[string]any, field, list, by string) {
	wrote, _ := m[field].(string)
	all, _ := u.value[list].([]any)
	id := any(nil)
	for _, one := range all {
		switch o, _ := one.(map[string]any); {
		case o["id"] == wrote:
			return
		case o[by] == wrote && wrote != "":
			id = o["id"]
		}
	}
	if id != nil {
		m[field] = id
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
