package sheet

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Book is a workbook to be written.
type Book struct {
	Title   string
	Subject string
	Made    time.Time // of the file's properties, so that the same book gives the same bytes
	Sheets  []Sheet
}

// Sheet is one table. Its first row holds the names of the columns, stays in
// view and filters. A sheet that is not a table (Prose) has no such row.
type Sheet struct {
	Name    string
	Columns []Column
	Rows    [][]any // string, int, float64, time.Time; nil and the zero time are empty
	Prose   bool
}

// Column is a column of a sheet. Width is in characters.
type Column struct {
	Name  string
	Width float64
	Form  Form
}

// Form is how the cells of a column are shown.
type Form int

// The forms.
const (
	Text   Form = iota // never taken for a number, a date or a formula
	Number             // a whole number
	Share              // 0.25 is shown as 25 %
	Day                // a date
	Moment             // a date and hour
)

// formats are the codes of ECMA-376 §18.8.31 by form, with the day first as it
// is written in Vietnam.
var formats = [...]string{Text: "@", Number: "0", Share: "0.0%", Day: "dd/mm/yyyy", Moment: "dd/mm/yyyy hh:mm"}

// Write writes a workbook (XLSX, ECMA-376). A cell holds a value and never a
// formula, whatever it begins with.
func Write(w io.Writer, b Book) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	st, err := newStyles(f)
	if err != nil {
		return err
	}
	for i, s := range b.Sheets {
		name := sheetName(s.Name)
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(f, name, s, st); err != nil {
			return fmt.Errorf("the sheet %s: %w", name, err)
		}
	}
	made := b.Made.UTC().Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{Title: b.Title, Subject: b.Subject, Creator: "sansang", LastModifiedBy: "sansang", Created: made, Modified: made}); err != nil {
		return err
	}
	return f.Write(w)
}

func writeSheet(f *excelize.File, name string, s Sheet, st styles) error {
	last, err := excelize.CoordinatesToCellName(max(1, len(s.Columns)), len(s.Rows)+1)
	if err != nil {
		return err
	}
	if !s.Prose { // before the stream: its end carries what was set till then
		if err := f.AutoFilter(name, "A1:"+last, nil); err != nil {
			return err
		}
	}
	if err := page(f, name, s); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, c := range s.Columns {
		if err := out.SetColWidth(i+1, i+1, c.Width); err != nil {
			return err
		}
	}
	at := 1
	if !s.Prose {
		if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
			return err
		}
		var head []any
		for _, c := range s.Columns {
			head = append(head, excelize.Cell{StyleID: st.head, Value: c.Name})
		}
		if err := out.SetRow("A1", head, excelize.RowOpts{Height: 32}); err != nil {
			return err
		}
		at++
	}
	for i, row := range s.Rows {
		cell, err := excelize.CoordinatesToCellName(1, at+i)
		if err != nil {
			return err
		}
		if err := out.SetRow(cell, st.cells(s, row)); err != nil {
			return err
		}
	}
	return out.Flush()
}

// page makes a sheet print on A4, lying, as wide as the paper, its header on
// every page.
func page(f *excelize.File, name string, s Sheet) error {
	paper, wide, tall, fit := 9, 1, 0, true
	way := "landscape"
	if s.Prose {
		way = "portrait"
	} else if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + name + "'!$1:$1", Scope: name}); err != nil {
		return err
	}
	if err := f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &way, FitToWidth: &wide, FitToHeight: &tall})
}

// styles are the numbers by which a workbook knows its styles.
type styles struct {
	head, prose, title int
	of                 [len(formats)]int
}

const face = "Times New Roman" // on every office computer, with all of Vietnamese

func newStyles(f *excelize.File) (styles, error) {
	var st styles
	line := []excelize.Border{{Type: "bottom", Color: "D3D8DE", Style: 1}}
	style := func(s excelize.Style) (int, error) {
		id, err := f.NewStyle(&s)
		return id, err
	}
	var err error
	if st.head, err = style(excelize.Style{Font: &excelize.Font{Family: face, Size: 11, Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1D3F66"}},
		Alignment: &excelize.Alignment{Vertical: "center", Horizontal: "center", WrapText: true}}); err != nil {
		return st, err
	}
	if st.title, err = style(excelize.Style{Font: &excelize.Font{Family: face, Size: 14, Bold: true, Color: "1D3F66"}, Alignment: &excelize.Alignment{Vertical: "top"}}); err != nil {
		return st, err
	}
	if st.prose, err = style(excelize.Style{Font: &excelize.Font{Family: face, Size: 11}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}); err != nil {
		return st, err
	}
	for i, code := range formats {
		form := Form(i)
		align := &excelize.Alignment{Vertical: "top", WrapText: form == Text}
		if form == Day || form == Moment {
			align.Horizontal = "center"
		}
		if st.of[i], err = style(excelize.Style{Font: &excelize.Font{Family: face, Size: 11}, Border: line, Alignment: align, CustomNumFmt: &code}); err != nil {
			return st, err
		}
	}
	return st, nil
}

// cells gives the cells of a row their styles.
func (st styles) cells(s Sheet, row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		if t, is := v.(time.Time); is && t.IsZero() {
			v = nil
		}
		if text, is := v.(string); is {
			v = plain(text)
		}
		id := st.prose
		switch {
		case !s.Prose && i < len(s.Columns):
			id = st.of[s.Columns[i].Form]
		case len(row) == 1:
			id = st.title
		}
		out[i] = excelize.Cell{StyleID: id, Value: v}
	}
	return out
}

// plain leaves out what XML 1.0 §2.2 has no place for, and what no cell holds.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if runes := []rune(s); len(runes) > excelize.TotalCellChars {
		return string(runes[:excelize.TotalCellChars])
	}
	return s
}

// sheetName leaves out what the name of a sheet may not hold.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < 0x20 {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > excelize.MaxSheetNameLength {
		s = string(r[:excelize.MaxSheetNameLength])
	}
	return s
}
