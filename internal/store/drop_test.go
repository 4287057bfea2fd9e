package store

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/inventory"
)

func TestDrop(t *testing.T) {
	onBoth(t, func(t *testing.T, where string) {
		db := open(t, where, newClock())
		old, kept := planned(t, db, 3), planned(t, db, 3)
		var other Run // over a list of its own
		do(t, db, func(tx *Tx) error {
			id, err := tx.AddList(ctx, listOf(5))
			if err != nil {
				return err
			}
			other, err = tx.AddRun(ctx, newRun(id))
			return err
		})
		noise := make([]byte, 1<<20)
		for i := range noise {
			noise[i] = byte(i * i >> 7)
		}
		for _, run := range []Run{old, kept, other} {
			for i := range 3 {
				k := task(run, i, inventory.Internet)
				gen, _ := take(t, db, k, Any, "a")
				land(t, db, k, gen, fmt.Sprint(run.ID, i)+string(noise))
			}
		}
		drop := func(run int64) error { return db.Tx(ctx, func(tx *Tx) error { return tx.Drop(ctx, run) }) }
		if err := drop(old.ID); err == nil || !strings.Contains(err.Error(), "is open") {
			t.Errorf("a run that is open: %v", err)
		}
		for _, run := range []Run{old, other} {
			do(t, db, func(tx *Tx) error { return tx.Cancel(ctx, run.ID) })
		}
		before, err := db.Compact(ctx)
		must(t, err)
		for _, run := range []Run{old, other} {
			w, err := db.Weight(ctx, run.ID)
			if err != nil || w.Assessments != 3 || w.Bytes == 0 {
				t.Errorf("run %d weighs %+v, %v", run.ID, w, err)
			}
			must(t, drop(run.ID))
		}
		if err := drop(old.ID); err == nil || !strings.Contains(err.Error(), "there is no run number") {
			t.Errorf("a run that is gone: %v", err)
		}
		after, err := db.Compact(ctx)
		must(t, err)
		if db.Engine() == SQLite && after >= before*2/3 {
			t.Errorf("of %d bytes %d are left", before, after)
		}
		c, err := db.Check(ctx)
		if err != nil || len(c.Flaws) > 0 || c.Runs != 1 || c.Lists != 1 || c.Assessments != 3 {
			t.Errorf("what stays: %+v, %v", c, err)
		}
		for _, table := range sealed {
			if _, err := db.SQL().Exec("DELETE FROM " + table); err == nil || !strings.Contains(err.Error(), table+" is append-only") {
				t.Errorf("%s is open to deletion afterwards: %v", table, err)
			}
		}
		var left int
		must(t, db.SQL().QueryRow(`SELECT COUNT(*) FROM places WHERE run <> `+fmt.Sprint(kept.ID)).Scan(&left))
		if left > 0 {
			t.Errorf("%d places of dropped runs are left", left)
		}
		again := filepath.Join(t.TempDir(), "again.db")
		if db.Engine() == PostgreSQL {
			again = emptyPostgres(t)
		}
		restored := open(t, again, newClock())
		_, err = restored.Import(ctx, "x", bytes.NewReader(exported(t, db)))
		must(t, err)
		for _, db := range []*DB{db, restored} {
			if next := planned(t, db, 3); next.ID <= other.ID {
				t.Errorf("a new run has the number %d of a dropped one", next.ID)
			}
		}
	})
}

// Who may write and does not own the tables learns whose part deleting is.
func TestDropByAnother(t *testing.T) {
	db := open(t, emptyPostgres(t), newClock())
	run := planned(t, db, 1)
	err := db.Tx(ctx, func(tx *Tx) error {
		for _, q := range []string{"CREATE ROLE visitor", "GRANT ALL ON ALL TABLES IN SCHEMA public TO visitor", "SET LOCAL ROLE visitor"} {
			if _, err := tx.exec(ctx, q); err != nil {
				return err
			}
		}
		return tx.Drop(ctx, run.ID)
	})
	var f *Fault
	if !errors.As(err, &f) || !strings.Contains(f.En, "only the user who owns the tables") || !strings.Contains(f.Vi, "chủ của các bảng") {
		t.Errorf("%v", err)
	}
}
