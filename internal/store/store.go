// Package store keeps lists of units, runs over them and what came of each, in
// one schema on two engines: SQLite in a file, or PostgreSQL. Assessments are
// append-only and chained by hash within their run.
//
// Every statement is written once, for both engines; see decision 34.
package store

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/lang"
)

// Engine is the program that holds the tables.
type Engine string

// The engines.
const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgresql"
)

// Options says how a database is opened. All may be left out.
type Options struct {
	Now      func() time.Time // the clock of leases and rows; nil: the database's own
	Log      zerolog.Logger
	ReadOnly bool // nothing is written, made or brought up to date

	// Migrate brings tables up to date that others keep in the same database.
	// It is called after ours are.
	Migrate func(context.Context, *sql.DB, Engine) error

	// Retried is told of each error after which a transaction is tried again.
	Retried func(error)
}

// DB is an open database. Its methods may be called from several goroutines,
// and those that read also while a transaction of the same process is open.
type DB struct {
	reader
	write  *sql.DB
	where  string
	folder string // for what is not kept yet
	o      Options
}

// Open opens a database: the path of an SQLite file, or a URL that begins with
// postgres:// or postgresql://. What is not there is made; what is of an older
// version is brought up to date, and of a newer one refused.
func Open(ctx context.Context, where string, o Options) (*DB, error) {
	db := &DB{reader: reader{engine: EngineOf(where), now: o.Now}, where: Shown(where), folder: os.TempDir(), o: o}
	var err error
	if db.engine == PostgreSQL {
		err = db.openPostgres(where)
	} else {
		err = db.openSQLite(where)
	}
	if err == nil {
		err = db.migrate(ctx)
	}
	if err != nil {
		_ = db.Close()
		return nil, db.told(err)
	}
	return db, nil
}

// EngineOf tells which engine a path or URL asks for.
func EngineOf(where string) Engine {
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		return PostgreSQL
	}
	return SQLite
}

// Close ends the use of the database. Transactions under way are undone.
func (db *DB) Close() error {
	var err error
	if db.pool != nil && db.pool != db.write {
		err = db.pool.Close()
	}
	if db.write != nil {
		if werr := db.write.Close(); err == nil {
			err = werr
		}
	}
	return err
}

// Engine tells which engine holds the tables.
func (db *DB) Engine() Engine { return db.engine }

// SQL is the pool by which the database is written. On SQLite it has one
// connection: whoever holds a transaction must not ask for another.
func (db *DB) SQL() *sql.DB { return db.write }

// Where is the path or URL, without a password.
func (db *DB) Where() string { return db.where }

// Fault is something of the database that its user can mend.
type Fault struct {
	lang.Text
	Err error // what the engine said; nil: nothing
}

func (f *Fault) Error() string { return f.En }
func (f *Fault) Unwrap() error { return f.Err }

func fault(err error, vi, en string, args ...any) error {
	return &Fault{lang.Tf(vi, en, args...), err}
}
