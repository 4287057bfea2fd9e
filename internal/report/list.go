package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// Line is what a list tells of one assessment. Failed and Missing are the
// mandatory requirements that fail, and that cannot be told.
type Line struct {
	File    string             `json:"file"`
	Unit    inventory.Identity `json:"unit,omitzero"`
	Verdict string             `json:"verdict,omitempty"`
	Policy  string             `json:"policy,omitempty"`
	At      time.Time          `json:"at,omitzero"`
	Tally   *judge.Tally       `json:"tally,omitempty"`
	Failed  []string           `json:"failed,omitempty"`
	Missing []string           `json:"missing,omitempty"`
	Because []lang.Text        `json:"because,omitempty"`
	Error   *lang.Text         `json:"error,omitempty"` // why it could not be judged

	verdict judge.UnitVerdict
}

// Take fills a line from a judgement.
func (l *Line) Take(r judge.Report) {
	l.Unit, l.verdict, l.Verdict, l.At, l.Tally, l.Because = r.Unit, r.Verdict, r.Verdict.String(), r.At, &r.Tally, r.Because
	l.Policy = r.Policy.ID + " " + r.Policy.Version
	for _, res := range r.Requirements {
		switch {
		case !res.Decides:
		case res.Verdict == judge.Fail:
			l.Failed = append(l.Failed, res.ID)
		case res.Verdict == judge.Inconclusive || res.Verdict == judge.Manual:
			l.Missing = append(l.Missing, res.ID)
		}
	}
}

// Sum counts lines by verdict.
type Sum struct{ All, Ready, NotReady, Undetermined, Bad int }

// Add counts a line.
func (s *Sum) Add(l Line) {
	s.All++
	switch {
	case l.Error != nil:
		s.Bad++
	case l.verdict == judge.Ready:
		s.Ready++
	case l.verdict == judge.NotReady:
		s.NotReady++
	case l.verdict == judge.Undetermined:
		s.Undetermined++
	}
}

// Verdict is that of all units together: the worst.
func (s Sum) Verdict() judge.UnitVerdict {
	switch {
	case s.NotReady > 0:
		return judge.NotReady
	case s.Undetermined > 0 || s.Ready == 0:
		return judge.Undetermined
	}
	return judge.Ready
}

// List writes lines as they come, in one of the formats text, json and csv.
type List struct {
	out    *bufio.Writer
	csv    *csv.Writer
	format string
	Options
}

// NewList begins a list.
func NewList(w io.Writer, format string, o Options) *List {
	out := bufio.NewWriter(w)
	return &List{out, csv.NewWriter(out), format, o}
}

// columns of the text before the file.
const (
	verdictColumns = 15
	unitColumns    = 14
	countColumns   = 10
)

// Head writes what stands above the lines.
func (l *List) Head() error {
	switch l.format {
	case "csv":
		if _, err := io.WriteString(l.out, "\ufeff"); err != nil { // by it Excel knows UTF-8
			return err
		}
		return l.csv.Write([]string{"file", "unit", "name", "verdict", "policy", "at", "deciding", "pass", "waived", "fail", "inconclusive", "manual", "failed", "missing", "because", "error"})
	case "text":
		in := func(vi, en string) string { return lang.T(vi, en).In(l.Lang) }
		return l.row(in("Kết luận", "Verdict"), in("Đơn vị", "Unit"), in("Không đạt", "Failed"), in("Còn thiếu", "Missing"), in("Hồ sơ", "Assessment"))
	}
	return nil
}

func (l *List) row(verdict, unit, failed, missing, file string) error {
	room := max(l.Width, 40) - verdictColumns - unitColumns - 2*countColumns - 2
	_, err := l.out.WriteString(strings.TrimRight(cell(verdict, verdictColumns)+cell(unit, unitColumns)+
		cell(failed, -countColumns)+cell(missing, -countColumns)+"  "+ending(clean(file), room), " ") + "\n")
	return err
}

// cell pads to columns, before the text where they are negative.
func cell(s string, columns int) string {
	n := max(columns, -columns)
	s, _ = split(s, n-1)
	pad := strings.Repeat(" ", n-width(s))
	if columns < 0 {
		return pad + s
	}
	return s + pad
}

// ending cuts a path at its front: files of one folder differ at their end.
func ending(s string, columns int) string {
	r := []rune(s)
	if width(s) <= columns {
		return s
	}
	for len(r) > 0 && width(string(r)) > columns-1 {
		r = r[1:]
	}
	return "…" + string(r)
}

// Add writes a line.
func (l *List) Add(x Line) error {
	switch l.format {
	case "json":
		return Compact(l.out, x, "")
	case "csv":
		return l.csv.Write(x.fields(l.Lang))
	}
	if x.Error != nil {
		return l.row(lang.T("(hỏng)", "(damaged)").In(l.Lang), "", "", "", x.File)
	}
	return l.row(x.verdict.Text().In(l.Lang), clean(x.Unit.ID), strconv.Itoa(x.Tally.Fail), strconv.Itoa(x.Tally.Inconclusive+x.Tally.Manual), x.File)
}

func (x Line) fields(l lang.Lang) []string {
	if x.Error != nil {
		return []string{guarded(x.File), "", "", "", "", "", "", "", "", "", "", "", "", "", "", guarded(x.Error.In(l))}
	}
	var because []string
	for _, b := range x.Because {
		because = append(because, b.In(l))
	}
	n, t := strconv.Itoa, x.Tally
	return []string{guarded(x.File), guarded(x.Unit.ID), guarded(x.Unit.Name), x.Verdict, guarded(x.Policy), x.At.In(inventory.Vietnam).Format(time.RFC3339),
		n(t.Deciding), n(t.Pass), n(t.Waived), n(t.Fail), n(t.Inconclusive), n(t.Manual), strings.Join(x.Failed, " "), strings.Join(x.Missing, " "), guarded(strings.Join(because, "; ")), ""}
}

// guarded keeps a spreadsheet from taking what a unit file says for a formula.
func guarded(s string) string {
	if s = clean(s); s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Foot writes the totals and what is left.
func (l *List) Foot(s Sum) error {
	l.csv.Flush()
	if err := l.csv.Error(); err != nil {
		return err
	}
	if l.format == "text" {
		for _, x := range []struct {
			name lang.Text
			n    int
		}{
			{judge.Ready.Text(), s.Ready}, {judge.NotReady.Text(), s.NotReady}, {judge.Undetermined.Text(), s.Undetermined},
			{lang.T("(hỏng)", "(damaged)"), s.Bad},
		} {
			if x.n == 0 && x.name.En == "(damaged)" {
				continue
			}
			if _, err := fmt.Fprintf(l.out, "%s%s / %s\n", cell(x.name.In(l.Lang), verdictColumns), number(x.n, l.Lang), number(s.All, l.Lang)); err != nil {
				return err
			}
		}
	}
	return l.out.Flush()
}
