package store

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

var ctx = context.Background()

// clock is a moment that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC)} }

// onBoth runs a test on an empty database of each engine.
func onBoth(t *testing.T, f func(t *testing.T, where string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, filepath.Join(t.TempDir(), "đợt ?#%.db")) })
	t.Run("postgresql", func(t *testing.T) { f(t, emptyPostgres(t)) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, where string, c *clock) *DB {
	t.Helper()
	o := Options{Log: zerolog.Nop()}
	if c != nil {
		o.Now = c.now
	}
	db, err := Open(ctx, where, o)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func do(t testing.TB, db *DB, f func(*Tx) error) {
	t.Helper()
	must(t, db.Tx(ctx, f))
}

// commune is a unit of a list.
func commune(i int) ListUnit {
	u := ListUnit{File: record.File{Name: fmt.Sprintf("đơn-vị-%d.yaml", i), SHA256: fmt.Sprint(i)}, CAs: []CA{{"ca.pem", "x", "PEM"}}}
	u.Declared.Unit = inventory.Identity{ID: fmt.Sprintf("H21.%d", i), Name: fmt.Sprintf("Xã Đắk Gằn %d", i), Kind: inventory.Commune, Parent: "H21", GSO: fmt.Sprintf("%05d", i)}
	u.Declared.Endpoints = []inventory.Endpoint{{ID: "web", Target: "https://10.0.0.1/", Kind: inventory.HTTPS, Zone: inventory.Internet}}
	u.Declared.Domains = []inventory.DomainName{}
	u.Documents = []fact.Observation{{Check: judge.DocumentCheck, Endpoint: "a.pdf", At: newClock().at, Value: json.RawMessage(`{"sha256":"y"}`)}}
	return u
}

func listOf(n int) List {
	l := List{Name: "danh-sách.csv", Problems: []lang.Text{lang.T("dòng 3 sai", "row 3 is wrong")},
		Mergers: []Merger{{Old: "H21.901", New: "H21.1", Day: inventory.Date{Time: time.Date(2025, 7, 1, 0, 0, 0, 0, inventory.Vietnam)}}, {Old: "H21.902", New: "H21.1"}}}
	for i := range n {
		l.Units = append(l.Units, commune(i))
	}
	return l
}

func newRun(list int64) NewRun {
	return NewRun{List: list, Kind: Batch, Policy: record.Policy{ID: "p", Version: "1", SHA256: "ps"}, PolicySource: "population-db",
		Settings: json.RawMessage(`{"rate":2000}`), Vantages: []inventory.Zone{inventory.Internet, inventory.Internal}}
}

// planned keeps a list of n units and plans a run over it.
func planned(t testing.TB, db *DB, n int) (run Run) {
	t.Helper()
	do(t, db, func(tx *Tx) error {
		id, err := tx.AddList(ctx, listOf(n))
		if err != nil {
			return err
		}
		run, err = tx.AddRun(ctx, newRun(id))
		return err
	})
	return run
}

func task(run Run, i int, v inventory.Zone) TaskKey {
	return TaskKey{run.ID, fmt.Sprintf("H21.%d", i), v}
}

func take(t testing.TB, db *DB, k TaskKey, want int64, worker string) (gen int64, ok bool) {
	t.Helper()
	do(t, db, func(tx *Tx) (err error) {
		gen, ok, err = tx.Take(ctx, k, want, worker, 30*time.Second)
		return err
	})
	return gen, ok
}

func land(t testing.TB, db *DB, k TaskKey, gen int64, text string) (landed Landed) {
	t.Helper()
	b := db.NewBody()
	defer b.Drop()
	_, err := b.Write([]byte(text))
	must(t, err)
	at := newClock().at
	do(t, db, func(tx *Tx) (err error) {
		landed, err = tx.Land(ctx, Landing{TaskKey: k, Generation: gen, Machine: "máy\x00 1", Started: at, Finished: at.Add(time.Second), Connections: 7, Body: b,
			Places: []Place{{Endpoint: "web", Target: "https://10.0.0.1/", Kind: "https", Cause: "timeout", Detail: "i/o", Connections: 7}}})
		return err
	})
	return landed
}
