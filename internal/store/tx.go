package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// tries bounds how often a transaction is tried that others stood in the way of.
const tries = 8

// Tx is a transaction. It is used by one goroutine, and not after its end.
type Tx struct {
	reader
	tx *sql.Tx
	db *DB
}

// SQL is the transaction as others need it who write in the same one.
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Tx runs f in a transaction that is kept if f gives no error. Where the engine
// says that others stood in the way, all is undone and f called again; f must
// bear that.
func (db *DB) Tx(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, f)
		if err != nil && ctx.Err() != nil && !errors.Is(err, ctx.Err()) { // an engine has words of its own for it
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
		if err == nil || try == tries || !mayRepeat(err) {
			return db.told(err)
		}
		if db.o.Retried != nil {
			db.o.Retried(err)
		}
		db.o.Log.Debug().Err(err).Int("try", try).Msg("transaction tried again")
		if err := sleep(ctx, time.Duration(rand.IntN(20<<try)+1)*time.Millisecond); err != nil {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, f func(*Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after a commit
	t := &Tx{reader{db.write, tx, db.engine, db.o.Now}, tx, db}
	if err := f(t); err != nil {
		return err
	}
	return tx.Commit()
}

// reader is what reads, inside a transaction or not.
type reader struct {
	pool   *sql.DB
	tx     *sql.Tx // nil: outside of one
	engine Engine
	now    func() time.Time
}

// asked writes a statement for the engine: parameters are $1, $2 … in ours.
func (r reader) asked(q string) string {
	if r.engine == SQLite {
		return strings.ReplaceAll(q, "$", "?")
	}
	return q
}

func (r reader) query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	if r.tx != nil {
		return r.tx.QueryContext(ctx, r.asked(q), args...)
	}
	return r.pool.QueryContext(ctx, r.asked(q), args...)
}

func (r reader) row(ctx context.Context, q string, args ...any) *sql.Row {
	if r.tx != nil {
		return r.tx.QueryRowContext(ctx, r.asked(q), args...)
	}
	return r.pool.QueryRowContext(ctx, r.asked(q), args...)
}

func (t *Tx) exec(ctx context.Context, q string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(ctx, t.asked(q), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// maxParams bounds the parameters of one statement; SQLite takes 32,766.
const maxParams = 16_000

// insert adds rows, many in one statement. After is what follows the values,
// such as ON CONFLICT.
func (t *Tx) insert(ctx context.Context, into, columns, after string, rows [][]any) error {
	wide := strings.Count(columns, ",") + 1
	for len(rows) > 0 {
		n := min(len(rows), maxParams/wide)
		var q strings.Builder
		q.WriteString("INSERT INTO " + into + " (" + columns + ") VALUES ")
		args := make([]any, 0, n*wide)
		for i, row := range rows[:n] {
			if i > 0 {
				q.WriteByte(',')
			}
			q.WriteByte('(')
			for j := range row {
				if j > 0 {
					q.WriteByte(',')
				}
				q.WriteByte('$')
				q.WriteString(strconv.Itoa(len(args) + j + 1))
			}
			q.WriteByte(')')
			args = append(args, row...)
		}
		if _, err := t.exec(ctx, q.String()+" "+after, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Now is the moment by the clock that leases are kept by: the one that was
// given, or the database's own, so that machines whose clocks differ agree.
func (r reader) Now(ctx context.Context) (time.Time, error) {
	if r.now != nil {
		return r.now(), nil
	}
	q := "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
	if r.engine == PostgreSQL {
		q = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
	}
	var us int64
	err := r.row(ctx, q).Scan(&us)
	return moment(us), err
}

// all reads rows into a list by what is made of each.
func all[T any](rows *sql.Rows, err error, scan func(func(...any) error) (T, error)) ([]T, error) {
	var out []T
	err = each(rows, err, scan, func(v T) error { out = append(out, v); return nil })
	return out, err
}

// each hands rows on, one after the other.
func each[T any](rows *sql.Rows, err error, scan func(func(...any) error) (T, error), f func(T) error) error {
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return rows.Err()
}

func scanText(scan func(...any) error) (s string, err error) {
	err = scan(&s)
	return s, err
}
