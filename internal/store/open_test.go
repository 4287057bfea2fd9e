package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name, content string) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	newer := filepath.Join(dir, "newer.db")
	db := open(t, newer, nil)
	_, err := db.SQL().Exec("INSERT INTO sansang_version (version_id, is_applied) VALUES (99, 1)")
	must(t, err)
	foreign := filepath.Join(dir, "foreign.db")
	raw, err := sql.Open("sqlite", foreign)
	must(t, err)
	_, err = raw.Exec("CREATE TABLE bookmarks (id INTEGER)")
	must(t, errors.Join(err, raw.Close()))
	for where, c := range map[string]struct {
		o    Options
		want string
	}{
		dir:                                  {Options{}, "is a folder"},
		os.DevNull:                           {Options{}, "is no regular file"},
		at("a.txt", "not a database at all"): {Options{}, "is no SQLite database"},
		at("short", "x"):                     {Options{}, "is no SQLite database"},
		at("damaged.db", "SQLite format 3\x00"+strings.Repeat("\xff", 4096)): {Options{}, "damaged"},
		foreign:                        {Options{}, "is the database of another program"},
		newer:                          {Options{}, "was made by a newer sansang (schema 99, this one knows up to 1)"},
		at("empty.db", ""):             {Options{ReadOnly: true}, "is no SQLite database"},
		"mysql://host/db":              {Options{}, `there is no kind of database "mysql"`},
		":memory:":                     {Options{}, "write the name of a file"},
		"postgres://u:geheim@[::1:5/x": {Options{}, "cannot be read"},
		"postgres://u:geheim@127.0.0.1:1/x?sslmode=disable": {Options{}, "postgres://u@127.0.0.1:1/x?sslmode=disable cannot be reached"},
	} {
		_, err := Open(ctx, where, c.o)
		var f *Fault
		if !errors.As(err, &f) || !strings.Contains(err.Error(), c.want) || !f.Whole() || strings.Contains(f.Vi+f.En, "geheim") {
			t.Errorf("%s: %v, want %q", where, err, c.want)
		}
	}
	var f *Fault
	if _, err := Open(ctx, foreign, Options{ReadOnly: true}); !errors.As(err, &f) || !strings.Contains(f.En, "is the database of another program") {
		t.Errorf("another's database, to be read: %v", err)
	}
	if _, err := Open(ctx, filepath.Join(dir, "none", "x.db"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if Shown("postgresql://u:p@h/d?password=q&sslmode=require") != "postgresql://u@h/d?sslmode=require" {
		t.Error("a password is shown")
	}
	for _, where := range []string{"postgres://u:12#3@h/d", "postgres://u:12/3@h/d", "postgres://u:12?3@h/d", "Postgres://u:12@h/d"} { // a port, to who reads it by the letter
		if got := Shown(where); strings.Contains(got, "12") {
			t.Errorf("%s is shown as %s", where, got)
		}
	}
}

// Only the owner may read a new file, and who opens it to read does not write.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	_, run := filled(t, path)
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	db, err := Open(ctx, path, Options{ReadOnly: true})
	must(t, err)
	defer db.Close()
	if r, err := db.Run(ctx, run.ID); err != nil || r.Landed != 2 {
		t.Errorf("%+v %v", r, err)
	}
	if err := db.Tx(ctx, func(t *Tx) error { return t.Cancel(ctx, run.ID) }); err == nil {
		t.Error("written by who only reads")
	}
}

// Several processes that open a new database at once, and land at once, end
// with one chain.
func TestSideBySide(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		const processes, units = 4, 12
		var dbs [processes]*DB
		var wg sync.WaitGroup
		for i := range dbs {
			wg.Go(func() {
				db, err := Open(ctx, where, Options{})
				if err != nil {
					t.Error(err)
					return
				}
				dbs[i] = db
			})
		}
		if wg.Wait(); t.Failed() {
			return
		}
		run := planned(t, dbs[0], units)
		var landed [processes]int
		for p, db := range dbs {
			defer db.Close()
			wg.Go(func() {
				for i := range units {
					for _, v := range run.Vantages {
						k, b := task(run, i, v), db.NewBody()
						defer b.Drop()
						_, _ = b.Write([]byte(k.Unit))
						err := db.Tx(ctx, func(tx *Tx) error {
							gen, ok, err := tx.Take(ctx, k, Any, "w", time.Minute)
							if err != nil || !ok {
								return err
							}
							if l, err := tx.Land(ctx, Landing{TaskKey: k, Generation: gen, Started: time.Now(), Body: b}); err != nil || !l.OK {
								return errors.Join(err, errors.New("not landed"))
							}
							landed[p]++
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		c, err := dbs[0].Check(ctx)
		must(t, err)
		n, err := dbs[0].Left(ctx, run.ID, inventory.Internet)
		if must(t, err); len(c.Flaws) > 0 || c.Assessments != 2*units || n != 0 {
			t.Errorf("%+v, %d left, landed by each %v", c, n, landed)
		}
		for _, f := range c.Flaws {
			t.Log(f.In(lang.En))
		}
	})
}
