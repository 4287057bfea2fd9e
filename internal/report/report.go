// Package report tells a judgement to people and to programs. Every format
// tells the same judgement: none may leave out a reason, change a verdict or
// touch the exit code. The same document gives the same bytes; nothing here
// reads a clock, the network or the file system.
//
// To add a format, write one file with its Render and add a line to Formats.
package report

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// Document is what a report is made from: the judgement, and the assessment
// that it judged, which tells where every fact came from.
type Document struct {
	Judged     judge.Report
	Assessment *record.Assessment
	Evidence   *record.File // the unit file that documents and waivers were taken from, if not that of the scan
	Schema     fact.Schema  // names the parts of nested values; without it they are told as they are stored
}

// Options are the reader's wishes. Width and Colour matter to text only.
type Options struct {
	Lang   lang.Lang // Vietnamese if empty
	Width  int       // columns; 80 if zero
	Colour bool
}

// Format is one way to tell a document.
type Format struct {
	Name   string
	About  lang.Text
	Render func(w io.Writer, d Document, o Options) error
}

// Formats lists the formats, the default first.
func Formats() []Format {
	return []Format{
		{"text", lang.T("văn bản để đọc trên màn hình dòng lệnh", "text to read in a terminal"), whole(renderText)},
		{"html", lang.T("một tệp HTML để đọc và in trên khổ A4", "one HTML file to read and to print on A4"), whole(renderHTML)},
		{"json", lang.T("JSON cho phần mềm khác, gồm cả hai ngôn ngữ", "JSON for other programs, in both languages at once"), whole(renderJSON)},
	}
}

// Find gives the format with a name. An unknown name is an error that lists
// the known ones, never a silent default.
func Find(name string) (Format, error) {
	var known []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return Format{}, &UnknownFormat{Name: name, Known: known}
}

// UnknownFormat says that no format has the name.
type UnknownFormat struct {
	Name  string
	Known []string
}

// In says it in one language.
func (e *UnknownFormat) In(l lang.Lang) string {
	return lang.Tf("không có dạng báo cáo %q; các dạng hiện có: %s", "no report format is called %q; the formats are: %s",
		e.Name, strings.Join(e.Known, ", ")).In(l)
}

func (e *UnknownFormat) Error() string { return e.In(lang.En) }

// errNoAssessment is our own defect: without the assessment nobody could tell
// what a verdict rests on.
var errNoAssessment = errors.New("a report needs the assessment that was judged")

// whole wraps a renderer: it fills in the defaults and writes the report in
// one piece, so that a report that could not be made leaves nothing behind.
func whole(render func(Document, Options) ([]byte, error)) func(io.Writer, Document, Options) error {
	return func(w io.Writer, d Document, o Options) error {
		if d.Assessment == nil {
			return errNoAssessment
		}
		if o.Lang == "" {
			o.Lang = lang.Vi
		}
		if o.Width <= 0 {
			o.Width = 80
		}
		b, err := render(d, o)
		if err != nil {
			return fmt.Errorf("make the report: %w", err)
		}
		_, err = w.Write(b)
		return err
	}
}
