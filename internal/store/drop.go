package store

import (
	"context"
	"database/sql"
	"errors"
)

// sealed are the tables that are only ever added to, in the order in which
// others lock them who add to several.
var sealed = []string{"lists", "list_units", "mergers", "assessments"}

// Weight is what a run holds.
type Weight struct {
	Assessments int64
	Bytes       int64 // of them as they are kept
}

// Weight tells what goes if a run is dropped.
func (r reader) Weight(ctx context.Context, run int64) (w Weight, err error) {
	err = r.row(ctx, `SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(body)), 0) AS BIGINT) FROM assessments WHERE run = $1`, run).Scan(&w.Assessments, &w.Bytes)
	return w, err
}

// Drop removes a run with all that came of it, and its list where nothing else
// needs it. Each run has a chain of its own, so that those of others hold. A run
// that is open is refused: somebody may be at work on it.
func (t *Tx) Drop(ctx context.Context, run int64) error {
	if err := t.unseal(ctx); err != nil {
		return err
	}
	var list int64 // whoever changes the row has it alone: nobody opens the run again meanwhile
	err := t.row(ctx, `UPDATE runs SET state = state WHERE id = $1 AND state <> 'open' RETURNING list`, run).Scan(&list)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := t.Run(ctx, run); err != nil {
			return err
		}
		return fault(nil, "đợt %[1]d đang mở, chưa xóa được; hủy trước: sansang runs cancel %[1]d", "run %[1]d is open and cannot be deleted; cancel it first: sansang runs cancel %[1]d", run)
	} else if err != nil {
		return err
	}
	for _, table := range []string{"places", "findings", "assessments", "tasks", "run_units"} {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE run = $1`, run); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, `UPDATE schedules SET last_run = 0 WHERE last_run = $1`, run); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM runs WHERE id = $1`, run); err != nil {
		return err
	}
	if err := t.dropList(ctx, list); err != nil {
		return err
	}
	return t.seal(ctx)
}

// dropList removes a list that no run and no schedule is over.
func (t *Tx) dropList(ctx context.Context, list int64) error {
	if err := t.HoldList(ctx, list); err != nil {
		return err
	}
	used := 0
	err := t.row(ctx, `SELECT (SELECT COUNT(*) FROM runs WHERE list = $1) + (SELECT COUNT(*) FROM schedules WHERE list = $1)`, list).Scan(&used)
	if err != nil || used > 0 {
		return err
	}
	for _, q := range []string{`DELETE FROM mergers WHERE list = $1`, `DELETE FROM list_units WHERE list = $1`, `DELETE FROM lists WHERE id = $1`} {
		if _, err := t.exec(ctx, q, list); err != nil {
			return err
		}
	}
	return nil
}

// unseal lets this transaction, and no other, delete from the sealed tables:
// until its end nobody else writes to them.
func (t *Tx) unseal(ctx context.Context) error {
	for _, table := range sealed {
		q := `DROP TRIGGER IF EXISTS ` + table + `_no_delete`
		if t.engine == PostgreSQL {
			q = `ALTER TABLE ` + table + ` DISABLE TRIGGER ` + table + `_append_only`
		}
		_, err := t.exec(ctx, q)
		if sqlState(err) == "42501" {
			return fault(err, "chỉ người dùng là chủ của các bảng mới xóa được đợt (máy chủ nói: %s); chạy lại bằng người dùng ấy", "only the user who owns the tables can delete runs (the server says: %s); run this again as that user", serverSays(err))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) seal(ctx context.Context) error {
	for _, table := range sealed {
		q := `CREATE TRIGGER ` + table + `_no_delete BEFORE DELETE ON ` + table + ` BEGIN SELECT RAISE(ABORT, '` + table + ` is append-only'); END`
		if t.engine == PostgreSQL {
			q = `ALTER TABLE ` + table + ` ENABLE TRIGGER ` + table + `_append_only`
		}
		if _, err := t.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// Compact gives the room that rows left back to the disk, and says how many
// bytes the database takes now. An SQLite file is written anew, for which the
// disk must hold it twice more; PostgreSQL sees to it by itself.
func (db *DB) Compact(ctx context.Context) (int64, error) {
	if db.engine == SQLite {
		for _, q := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
			if _, err := db.write.ExecContext(ctx, q); err != nil {
				return 0, db.told(err)
			}
		}
	}
	return db.bytes(ctx)
}
