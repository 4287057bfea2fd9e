package sheet

import "github.com/xuri/excelize/v2"

// styles are the numbers by which a workbook knows its styles.
type styles struct {
	head, prose, title int
	of                 [len(formats)]int
	tones              [len(colours)]int
}

// colours are those of the HTML report.
var colours = [...]string{Plain: "1A232D", Good: "1C6640", Bad: "A1241D", Unsure: "7D5200"}

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
	for i, colour := range colours {
		font := &excelize.Font{Family: face, Size: 11, Bold: true, Color: colour}
		if st.tones[i], err = style(excelize.Style{Font: font, Border: line, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", Indent: 1, WrapText: true}, CustomNumFmt: &formats[Text]}); err != nil {
			return st, err
		}
	}
	for i, code := range formats {
		form := Form(i)
		align := &excelize.Alignment{Vertical: "top"}
		switch form {
		case Text:
			align.WrapText, align.Horizontal, align.Indent = true, "left", 1
		case Day, Moment:
			align.Horizontal = "center"
		case Number, Share:
		}
		if st.of[i], err = style(excelize.Style{Font: &excelize.Font{Family: face, Size: 11}, Border: line, Alignment: align, CustomNumFmt: &code}); err != nil {
			return st, err
		}
	}
	return st, nil
}
