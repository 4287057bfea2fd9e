package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/store"
)

// retried counts transactions that were tried again.
var retried atomic.Int64

// databaseFlag adds --db; what it names is found by databaseAt.
func (a *app) databaseFlag(f *pflag.FlagSet, where *string) {
	f.StringVar(where, "db", "", a.t("cơ sở dữ liệu: tệp SQLite, hoặc địa chỉ postgres:// (mặc định: $SANSANG_DB, rồi sansang.db); mật khẩu để trong $PGPASSWORD hoặc ~/.pgpass, vì dòng lệnh ai cũng xem được", "database: an SQLite file, or a postgres:// URL (default: $SANSANG_DB, then sansang.db); keep its password in $PGPASSWORD or ~/.pgpass, for all can see a command line"))
}

// databaseAt is the database that was named, or else the one of the
// environment, or else the one in this folder.
func (a *app) databaseAt(named string) string {
	return cmp.Or(named, a.getenv("SANSANG_DB"), "sansang.db")
}

// readDatabase opens a database of which nothing is changed.
func (a *app) readDatabase(ctx context.Context, named string) (*store.DB, error) {
	where := a.databaseAt(named)
	if err := there(where); err != nil {
		return nil, err
	}
	return store.Open(ctx, where, store.Options{ReadOnly: true, Log: a.log})
}

// there tells of a file that is to hold a database and is not there: the folder
// is often another than the one of the batch.
func there(where string) error {
	if store.EngineOf(where) != store.SQLite || strings.Contains(where, "://") {
		return nil
	}
	if _, err := os.Stat(where); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return faultf("không có cơ sở dữ liệu %[1]s; nêu đúng tệp bằng --db, hoặc bắt đầu bằng: sansang batch danh-sach.csv --db %[1]s", "there is no database %[1]s; name the file with --db, or begin with: sansang batch list.csv --db %[1]s", where)
}

// openDB opens a database to change it. With must a file that is not there is a
// mistake, and is not made.
func (a *app) openDB(ctx context.Context, named string, must bool) (*store.DB, error) {
	where := a.databaseAt(named)
	if must {
		if err := there(where); err != nil {
			return nil, err
		}
	}
	return store.Open(ctx, where, store.Options{Log: a.log, Migrate: fleet.Migrate, Retried: func(error) { retried.Add(1) }})
}

// withDatabase repeats --db, as it was given, after a command that is to be
// typed; without a password.
func withDatabase(command []string, named string) []string {
	if named == "" {
		return command
	}
	return append(command, "--db", store.Shown(named))
}
