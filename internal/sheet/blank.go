package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Blank is a table for people to fill in.
type Blank struct {
	Name    string
	Columns []Asked
	Rows    [][]string // examples
	Further []Blank    // sheets after it, in a workbook
}

// Asked is a column of a blank table.
type Asked struct {
	Name    string
	Width   float64  // in characters
	Choices []string // offered in each cell; others can be written
}

// CSV gives the table with a byte order mark, without which Excel reads no
// Vietnamese.
func (b Blank) CSV() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	head := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		head[i] = c.Name
	}
	err := w.WriteAll(append([][]string{head}, b.Rows...))
	return out.Bytes(), err
}

// askedRows are so many rows that their cells are prepared: text, so that codes
// keep their zeros, and with choices.
const askedRows = 20_000

// XLSX gives the table as a workbook: the head stays in view.
func (b Blank) XLSX() ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true, Family: "Calibri", Size: 11}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE7F3"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	if err := f.SetSheetName("Sheet1", b.Name); err != nil {
		return nil, err
	}
	if err := b.fill(f, text, head); err != nil {
		return nil, err
	}
	for _, of := range b.Further {
		if _, err := f.NewSheet(of.Name); err != nil {
			return nil, err
		}
		if err := of.fill(f, text, head); err != nil {
			return nil, err
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fill writes one sheet, which is there.
func (b Blank) fill(f *excelize.File, text, head int) error {
	for i, c := range b.Columns {
		col := Letter(i + 1)
		if err := f.SetColWidth(b.Name, col, col, c.Width); err != nil {
			return err
		}
		if err := f.SetColStyle(b.Name, col, text); err != nil {
			return err
		}
		if err := f.SetCellStr(b.Name, col+"1", c.Name); err != nil {
			return err
		}
		if err := b.offer(f, col, c.Choices); err != nil {
			return err
		}
		for j, row := range b.Rows {
			if row[i] == "" {
				continue
			}
			if err := f.SetCellStr(b.Name, fmt.Sprint(col, j+2), row[i]); err != nil {
				return err
			}
		}
	}
	if err := f.SetCellStyle(b.Name, "A1", Letter(len(b.Columns))+"1", head); err != nil {
		return err
	}
	if err := f.SetRowHeight(b.Name, 1, 32); err != nil { // two lines
		return err
	}
	if err := f.SetPanes(b.Name, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	wide, one, fit, long := "landscape", 1, true, 0
	if err := errors.Join(f.SetPageLayout(b.Name, &excelize.PageLayoutOptions{Orientation: &wide, FitToWidth: &one, FitToHeight: &long}),
		f.SetSheetProps(b.Name, &excelize.SheetPropsOptions{FitToPage: &fit})); err != nil {
		return err
	}
	return nil
}

func (b Blank) offer(f *excelize.File, col string, choices []string) error {
	if len(choices) == 0 {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s2:%s%d", col, col, askedRows)
	v.ShowErrorMessage = false
	if err := v.SetDropList(choices); err != nil {
		return err
	}
	return f.AddDataValidation(b.Name, v)
}
