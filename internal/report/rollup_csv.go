package report

import (
	"bufio"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/sheet"
)

// rollupCSV writes one table, by default that of the units. The mark at its
// beginning tells Excel that it is UTF-8.
func rollupCSV(w io.Writer, r rollup.Rollup, o RollupOptions) error {
	id := o.Table
	if id == "" {
		id = "units"
	}
	for _, t := range rollTables(r, o.Lang) {
		if t.id == id {
			return t.csv(w, o.Lang)
		}
	}
	return &UnknownTable{Name: id}
}

// UnknownTable says that no table has the name.
type UnknownTable struct{ Name string }

// In says it in one language.
func (e *UnknownTable) In(l lang.Lang) string {
	return lang.Tf("không có bảng %q; các bảng hiện có: %s", "there is no table %q; the tables are: %s", e.Name, strings.Join(RollupTables(), ", ")).In(l)
}

func (e *UnknownTable) Error() string { return e.In(lang.En) }

func (t rollTable) csv(w io.Writer, l lang.Lang) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("\ufeff") // what goes wrong is told by Flush
	c := csv.NewWriter(out)
	var head []string
	for _, col := range t.columns {
		head = append(head, col.name.In(l))
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = csvCell(v, t.columns[i].form, l)
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return err
	}
	return out.Flush()
}

// csvCell writes numbers and times as programs read them (RFC 3339), and keeps
// a spreadsheet from taking text for a formula.
func csvCell(v any, form sheet.Form, l lang.Lang) string {
	switch x := v.(type) {
	case int:
		return strconv.Itoa(x)
	case float64:
		return strconv.FormatFloat(x, 'f', 4, 64)
	case time.Time:
		switch {
		case x.IsZero():
			return ""
		case form == sheet.Day:
			return x.In(inventory.Vietnam).Format(time.DateOnly)
		}
		return x.In(inventory.Vietnam).Format(time.RFC3339)
	case rollup.Outcome:
		return outcomeWord(x, l)
	case string:
		return guarded(x)
	}
	return ""
}

// RollupTable tells whether there is a table of that name; its error lists them.
func RollupTable(id string) error {
	if slices.Contains(RollupTables(), id) {
		return nil
	}
	return &UnknownTable{Name: id}
}
