package store

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// filled makes a database with a run of which one task is under way.
func filled(t testing.TB, where string) (*DB, Run) {
	db := open(t, where, newClock())
	run := planned(t, db, 3)
	for i := range 2 {
		gen, _ := take(t, db, task(run, i, inventory.Internal), Any, "w")
		land(t, db, task(run, i, inventory.Internal), gen, strings.Repeat("đã thấy\n", 100))
		do(t, db, func(tx *Tx) error {
			return tx.Judged(ctx, run.ID, task(run, i, "").Unit, Judgement{Verdict: judge.Ready, At: newClock().at, Findings: []Finding{{Requirement: "TLS-02", Verdict: judge.Pass}}})
		})
	}
	_, _ = take(t, db, task(run, 2, inventory.Internal), Any, "w")
	return db, run
}

func exported(t testing.TB, db *DB) []byte {
	var b bytes.Buffer
	_, err := db.Export(ctx, &b, "test")
	must(t, err)
	return b.Bytes()
}

// What goes out of one engine and into the other comes out of that the same.
func TestExportImport(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db, run := filled(t, where)
		first := exported(t, db)
		other := open(t, filepath.Join(t.TempDir(), "new.db"), newClock())
		n, err := other.Import(ctx, "x", bytes.NewReader(first))
		must(t, err)
		if n["list_units"] != 3 || n["assessments"] != 2 || n["schedules"] != 0 {
			t.Errorf("rows %v", n)
		}
		if x, err := other.Task(ctx, task(run, 2, inventory.Internal)); err != nil || x.State != TaskPlanned || x.Generation != 2 || x.Worker != "" {
			t.Errorf("a task that nobody is at: %+v, %v", x, err)
		}
		c, err := other.Check(ctx)
		if must(t, err); len(c.Flaws) > 0 || c.Assessments != 2 || c.Lists != 1 {
			t.Errorf("%+v", c)
		}
		// back, and out again
		second := exported(t, other)
		back := filepath.Join(t.TempDir(), "back.db")
		if db.Engine() == PostgreSQL {
			back = emptyPostgres(t)
		}
		third := open(t, back, newClock())
		_, err = third.Import(ctx, "x", bytes.NewReader(second))
		must(t, err)
		rows := func(b []byte) []string { l := strings.Split(string(b), "\n"); return l[1 : len(l)-2] }
		if !slices.Equal(rows(exported(t, third)), rows(second)) {
			t.Error("there and back is not the same")
		}
		_, err = third.Import(ctx, "x", bytes.NewReader(second))
		var f *Fault
		if !errors.As(err, &f) || !strings.Contains(f.En, "holds data already") {
			t.Errorf("into a full database: %v", err)
		}
		// numbers go on
		if next := planned(t, third, 4); next.ID != run.ID+1 {
			t.Errorf("the next run is %d", next.ID)
		}
	})
}

