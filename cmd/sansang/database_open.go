package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/sansang/sansang/internal/fleet"
	"github.com/sansang/sansang/internal/store"
)

// retried counts transactions that were tried again.
var retried atomic.Int64

// openDB opens the database that --db names, to change it. With must a file that is not there
// is a mistake, and is not made.
func (a *app) openDB(ctx context.Context, where string, must bool) (*store.DB, error) {
	where = a.databaseAt(where)
	if must && store.EngineOf(where) == store.SQLite {
		if _, err := os.Stat(where); errors.Is(err, fs.ErrNotExist) {
			return nil, faultf("không có cơ sở dữ liệu %[1]s; nêu nó bằng --db, hoặc bắt đầu bằng: sansang batch danh-sach.csv --db %[1]s", "there is no database %[1]s; name it with --db, or begin with: sansang batch list.csv --db %[1]s", where)
		}
	}
	return store.Open(ctx, where, store.Options{Log: a.log, Migrate: fleet.Migrate, Retried: func(error) { retried.Add(1) }})
}
