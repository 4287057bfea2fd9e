package sheet

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// lineHeight is that of a line of 11 points, maxLines what a row grows to.
const (
	lineHeight = 15
	maxLines   = 8
)

func writeSheet(f *excelize.File, name, title string, s Sheet, st styles) error {
	last, err := excelize.CoordinatesToCellName(max(1, len(s.Columns)), len(s.Rows)+1)
	if err != nil {
		return err
	}
	if !s.Prose { // before the stream: its end carries what was set till then
		if err := f.AutoFilter(name, "A1:"+last, nil); err != nil {
			return err
		}
	}
	if err := page(f, name, title, s); err != nil {
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
		var head, names []any
		for _, c := range s.Columns {
			names = append(names, c.Name)
			head = append(head, excelize.Cell{StyleID: st.head, Value: c.Name})
		}
		if err := out.SetRow("A1", head, excelize.RowOpts{Height: float64(lines(s, names, 1)*lineHeight + 4)}); err != nil { // beside the names stands the button of the filter
			return err
		}
		at++
	}
	for i, row := range s.Rows {
		cell, err := excelize.CoordinatesToCellName(1, at+i)
		if err != nil {
			return err
		}
		var o []excelize.RowOpts // not every program makes room for lines that it breaks
		if n := lines(s, row, 0); n > 1 || s.Prose {
			o = append(o, excelize.RowOpts{Height: float64(n*lineHeight + 3)})
		}
		if err := out.SetRow(cell, st.cells(s, row), o...); err != nil {
			return err
		}
	}
	return out.Flush()
}

// lines estimates into how many lines a row is broken, if a part of each column
// is taken up by something else.
func lines(s Sheet, row []any, taken float64) int {
	n := 1
	for i, v := range row {
		text, is := v.(string)
		if !is || i >= len(s.Columns) || s.Prose && len(row) == 1 {
			continue
		}
		const average = 1.0 // a letter of text is about as wide as a digit
		cell := 0
		for _, part := range strings.Split(text, "\n") {
			cell += max(1, int(math.Ceil(float64(utf8.RuneCountInString(part))*average/max(1, s.Columns[i].Width-1-taken))))
		}
		n = max(n, cell)
	}
	return min(n, maxLines)
}

// page makes a sheet print lying, as wide as the paper, its header on every
// page.
func page(f *excelize.File, name, title string, s Sheet) error {
	const a4, a3, fitsA4 = 9, 8, 170 // paper by ECMA-376 §18.3.1.63; characters
	paper, wide, tall, fit, way := a4, 1, 0, true, "landscape"
	margin, below, edge := 0.4, 0.7, 0.3 // inches
	var columns float64
	for _, c := range s.Columns {
		columns += c.Width
	}
	if columns > fitsA4 {
		paper = a3
	}
	if s.Prose {
		way = "portrait"
	} else if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + name + "'!$1:$1", Scope: name}); err != nil {
		return err
	}
	if err := f.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &below, Header: &edge, Footer: &edge}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L" + strings.ReplaceAll(title, "&", "&&") + " – &A&R&P / &N"}); err != nil {
		return err
	}
	return f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &way, FitToWidth: &wide, FitToHeight: &tall})
}

// cells gives the cells of a row their styles.
func (st styles) cells(s Sheet, row []any) []any {
	out := make([]any, len(row))
	for i, v := range row {
		id := st.prose
		switch {
		case !s.Prose && i < len(s.Columns):
			id = st.of[s.Columns[i].Form]
		case len(row) == 1:
			id = st.title
		}
		switch x := v.(type) {
		case time.Time:
			if x.IsZero() {
				v = nil
			}
		case string:
			if v = plain(x); x == "" {
				v = nil
			}
		case Toned:
			v = plain(x.Text)
			if x.Tone != Plain {
				id = st.tones[x.Tone]
			}
		}
		out[i] = excelize.Cell{StyleID: id, Value: v}
	}
	return out
}
