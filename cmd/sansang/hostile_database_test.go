package main

import (
	"archive/zip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/store"
)

// hostile is what somebody may write into a database that is handed on: what
// drives a terminal, turns the writing round, is a formula, or is a tag.
const hostile = "=1+2\x1b[2J\u009b31m\u202e</style><script>x</script>&\"'"

// hostileDatabase is a database in which every text that is told says hostile.
func hostileDatabase(t *testing.T) string {
	t.Helper()
	path := databaseOf(t, []string{"H99"}, []string{"H99", "G99", "H99.01"})
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var triggers []string
	rows, err := db.SQL().Query("SELECT name FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		triggers = append(triggers, "DROP TRIGGER "+name)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	do := append([]string{"PRAGMA foreign_keys = 0"}, triggers...)
	for _, table := range []string{"list_units", "run_units", "tasks", "findings", "places", "assessments"} {
		do = append(do, "UPDATE "+table+" SET unit = ?1 WHERE unit = 'H99'")
	}
	do = append(do,
		"UPDATE lists SET name = ?1",
		"UPDATE list_units SET name = ?1, gso = ?1, parent = ?1, kind = CASE pos WHEN 0 THEN kind ELSE ?1 END",
		"UPDATE runs SET policy_version = ?1, policy_sha256 = ?1, policy_source = CASE id WHEN 2 THEN '/dev/zero' ELSE ?1 END, vantages = CASE id WHEN 1 THEN '[]' ELSE json_array(?1) END",
		"UPDATE tasks SET state = 'failed', error = ?1 WHERE run = 2",
		"UPDATE findings SET requirement = ?1 || requirement, detail = json_array(json_object('verdict', 'fail', 'endpoint', ?1, 'causes', json_array(?1)))",
		"UPDATE places SET endpoint = ?1, target = ?1, kind = ?1, cause = ?1, detail = ?1, vantage = ?1",
		"UPDATE run_units SET because = json_array(json_object('vi', ?1, 'en', ?1))",
		"INSERT INTO workers (id, vantage, name, host, pid, version, started, seen) SELECT ?1, ?1, ?1, ?1, 1, ?1, 0, CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
		"INSERT INTO schedules (list, settings, every, what, at, next, last_run, enabled) VALUES (1, '{}', ?1, ?1, ?1, 0, 0, 1)")
	for _, q := range do {
		var args []any
		if strings.Contains(q, "?1") {
			args = []any{hostile}
		}
		if _, err := db.SQL().Exec(q, args...); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	return path
}

// TestHostileDatabase: whatever a database says drives no terminal, turns no
// writing round, and is neither a formula nor a tag where it is told.
func TestHostileDatabase(t *testing.T) {
	db := hostileDatabase(t)
	harmless := func(what, out string) {
		t.Helper()
		if i := strings.IndexAny(out, "\x1b\u009b\u202e"); i >= 0 {
			t.Errorf("%s holds what drives a terminal: %q", what, out[max(0, i-60):min(len(out), i+20)])
		}
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{0, []string{"runs", "--db", db}}, {0, []string{"runs", "--db", db, "--format", "json"}}, {0, []string{"runs", "show", "2", "--db", db}},
		{0, []string{"schedule", "list", "--db", db}}, {0, []string{"db", "info", db}}, {1, []string{"db", "check", db}},
		{0, []string{"rollup", "--db", db}}, {0, []string{"rollup", "--db", db, "--format", "json"}}, {0, []string{"rollup", "--db", db, "--format", "html"}},
		{exitBadInput, []string{"rollup", "--db", db, "--reports", filepath.Join(t.TempDir(), "r")}},
		{exitBadInput, []string{"runs", "delete", "1", "2", "--db", db}}, {exitBadInput, []string{"runs", "resume", "2", "--db", db}}, {exitBadInput, []string{"runs", "resume", "1", "--db", db}},
	} {
		out, errs := told(t, c.want, c.args...)
		if c.want == 0 && c.args[0] != "db" && !strings.Contains(strings.ReplaceAll(out, "&#43;", "+"), "1+2") {
			t.Errorf("%v does not tell of it:\n%s", c.args, out)
		}
		harmless(strings.Join(c.args, " "), out+errs)
		if c.args[len(c.args)-1] == "html" && (strings.Contains(out, "<script") || strings.Count(out, "</style>") != 2) {
			t.Errorf("%v: a tag", c.args)
		}
	}
	for _, table := range []string{"units", "dead", "findings", "kinds", "provinces", "changes"} {
		out, _ := told(t, 0, "rollup", "--db", db, "--format", "csv", "--table", table)
		harmless(table, out)
		cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range cells {
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") {
					t.Errorf("%s: %q is a formula", table, cell)
				}
			}
		}
	}
	book := filepath.Join(t.TempDir(), "b.xlsx")
	told(t, 0, "rollup", "--db", db, "-o", book)
	z, err := zip.OpenReader(book)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		harmless(part.Name, string(b))
		if strings.HasPrefix(part.Name, "xl/worksheets/") && (strings.Contains(string(b), "<f>") || strings.Contains(string(b), "<script")) {
			t.Errorf("%s holds a formula or a tag", part.Name)
		}
	}
	if info, err := os.Stat(book); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the workbook: %v %v", info, err)
	}
}

// TestConcludedAsksTheOpenDatabase: the database that is open and no other: the address that
// may be shown has no password, and opens nothing.
func TestConcludedAsksTheOpenDatabase(t *testing.T) {
	path := databaseOf(t, []string{"H99"})
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that one connection that reads is enough
	run, err := db.Run(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }, quiet: true}
	reports := filepath.Join(t.TempDir(), "out")
	var v verdict
	if err := a.concluded(t.Context(), db, run, "", reports); !errors.As(err, &v) {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(reports, "index.html")); err != nil {
		t.Error(err)
	}
}
