package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"time"
)

// ExportFormat names the shape of an export: JSON lines, of which the first
// says what it is, each other is a row, and the last tells how many rows there
// are of each table and the SHA-256 of all bytes before it.
const ExportFormat = "sansang.database/1"

// exportHead is the first line.
type exportHead struct {
	Format   string    `json:"format"`
	Schema   int       `json:"schema"`
	Engine   Engine    `json:"engine"` // that it was exported from; any may take it in
	Exported time.Time `json:"exported"`
	Tool     string    `json:"tool,omitempty"`

	// Numbers is the greatest that was ever given in each table whose rows are
	// numbered: of a row that was deleted the number is not given again.
	Numbers map[string]int64 `json:"numbers,omitempty"`
}

// exportLine is any other line: a row or the end.
type exportLine struct {
	Table string                     `json:"table,omitempty"`
	Row   map[string]json.RawMessage `json:"row,omitempty"`
	End   *exportEnd                 `json:"end,omitempty"`
}

type exportEnd struct {
	Rows   map[string]int `json:"rows"`
	SHA256 string         `json:"sha256"`
}

// Export writes all that is kept, as it was at one moment, and gives how many
// rows of each table it wrote. Tool is the version of the program that does it.
func (db *DB) Export(ctx context.Context, out io.Writer, tool string) (map[string]int, error) {
	tx, err := db.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: db.snapshot()})
	if err != nil {
		return nil, db.told(err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	r := reader{db.pool, tx, db.engine, db.now}
	at, err := r.Now(ctx)
	if err != nil {
		return nil, db.told(err)
	}
	numbers, err := r.numbers(ctx)
	if err != nil {
		return nil, db.told(err)
	}
	w := &exporter{out: bufio.NewWriterSize(out, 1<<16), sum: sha256.New(), rows: map[string]int{}}
	if err := w.line(exportHead{ExportFormat, len(versions), db.engine, at.UTC(), tool, numbers}); err != nil {
		return nil, err
	}
	for _, t := range tables {
		w.rows[t.name] = 0
		rows, err := r.query(ctx, `SELECT `+t.names()+` FROM `+t.name+` ORDER BY `+t.order)
		if err := each(rows, err, t.scan, func(row []any) error { return w.row(t, row) }); err != nil {
			return nil, db.told(err)
		}
	}
	if err := w.line(exportLine{End: &exportEnd{w.rows, hex.EncodeToString(w.sum.Sum(nil))}}); err != nil {
		return nil, err
	}
	return w.rows, w.out.Flush()
}

// numbers gives the greatest number ever given in each table, where one was and
// PostgreSQL lets its user know: one who may read the tables may still export.
func (r reader) numbers(ctx context.Context) (map[string]int64, error) {
	last := `SELECT MAX(seq) FROM sqlite_sequence WHERE name = $1`
	if r.engine == PostgreSQL {
		last = `SELECT CASE WHEN has_sequence_privilege(s, 'SELECT, USAGE') THEN pg_sequence_last_value(s::regclass) END FROM pg_get_serial_sequence($1, 'id') s`
	}
	out := map[string]int64{}
	for _, t := range tables {
		var n sql.NullInt64
		if !t.numbered() {
			continue
		}
		if err := r.row(ctx, last, t.name).Scan(&n); err != nil {
			return nil, err
		}
		if n.Valid {
			out[t.name] = n.Int64
		}
	}
	return out, nil
}

// snapshot is the isolation in which several statements see one moment. SQLite
// has no other.
func (r reader) snapshot() sql.IsolationLevel {
	if r.engine == PostgreSQL {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

type exporter struct {
	out  *bufio.Writer
	sum  hash.Hash
	rows map[string]int
	room []byte // of the line before, for the next
}

// row writes {"table":"runs","row":{"id":1,…}} with the columns in their order.
func (w *exporter) row(t table, row []any) error {
	b := append(w.room[:0], `{"table":"`+t.name+`","row":`...)
	for i, c := range t.columns {
		b = append(b, "{,"[min(i, 1)], '"')
		b = append(append(b, c.name...), `":`...)
		switch v := row[i].(type) {
		case []byte:
			b = append(base64.StdEncoding.AppendEncode(append(b, '"'), v), '"')
		default:
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			b = append(b, text...)
		}
	}
	w.room = append(b, "}}"...)
	w.rows[t.name]++
	return w.write(w.room)
}

func (w *exporter) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.write(b)
}

func (w *exporter) write(line []byte) error {
	out := io.MultiWriter(w.out, w.sum)
	_, err := out.Write(line)
	if err == nil {
		_, err = out.Write([]byte{'\n'})
	}
	return err
}
