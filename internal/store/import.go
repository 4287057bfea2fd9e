package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"

	"github.com/sansang/sansang/internal/lang"
)

// maxExportLine bounds a line of an export: an assessment in base64, and room.
const maxExportLine = maxBody/3*4 + 1<<20

// BadExport is an export that cannot be taken in.
type BadExport struct {
	File string
	Line int
	What lang.Text
}

// In says what is wrong in one language.
func (b *BadExport) In(l lang.Lang) string {
	instead := lang.T("không có gì được nhập; dùng tệp xuất nguyên vẹn khác", "nothing was taken in; use another, whole export")
	return fmt.Sprintf("%s:%d: %s; %s", b.File, b.Line, b.What.In(l), instead.In(l))
}

func (b *BadExport) Error() string { return b.In(lang.En) }

// Import takes an export into a database that holds nothing yet, all of it or
// nothing, and gives how many rows of each table it took. Tasks that were under
// way are planned again, for nobody is at them here.
func (db *DB) Import(ctx context.Context, name string, in io.Reader) (map[string]int, error) {
	r := &importer{in: bufio.NewReaderSize(in, 1<<16), sum: sha256.New(), file: name, rows: map[string]int{}}
	err := db.once(ctx, func(t *Tx) error { // once: the file cannot be read again
		if err := t.mustBeEmpty(ctx); err != nil {
			return err
		}
		if err := r.into(ctx, t); err != nil {
			return err
		}
		return t.settle(ctx, r.numbers)
	})
	return r.rows, db.told(err)
}

func (t *Tx) mustBeEmpty(ctx context.Context) error {
	for _, table := range tables {
		var n int
		if err := t.row(ctx, `SELECT COUNT(*) FROM `+table.name).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fault(nil, "%s đã có dữ liệu (bảng %s, %d dòng); nhập vào một cơ sở dữ liệu mới", "%s holds data already (table %s, %d rows); import into a new database", t.db.where, table.name, n)
		}
	}
	return nil
}

// settle puts right what belongs to the database that the rows came from. New
// rows are numbered after the greatest that is there, or that was given there.
func (t *Tx) settle(ctx context.Context, given map[string]int64) error {
	if _, err := t.exec(ctx, `UPDATE tasks SET state = 'planned', generation = generation + 1, worker = '', lease = 0 WHERE state = 'running'`); err != nil {
		return err
	}
	for _, table := range tables {
		if !table.numbered() {
			continue
		}
		if err := t.numberAfter(ctx, table.name, given[table.name]); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) numberAfter(ctx context.Context, table string, given int64) error {
	var last int64
	if err := t.row(ctx, `SELECT COALESCE(MAX(id), 0) FROM `+table).Scan(&last); err != nil {
		return err
	}
	if last = max(last, given); last == 0 {
		return nil
	}
	if t.engine == PostgreSQL {
		_, err := t.exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), $2)`, table, last)
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM sqlite_sequence WHERE name = $1`, table); err != nil {
		return err
	}
	_, err := t.exec(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)`, table, last)
	return err
}

type importer struct {
	in   *bufio.Reader
	sum  hash.Hash
	file string
	line int
	rows map[string]int
	room []byte // of the line
	at   int    // of tables

	numbers map[string]int64 // of the first line

	waiting [][]any // rows of tables[at], not written yet
	size    int     // of the bytes in them
}

func (r *importer) bad(vi, en string, args ...any) error {
	return &BadExport{r.file, r.line, lang.Tf(vi, en, args...)}
}

// into reads all lines and writes their rows.
func (r *importer) into(ctx context.Context, t *Tx) error {
	b, err := r.next()
	if err != nil {
		return err
	}
	var head exportHead
	switch err := json.Unmarshal(b, &head); {
	case err != nil || head.Format != ExportFormat:
		return r.bad("không phải tệp xuất dạng %s", "this is no export of the form %s", ExportFormat)
	case head.Schema != len(versions):
		return r.bad("tệp xuất từ lược đồ %d, bản sansang này nhập lược đồ %d", "exported from schema %d, and this sansang takes in schema %d", head.Schema, len(versions))
	}
	r.numbers = head.Numbers
	_, _ = r.sum.Write(b)
	for {
		if b, err = r.next(); err != nil {
			return err
		}
		var l exportLine
		if err := json.Unmarshal(b, &l); err != nil {
			return r.bad("dòng này bị hỏng", "this line is damaged")
		}
		if l.End != nil {
			if err := r.flush(ctx, t); err != nil {
				return err
			}
			return r.end(*l.End)
		}
		_, _ = r.sum.Write(b)
		if err := r.take(ctx, t, l); err != nil {
			return err
		}
	}
}

// next gives a line with its newline, good until the next.
func (r *importer) next() ([]byte, error) {
	r.line++
	r.room = r.room[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.room)+len(part) > maxExportLine {
			return nil, r.bad("dòng dài hơn %d MB", "a line longer than %d MB", maxExportLine>>20)
		}
		r.room = append(r.room, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, r.bad("tệp bị cắt: không có dòng kết thúc", "the file was cut: its last line is missing")
		default:
			return r.room, err
		}
	}
}

// end holds what was read against what was written.
func (r *importer) end(e exportEnd) error {
	for _, t := range tables {
		r.rows[t.name] += 0 // told too
	}
	if !maps.Equal(e.Rows, r.rows) {
		return r.bad("số dòng của các bảng không đúng như dòng kết thúc nêu", "the tables have not as many rows as the last line tells")
	}
	if e.SHA256 != hex.EncodeToString(r.sum.Sum(nil)) {
		return r.bad("nội dung đã thay đổi từ khi xuất (SHA-256 không khớp)", "the content has changed since it was exported (its SHA-256 is another)")
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		r.line++
		return r.bad("có thêm nội dung sau dòng kết thúc", "something follows the end")
	}
	return nil
}

// take reads a row. Tables come in their order, so that what a row refers to is
// there.
func (r *importer) take(ctx context.Context, t *Tx, l exportLine) error {
	for r.at < len(tables) && tables[r.at].name != l.Table {
		if err := r.flush(ctx, t); err != nil {
			return err
		}
		r.at++
	}
	if r.at == len(tables) {
		return r.bad("bảng %q không có, hoặc không đúng thứ tự", "the table %q does not exist, or is not in its place", l.Table)
	}
	row, err := tables[r.at].read(l.Row)
	if err != nil {
		return r.bad("dòng của bảng %s không đúng dạng: %v", "the row of table %s is not of its form: %v", l.Table, err)
	}
	r.rows[l.Table]++
	for _, v := range l.Row {
		r.size += len(v)
	}
	if r.waiting = append(r.waiting, row); len(r.waiting) == 500 || r.size > 4<<20 {
		return r.flush(ctx, t)
	}
	return nil
}

func (r *importer) flush(ctx context.Context, t *Tx) error {
	if len(r.waiting) == 0 {
		return nil
	}
	err := t.insert(ctx, tables[r.at].name, tables[r.at].names(), "", r.waiting)
	r.waiting, r.size = r.waiting[:0], 0
	if err != nil && !Full(err) && !Away(err) && ctx.Err() == nil {
		return r.bad("các dòng của bảng %s tới dòng này không ghi được: %v", "the rows of table %s up to this line cannot be written: %v", tables[r.at].name, err)
	}
	return err
}
