package main

import (
	"context"
	"io"
	"io/fs"
	"os"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// exportDB writes a database out: to a file that is not there yet, or to
// standard output where none is named.
func (a *app) exportDB(ctx context.Context, args []string, named, output string) error {
	if output == "" && terminal(a.out) {
		return faultf("chưa nói ghi vào đâu; thêm -o sao-luu.jsonl", "nothing says where to write; add -o backup.jsonl")
	}
	if output != "" && !absent(output) {
		return &fs.PathError{Op: "create", Path: output, Err: fs.ErrExist}
	}
	db, err := a.lookInto(ctx, args, named)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var n map[string]int
	write := func(w io.Writer) (err error) {
		n, err = db.Export(ctx, w, tool().Version)
		return err
	}
	if output == "" {
		return write(a.out)
	}
	if err := writeWhole(output, write); err != nil {
		return err
	}
	if !a.quiet {
		told := toldRows(n)
		a.say(lang.Tf("đã ghi %[1]s: %[3]s", "%[2]s written to %[3]s", told.Vi, told.En, output))
		a.next("sansang db import", output, "--db", "moi.db")
	}
	return nil
}

// importDB takes an export into a new database, and checks what it took. A file
// that it made, and that took nothing, is removed again.
func (a *app) importDB(ctx context.Context, path, where string) error {
	if where == "" {
		return faultf("chưa nói nhập vào đâu; thêm --db moi.db", "nothing says where to import; add --db new.db")
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	made := store.EngineOf(where) == store.SQLite && absent(where)
	db, err := store.Open(ctx, where, store.Options{Log: a.log})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	n, err := db.Import(ctx, path, f)
	if err != nil {
		if _ = db.Close(); made {
			_ = os.Remove(where)
		}
		return err
	}
	if !a.quiet {
		told := toldRows(n)
		a.say(lang.Tf("đã nhập %[1]s vào %[3]s", "%[2]s taken into %[3]s", told.Vi, told.En, db.Where()))
	}
	return a.checkDB(ctx, db)
}