// Who may read the tables and nothing else can keep a backup.
func TestExportByAReader(t *testing.T) {
	where := emptyPostgres(t)
	db := open(t, where, newClock())
	planned(t, db, 2)
	for _, q := range []string{"CREATE ROLE backup LOGIN PASSWORD 'backup'", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO backup"} {
		_, err := db.SQL().Exec(q)
		must(t, err)
	}
	u, err := url.Parse(where)
	must(t, err)
	u.User = url.UserPassword("backup", "backup")
	reader, err := Open(ctx, u.String(), Options{ReadOnly: true})
	must(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	n, err := reader.Export(ctx, io.Discard, "test")
	if must(t, err); n["list_units"] != 2 {
		t.Errorf("%v", n)
	}
}

// An export that is not whole leaves nothing behind.
func TestImportRefuses(t *testing.T) {
	src, _ := filled(t, filepath.Join(t.TempDir(), "a.db"))
	good := string(exported(t, src))
	lines := strings.SplitAfter(good, "\n")
	db := open(t, filepath.Join(t.TempDir(), "b.db"), newClock())
	for name, c := range map[string]struct{ text, want string }{
		"empty":              {"", ":1: the file was cut"},
		"not an export":      {"{}\n", ":1: this is no export"},
		"cut at a line":      {strings.Join(lines[:9], ""), ":10: the file was cut: its last line is missing; nothing was taken in"},
		"cut in a line":      {good[:len(good)-20], "the file was cut"},
		"a later schema":     {strings.Replace(good, `"schema":1`, `"schema":9`, 1), "exported from schema 9"},
		"a row less":         {strings.Join(slices.Delete(slices.Clone(lines), 3, 4), ""), "not as many rows"},
		"edited":             {strings.Replace(good, "Đắk Gằn 1", "Đắk Gằn 2", 1), "its SHA-256 is another"},
		"something after":    {good + "{}\n", "something follows the end"},
		"before its list":    {lines[0] + lines[2] + lines[1] + strings.Join(lines[3:], ""), "cannot be written"},
		"a row moved":        {strings.Join(lines[:len(lines)-2], "") + lines[1], "is not in its place"},
		"an unknown table":   {lines[0] + `{"table":"workers","row":{}}` + "\n", "the table \"workers\" does not exist"},
		"a column missing":   {lines[0] + `{"table":"lists","row":{"id":1}}` + "\n", ":2: the row of table lists is not of its form: 1 columns, not 5"},
		"a column of a kind": {lines[0] + strings.Replace(lines[1], `"id":1`, `"id":"1"`, 1), "column id"},
		"null":               {lines[0] + strings.Replace(lines[1], `"id":1`, `"id":null`, 1), "column id"},
	} {
		_, err := db.Import(ctx, "x.jsonl", strings.NewReader(c.text))
		var bad *BadExport
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || bad.In(lang.Vi) == bad.In(lang.En) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if l, err := db.Lists(ctx); err != nil || len(l) != 0 {
			t.Fatalf("%s: left %v behind (%v)", name, l, err)
		}
	}
}

// Every table and column is exported, but those of processes that run.
func TestExportIsWhole(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	rows, err := db.query(ctx, `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
		AND m.name NOT IN ('workers', 'shares', 'sansang_version')`)
	have, err := all(rows, err, scanText)
	must(t, err)
	var want []string
	for _, t := range tables {
		for _, c := range t.columns {
			want = append(want, t.name+"."+c.name)
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("have %v\nwant %v", have, want)
	}
}

// Whatever somebody does to what is kept is found.
func TestCheck(t *testing.T) {
	for what, c := range map[string]struct{ q, want string }{
		"nothing":               {"SELECT 1", ""},
		"another body":          {"UPDATE assessments SET body = (SELECT body FROM assessments WHERE seq = 2) || x'00' WHERE seq = 1", "the record does not match its SHA-256"},
		"no body":               {"UPDATE assessments SET body = x''", "does not match its SHA-256"},
		"another machine":       {"UPDATE assessments SET machine = 'y' WHERE seq = 1", "the chain is broken"},
		"another unit":          {"UPDATE assessments SET unit = 'H21.2' WHERE seq = 1", "the chain is broken"},
		"the first dropped":     {"DELETE FROM assessments WHERE seq = 1", "the chain is broken"},
		"the last dropped":      {"DELETE FROM assessments WHERE seq = 2", "there should be 2"},
		"the count made to fit": {"DELETE FROM assessments WHERE seq = 2; UPDATE runs SET landed = 1", "the chain does not end"},
		"another policy":        {"UPDATE runs SET policy_sha256 = 'other'", "the chain is broken"},
		"another list":          {`UPDATE list_units SET declared = replace(declared, 'https://10.0.0.1/', 'https://10.0.0.2/')`, "list 1: its content does not match"},
		"a name beside":         {"UPDATE list_units SET name = 'x' WHERE pos = 1", "the columns of the unit H21.1"},
		"done without a look":   {"UPDATE tasks SET state = 'done' WHERE unit = 'H21.2'", "unit H21.2: task and assessment do not agree"},
	} {
		db, _ := filled(t, filepath.Join(t.TempDir(), "a.db"))
		for _, table := range []string{"assessments", "list_units"} {
			_, err := db.SQL().Exec("DROP TRIGGER " + table + "_no_update; DROP TRIGGER " + table + "_no_delete")
			must(t, err)
		}
		_, err := db.SQL().Exec(c.q)
		must(t, err)
		got, err := db.Check(ctx)
		must(t, err)
		if (c.want == "") != (len(got.Flaws) == 0) || len(got.Flaws) > 0 && !slices.ContainsFunc(got.Flaws, func(f lang.Text) bool { return strings.Contains(f.En, c.want) && f.Whole() }) {
			t.Errorf("%s: %v", what, got.Flaws)
		}
	}
}
