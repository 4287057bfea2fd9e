package main

import (
	"cmp"
	"context"

	"github.com/spf13/pflag"

	"github.com/sansang/sansang/internal/store"
)

// databaseFlag adds --db; what it names is found by databaseAt.
func (a *app) databaseFlag(f *pflag.FlagSet, where *string) {
	f.StringVar(where, "db", "", a.t("cơ sở dữ liệu: tệp SQLite, hoặc địa chỉ postgres:// (mặc định: $SANSANG_DB, rồi sansang.db)", "database: an SQLite file, or a postgres:// URL (default: $SANSANG_DB, then sansang.db)"))
}

// databaseAt is the database that was named, or else the one of the
// environment, or else the one in this folder.
func (a *app) databaseAt(named string) string {
	return cmp.Or(named, a.getenv("SANSANG_DB"), "sansang.db")
}

// readDatabase opens a database of which nothing is changed.
func (a *app) readDatabase(ctx context.Context, named string) (*store.DB, error) {
	return store.Open(ctx, a.databaseAt(named), store.Options{ReadOnly: true, Log: a.log})
}
