// Package sheet reads and writes tables that people keep in a spreadsheet: CSV
// and XLSX. It is the one package that knows a spreadsheet library, and it knows
// nothing of what a table says.
package sheet

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/sansang/sansang/internal/lang"
)

// Bounds on what a table may cost. A list of 3,377 units with five endpoints
// each is 17,000 rows and some 6 MB.
const (
	MaxBytes   = 64 << 20  // of the file
	maxRows    = 200_000   // that hold something
	maxColumns = 200       // of a row
	maxCell    = 32_767    // bytes of one cell; also what Excel allows in letters
	maxText    = 128 << 20 // bytes of all cells together, and of an XLSX unpacked
	maxPlaces  = 50 << 20  // of an XLSX, with empty ones before filled ones
)

// Top is among how many rows that hold something the headings are.
const Top = 30

// Table is what stands in one sheet, without its empty rows.
type Table struct {
	Name  string // of the file
	Sheet string // of an XLSX
	Rows  []Row
}

// Row is a row. Cells end with the last that holds something, and are without
// spaces at their ends. A day of XLSX is written 2026-12-31 however the sheet
// shows it.
type Row struct {
	Line  int // from 1, as the spreadsheet or an editor counts
	Cells []string
}

// Fault is what makes a file no table.
type Fault struct {
	Line          int // 0: the whole file
	What, Instead lang.Text
}

func (f *Fault) Error() string { return f.In(lang.En) }

// In says the fault in a language.
func (f *Fault) In(l lang.Lang) string {
	if instead := f.Instead.In(l); instead != "" {
		return f.What.In(l) + "; " + instead
	}
	return f.What.In(l)
}

// Is tells whether a file may be a table, by its name alone.
func Is(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// Read reads a CSV or, by its first bytes, an XLSX, of which it takes the first
// sheet. Its error is a *Fault.
func Read(name string, data []byte) (*Table, error) {
	t, _, err := ReadAll(name, data, nil)
	return t, err
}

// ReadAll reads a table and, of an XLSX, those of the further sheets that are
// wanted, which is asked of their first Top rows, as far as these can be read.
// Nil: none is.
func ReadAll(name string, data []byte, wanted func(*Table) bool) (first *Table, further []*Table, err error) {
	switch {
	case len(data) > MaxBytes:
		return nil, nil, &Fault{What: lang.Tf("tệp lớn quá %d MB", "the file is larger than %d MB", MaxBytes>>20), Instead: lang.T("chia thành nhiều tệp", "divide it")}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")) && bytes.Contains(data[:min(len(data), 200)], []byte("opendocument.spreadsheet")):
		return nil, nil, &Fault{What: lang.T("tệp là bảng OpenDocument (.ods), không đọc được", "the file is an OpenDocument table (.ods), which is not read"),
			Instead: lang.T("mở bằng LibreOffice rồi lưu thành .xlsx", "open it in LibreOffice and save it as .xlsx")}
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(name, data, wanted)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return nil, nil, &Fault{What: lang.T("tệp là bản Excel cũ (.xls) hoặc có mật khẩu", "the file is an old Excel file (.xls), or has a password"),
			Instead: lang.T("mở bằng Excel hoặc LibreOffice rồi lưu thành .xlsx không mật khẩu", "open it in Excel or LibreOffice and save it as .xlsx without a password")}
	}
	first, err = readCSV(name, data)
	return first, nil, err
}

// gather keeps rows within the bounds.
type gather struct {
	Table
	text int // of all sheets that are kept
	rows int // of those before this one
}

func (g *gather) add(line int, cells []string) error {
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > maxColumns {
		return &Fault{line, lang.Tf("dòng này có hơn %d cột", "this row has more than %d columns", maxColumns), lang.T("bỏ các cột thừa", "remove the columns that are not needed")}
	}
	if g.rows+len(g.Rows) >= maxRows && len(g.Rows) >= Top { // of each sheet the headings are found
		return &Fault{line, lang.Tf("bảng có hơn %d dòng", "the table has more than %d rows", maxRows), lang.T("chia thành nhiều tệp", "divide it")}
	}
	for i, c := range cells {
		if fault := badCell(line, i, c); fault != nil {
			return fault
		}
		g.text += len(c)
	}
	if g.text > maxText {
		return &Fault{line, lang.T("bảng có quá nhiều chữ", "the table holds too much text"), lang.T("chia thành nhiều tệp", "divide it")}
	}
	g.Rows = append(g.Rows, Row{line, cells})
	return nil
}

// badCell refuses what no person writes: see the same refusal of YAML files.
func badCell(line, i int, c string) error {
	if len(c) > maxCell {
		return &Fault{line, lang.Tf("ô ở cột %s dài quá %d byte", "the cell in column %s is longer than %d bytes", Letter(i+1), maxCell), lang.T("rút ngắn", "shorten it")}
	}
	for _, r := range c {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return &Fault{line, lang.Tf("ô ở cột %s có ký tự điều khiển không nhìn thấy được (%U)", "the cell in column %s has a control character that cannot be seen (%U)", Letter(i+1), r), lang.T("xóa ký tự đó, hoặc gõ lại ô này", "delete it, or type the cell anew")}
		}
	}
	return nil
}

// Letter names a column, from 1, as spreadsheets do: A, B, … Z, AA, …
func Letter(column int) string {
	s := ""
	for ; column > 0; column = (column - 1) / 26 {
		s = string(rune('A'+(column-1)%26)) + s
	}
	return s
}
