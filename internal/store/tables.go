package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// table is a table as it is exported: its columns, and the order of its rows,
// which is the same on both engines.
type table struct {
	name    string
	columns []column
	order   string
}

type column struct {
	name string
	kind byte // 't' text, 'i' integer, 'b' bytes
}

// tables lists what is exported, each after those that it refers to. Workers
// and shares are of processes that run, and the queue is made anew.
var tables = []table{
	newTable("lists", "id:i name sha256 created:i problems", "id"),
	newTable("list_units", "list:i pos:i unit name kind parent gso declared file_name file_sha256 cas documents", "list, pos"),
	newTable("mergers", "list:i old new day", "list, old"),
	newTable("runs", "id:i list:i kind policy_id policy_version policy_sha256 policy_source settings vantages state created:i ended:i landed:i chain", "id"),
	newTable("run_units", "run:i unit pos:i verdict complete:i judged_at:i policy_id policy_version policy_sha256 tally because expires:i", "run, pos"),
	newTable("tasks", "run:i unit vantage state generation:i worker lease:i attempts:i error priority:i began:i ended:i", "run, unit, vantage"),
	newTable("assessments", "id:i run:i seq:i unit vantage generation:i machine started:i finished:i connections:i size:i sha256 prev chain body:b", "id"),
	newTable("findings", "run:i unit requirement decides:i verdict severity places:i detail", "run, unit, requirement"),
	newTable("places", "run:i unit vantage endpoint target kind cause detail connections:i", "run, unit, vantage, endpoint"),
	newTable("schedules", "id:i list:i settings every what at next:i last_run:i enabled:i", "id"),
}

func newTable(name, columns, order string) table {
	t := table{name: name, order: order}
	for c := range strings.FieldsSeq(columns) {
		c, kind, _ := strings.Cut(c, ":")
		t.columns = append(t.columns, column{c, (kind + "t")[0]})
	}
	return t
}

// names lists the columns, as a statement does.
func (t table) names() string {
	var out []string
	for _, c := range t.columns {
		out = append(out, c.name)
	}
	return strings.Join(out, ", ")
}

// numbered tells whether the database numbers the rows itself.
func (t table) numbered() bool { return t.columns[0].name == "id" }

// scan reads a row: an int64, string or []byte for each column.
func (t table) scan(scan func(...any) error) ([]any, error) {
	row, to := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i, c := range t.columns {
		switch c.kind {
		case 'i':
			to[i] = new(int64)
		case 'b':
			to[i] = new([]byte)
		default:
			to[i] = new(string)
		}
	}
	if err := scan(to...); err != nil {
		return nil, fmt.Errorf("table %s: %w", t.name, err)
	}
	for i := range to {
		switch v := to[i].(type) {
		case *int64:
			row[i] = *v
		case *[]byte:
			row[i] = *v
		case *string:
			row[i] = *v
		}
	}
	return row, nil
}

// read reads the row of an export; each column is there, and of its kind.
func (t table) read(have map[string]json.RawMessage) ([]any, error) {
	if len(have) != len(t.columns) {
		return nil, fmt.Errorf("%d columns, not %d", len(have), len(t.columns))
	}
	row := make([]any, len(t.columns))
	for i, c := range t.columns {
		v, err := c.read(have[c.name])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		row[i] = v
	}
	return row, nil
}

func (c column) read(text json.RawMessage) (any, error) {
	if c.kind == 'b' { // base64 (RFC 4648 §4) needs no escapes
		if len(text) < 2 || text[0] != '"' {
			return nil, errors.New("no string")
		}
		return base64.StdEncoding.AppendDecode(nil, text[1:len(text)-1])
	}
	if c.kind == 'i' {
		var n *int64
		if err := json.Unmarshal(text, &n); err != nil || n == nil {
			return nil, errors.New("no whole number")
		}
		return *n, nil
	}
	var s *string
	if err := json.Unmarshal(text, &s); err != nil || s == nil {
		return nil, errors.New("no string")
	}
	return *s, nil
}
