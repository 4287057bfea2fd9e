package store

import "context"

// Info is what there is in a database.
type Info struct {
	Where       string `json:"where"`
	Engine      Engine `json:"engine"`
	Version     string `json:"version"` // of the engine
	Schema      int    `json:"schema"`
	Bytes       int64  `json:"bytes"` // that the database takes
	Lists       int    `json:"lists"`
	Runs        int    `json:"runs"`
	Open        int    `json:"runs_open"`
	Assessments int64  `json:"assessments"`
	RecordBytes int64  `json:"record_bytes"` // of the assessments, as they were written
	KeptBytes   int64  `json:"kept_bytes"`   // of the same, compressed
	Schedules   int    `json:"schedules"`
	Workers     int    `json:"workers"` // that have not ended, as far as is known
}

// Info counts what is kept.
func (db *DB) Info(ctx context.Context) (Info, error) {
	i := Info{Where: db.where, Engine: db.engine, Schema: len(versions)}
	version := "SELECT sqlite_version()"
	if db.engine == PostgreSQL {
		version = "SHOW server_version"
	}
	var err error
	if i.Bytes, err = db.bytes(ctx); err != nil {
		return i, err
	}
	for _, q := range []struct {
		text string
		to   []any
	}{
		{version, []any{&i.Version}},
		{`SELECT (SELECT COUNT(*) FROM lists), (SELECT COUNT(*) FROM runs), (SELECT COUNT(*) FROM runs WHERE state = 'open'),
			(SELECT COUNT(*) FROM schedules), (SELECT COUNT(*) FROM workers WHERE stopped = 0)`, []any{&i.Lists, &i.Runs, &i.Open, &i.Schedules, &i.Workers}},
		{`SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT), CAST(COALESCE(SUM(LENGTH(body)), 0) AS BIGINT) FROM assessments`, []any{&i.Assessments, &i.RecordBytes, &i.KeptBytes}},
	} {
		if err := db.row(ctx, q.text).Scan(q.to...); err != nil {
			return i, db.told(err)
		}
	}
	return i, nil
}

// bytes is how much room the database takes.
func (db *DB) bytes(ctx context.Context) (n int64, err error) {
	q := "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
	if db.engine == PostgreSQL {
		q = "SELECT pg_database_size(current_database())"
	}
	err = db.row(ctx, q).Scan(&n)
	return n, db.told(err)
}
