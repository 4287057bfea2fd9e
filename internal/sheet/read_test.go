package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

func book(t testing.TB, fill func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Days are days however the sheet shows them, and codes keep the zeros that it
// shows.
func TestXLSXCells(t *testing.T) {
	at := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	data := book(t, func(f *excelize.File) {
		style := func(cell string, v any, format string) {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err = errors.Join(err, f.SetCellValue("Sheet1", cell, v), f.SetCellStyle("Sheet1", cell, cell, id)); err != nil {
				t.Fatal(err)
			}
		}
		style("A2", at, "m/d/yyyy")
		style("B2", at, "dd/mm/yyyy")
		style("C2", at, "d-mmm-yy")
		style("D2", 4, "00000")
		style("E2", 0.25, "0%")
		style("F2", 46000, "#,##0")
		style("G2", at.Add(20*time.Hour), "dd/mm/yyyy hh:mm")
		style("H2", "Ẳng Mẫu ", "@")
		style("I2", 3, "General")
	})
	table, err := Read("a.xlsx", data)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-03-04", "2026-03-04", "2026-03-04", "00004", "25%", "46,000", "2026-03-04 20:00", "Ẳng Mẫu", "3"}
	if len(table.Rows) != 1 || table.Rows[0].Line != 2 || fmt.Sprint(table.Rows[0].Cells) != fmt.Sprint(want) {
		t.Errorf("rows = %+v, want %q in row 2", table.Rows, want)
	}
}

// A sheet that is not wanted takes no room from a later one, however long it is.
func TestFurtherSheets(t *testing.T) {
	data := book(t, func(f *excelize.File) {
		for _, of := range []struct {
			name string
			rows int
		}{{"Sheet1", 1}, {"Codes", maxRows + 1}, {"Papers", 2}} {
			if of.name != "Sheet1" {
				if _, err := f.NewSheet(of.name); err != nil {
					t.Fatal(err)
				}
			}
			w, err := f.NewStreamWriter(of.name)
			for i := 1; err == nil && i <= of.rows; i++ {
				err = w.SetRow(fmt.Sprint("A", i), []any{of.name})
			}
			if err = errors.Join(err, w.Flush()); err != nil {
				t.Fatal(err)
			}
		}
	})
	asked := 0
	first, further, err := ReadAll("a.xlsx", data, func(s *Table) bool {
		asked = max(asked, len(s.Rows))
		return s.Sheet == "Papers" && len(s.Rows) > 0
	})
	if err != nil || len(first.Rows) != 1 || len(further) != 1 || len(further[0].Rows) != 2 || asked > Top {
		t.Errorf("%d further sheets, asked of %d rows, %v", len(further), asked, err)
	}
}

// A formula whose value was not saved is no empty cell.
func TestFormulas(t *testing.T) {
	for sheetData, want := range map[string]string{
		`<c r="A1"><f>1+1</f></c><c r="B1"><v>2</v></c>`: "A1", `<c r="A1"><v>1</v></c><c r="B1"><f>1+1</f><v/></c>`: "B1", `<c r="A1"><f>1+1</f><v></v></c>`: "A1",
		`<c r="A1"><f>1+1</f><v>2</v></c>`: "", `<c r="A1" t="str"><f>""</f><v></v></c>`: "", `<c r="A1"><v>1</v></c></row></sheetData><extLst><ext><xm:f xmlns:xm="x">B1</xm:f></ext></extLst><sheetData><row>`: "",
	} {
		fault := new(scales).weigh("xl/worksheets/sheet1.xml", []byte(`<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData><row r="1">`+sheetData+`</row></sheetData></worksheet>`))
		if want == "" && fault != nil || want != "" && (fault == nil || !strings.Contains(fault.Error(), "cell "+want+" ")) {
			t.Errorf("%s: %v, want one in %q", sheetData, fault, want)
		}
	}
}

// bomb is an XLSX whose sheet is a text many times over.
func bomb(t *testing.T, text string, times int) []byte {
	t.Helper()
	plain := book(t, func(*excelize.File) {})
	r, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range r.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := z.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		for range times {
			if _, err := w.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// shared gives a workbook with these shared strings, and a row of these cells.
func shared(t *testing.T, text, cells string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, part := range map[string]string{
		"xl/sharedStrings.xml":     `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + text + `</sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">` + cells + `</row></sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, part)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	plain := book(t, func(*excelize.File) {})
	r, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		if f.Name != "xl/worksheets/sheet1.xml" && f.Name != "xl/sharedStrings.xml" {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What is no table, or would cost too much, is refused with what to do.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		told string
		line int
	}{
		{"a zip bomb", bomb(t, strings.Repeat(" ", 1<<20), maxText>>20+1), "giải nén", 0},
		{"a bomb of cells", bomb(t, strings.Repeat("<c/>", 1<<18), maxTags>>18+1), "quá nhiều ô", 0},
		{"a long string in a thousand cells", shared(t, "<si><t>"+strings.Repeat("a", 40<<20)+"</t></si>", strings.Repeat(`<c t="s"><v>0</v></c>`, 150)), "quá nhiều chữ", 0},
		{"the same in pieces", shared(t, "<si>"+strings.Repeat("<r><t>"+strings.Repeat("a", 1<<16)+"</t></r>", 3)+"</si>", ""), "quá nhiều chữ", 0},
		{"the same under another name", shared(t, "<si><t>a</t></si>", strings.Repeat(`<c t="s"><y:v xmlns:y="http://schemas.openxmlformats.org/spreadsheetml/2006/main">0</y:v><!--><row>--><:row/></c>`, maxFilled+1)), "hơn 1000 ô", 0},
		{"letters that hide tags", bomb(t, `<?xml version="1.0" encoding="UTF-16LE"?>`, 1), "UTF-8", 0},
		{"a declaration", bomb(t, `<!DOCTYPE x [<!ENTITY a "b">]>`, 1), "DOCTYPE", 0},
		{"a cell at the end of the world", book(t, func(f *excelize.File) { _ = f.SetCellStr("Sheet1", "XFD3", "x") }), "cột", 3},
		{"another archive", []byte("PK\x03\x04" + strings.Repeat("x", 100)), "không mở được", 0},
		{"OpenDocument", []byte("PK\x03\x04" + strings.Repeat("\x00", 26) + "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), ".ods", 0},
		{"old Excel", []byte("\xd0\xcf\x11\xe0"), ".xls", 0},
		{"not UTF-8", []byte("a,b\nT\xea,x\n"), "UTF-8", 2},
		{"half a quotation", []byte("a,b\n\"x,y\n"), "ngoặc kép", 2},
		{"an escape of the terminal", []byte("a,b\n\x1b[2J,y\n"), "U+001B", 2},
		{"a turn of writing", []byte("a,b\nx,\u202ey\n"), "U+202E", 2},
		{"too long a row", []byte("a" + strings.Repeat(",a", maxColumns)), "cột", 1},
		{"too long a cell", []byte(strings.Repeat("a", maxCell+1)), "dài quá", 1},
	} {
		_, err := Read("a", c.data)
		var f *Fault
		if !errors.As(err, &f) || !strings.Contains(f.In("vi"), c.told) || f.Line != c.line || f.Instead.Empty() {
			t.Errorf("%s: %v, want %q in line %d", c.name, err, c.told, c.line)
		}
	}
}

// Cells may hold separators and line ends; lines are counted as an editor does.
func TestCSV(t *testing.T) {
	table, err := Read("a.csv", []byte("a;b\r\n\"x;\r\ny\";2\r\n\r\nz;\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", table.Rows); got != "[{Line:1 Cells:[a b]} {Line:2 Cells:[x;\ny 2]} {Line:5 Cells:[z]}]" {
		t.Errorf("rows = %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\ufeffa;b\n1;2\n"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00"))
	f.Add(book(f, func(x *excelize.File) { _ = x.SetCellStr("Sheet1", "B2", "Ẳng") }))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read("a", data)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.What.Empty() {
				t.Errorf("%v is no fault of a table", err)
			}
			return
		}
		for _, r := range table.Rows {
			if r.Line < 1 || len(r.Cells) == 0 {
				t.Errorf("row %+v", r)
			}
		}
	})
}
