package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/store"
)

// Of old runs the newest over the whole list stays, beside the newest of all: a
// run over a part is none to compare with.
func TestOldRuns(t *testing.T) {
	assessed, err := record.Open(filepath.Join(units, "province", "ho-so.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	id := assessed.Header.Unit.Unit.ID
	path := databaseOf(t, []string{id}, []string{id}, []string{id}, []string{id})
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"DELETE FROM tasks WHERE run > 2 AND unit <> '" + id + "'", "DELETE FROM run_units WHERE run > 2 AND unit <> '" + id + "'",
		"UPDATE runs SET state = 'done', ended = 1"} {
		if _, err := db.SQL().Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, _ := told(t, 2, "runs", "delete", "--older-than", "30", "--db", path)
	for run, goes := range map[string]bool{"đợt 1 ": true, "đợt 2 ": false, "đợt 3 ": true, "đợt 4 ": false} {
		if strings.Contains(out, run) != goes {
			t.Errorf("of %sit says\n%s", run, out)
		}
	}
}
