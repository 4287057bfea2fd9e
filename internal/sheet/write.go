package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
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
	Rows    [][]any // string, Toned, int, float64, time.Time; nil and the zero time are empty
	Prose   bool
}

// Column is a column of a sheet. Width is in characters.
type Column struct {
	Name  string
	Width float64
	Form  Form
}

// Toned is a text whose colour says what its words say.
type Toned struct {
	Text string
	Tone Tone
}

// Tone is a colour.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Bad
	Unsure
)

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
		if err := writeSheet(f, name, b.Title, s, st); err != nil {
			return fmt.Errorf("the sheet %s: %w", name, err)
		}
	}
	made := b.Made.UTC().Format(time.RFC3339)
	if err := f.SetDocProps(&excelize.DocProperties{Title: b.Title, Subject: b.Subject, Creator: "sansang", LastModifiedBy: "sansang", Created: made, Modified: made}); err != nil {
		return err
	}
	whole, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	return inOrder(w, whole.Bytes())
}

// inOrder writes an archive with its parts by name, so that the same book gives
// the same bytes. What says of which kind the parts are comes first (ECMA-376
// Part 2): its name sorts before all.
func inOrder(w io.Writer, archive []byte) error {
	in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range in.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
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
