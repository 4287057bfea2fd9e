package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/rollup"
	"github.com/sansang/sansang/internal/store"
)

// keptUnits are the folders of the example units, whose assessments are put into a
// database.
var keptUnits = []string{"province", "ministry", "commune"}

// databaseOf makes a database with runs over the example units and one of which
// nothing was seen. Of a run, land says which units came in.
func databaseOf(t *testing.T, land ...[]string) string {
	t.Helper()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "s.db")
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	list := store.List{Name: "danh-sach.csv"}
	files := map[string]string{}
	for _, u := range keptUnits {
		file := filepath.Join(units, u, "ho-so.jsonl")
		assessed, err := record.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		files[assessed.Header.Unit.Unit.ID] = file
		list.Units = append(list.Units, store.ListUnit{Declared: assessed.Header.Unit, File: assessed.Header.UnitFile})
	}
	waiting := inventory.Unit{Unit: inventory.Identity{ID: "H98", Name: "Tỉnh Chưa Xem", Kind: inventory.Province}}
	list.Units = append(list.Units, store.ListUnit{Declared: waiting})
	policy, err := loadPolicy(defaultPolicy)
	if err != nil {
		t.Fatal(err)
	}
	at, err := parseAt(unitsDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range land {
		err := db.Tx(ctx, func(tx *store.Tx) error {
			id, err := tx.AddList(ctx, list)
			if err != nil {
				return err
			}
			ref := policy.Ref()
			r, err := tx.AddRun(ctx, store.NewRun{List: id, Kind: store.Batch, Policy: record.Policy{ID: ref.ID, Version: ref.Version, SHA256: ref.SHA256}, PolicySource: defaultPolicy, Vantages: []inventory.Zone{inventory.Internet}})
			if err != nil {
				return err
			}
			for _, unit := range in {
				b, err := os.ReadFile(files[unit])
				if err != nil {
					return err
				}
				key := store.TaskKey{Run: r.ID, Unit: unit, Vantage: inventory.Internet}
				generation, ok, err := tx.Take(ctx, key, store.Any, "w", time.Minute)
				if err != nil || !ok {
					t.Fatal(ok, err)
				}
				body := db.NewBody()
				defer body.Drop()
				if _, err := body.Write(b); err != nil {
					return err
				}
				if err := body.Close(); err != nil {
					return err
				}
				places := []store.Place{{Endpoint: "web", Target: "https://a.example.vn", Kind: "https", Cause: "timeout"}}
				if landed, err := tx.Land(ctx, store.Landing{TaskKey: key, Generation: generation, Body: body, Places: places}); err != nil || !landed.OK {
					t.Fatal(landed, err)
				}
				assessed, err := record.Open(files[unit])
				if err != nil {
					return err
				}
				c := caseOf(assessed, at)
				c.Observations = policy.Disown(c.Observations, chosenTemplates(assessed))
				j := store.JudgementOf(policy.Judge(c))
				j.Complete = true
				if err := tx.Judged(ctx, r.ID, unit, j); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// told runs a command and gives what it writes; its exit code must be want.
func told(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(context.Background(), args, strings.NewReader(""), &o, &e, func(string) string { return "" }); got != want {
		t.Fatalf("%s: exit code %d, want %d: %s", strings.Join(args, " "), got, want, e.String())
	}
	return o.String(), e.String()
}

// TestRollup: what the database holds comes out in every format, the units that
// nobody looked at are not among the checked, and each unit's own report says
// what the roll-up says.
func TestRollup(t *testing.T) {
	ids := map[string]string{}
	for _, u := range keptUnits {
		assessed, err := record.Open(filepath.Join(units, u, "ho-so.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		ids[u] = assessed.Header.Unit.Unit.ID
	}
	db := databaseOf(t, []string{ids["ministry"]}, []string{ids["province"], ids["ministry"], ids["commune"]})

	out, _ := told(t, 0, "rollup", "--db", db, "--format", "json")
	var r rollup.Rollup
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if want := (rollup.Count{Listed: 4, Checked: 3, Ready: 1, NotReady: 1, Undetermined: 1, Unchecked: 1, Silent: 3}); r.Total != want {
		t.Errorf("counted %+v, want %+v", r.Total, want)
	}
	if r.Run.ID != 2 || r.Before == nil || r.Before.ID != 1 || r.Changes.Compared != 1 || len(r.Changes.Units) != 0 {
		t.Errorf("run %d since %+v: %+v", r.Run.ID, r.Before, r.Changes)
	}
	if len(r.Dead) != 3 || r.Dead[0].Name == "" || len(r.Failed) == 0 || r.Failed[0].Title.Vi == "" || len(r.Missing) == 0 || len(r.Missing[0].Causes) == 0 {
		t.Errorf("dead %v, failed %v, missing %v", r.Dead, r.Failed, r.Missing)
	}

	dir := t.TempDir()
	page := filepath.Join(dir, "tong-hop.html")
	_, said := told(t, 0, "rollup", "--db", db, "-o", page, "--reports", filepath.Join(dir, "don-vi"))
	if !strings.Contains(said, "3 trên 4") {
		t.Errorf("it said %q", said)
	}
	html := string(must(os.ReadFile(page)))
	for _, id := range ids {
		if !strings.Contains(html, `href="don-vi/`+id+`.html"`) {
			t.Errorf("the page does not lead to the report of %s", id)
		}
	}
	for folder, word := range map[string]string{"province": "SẴN SÀNG", "ministry": "CHƯA ĐẠT", "commune": "CHƯA ĐỦ CĂN CỨ"} {
		if own := string(must(os.ReadFile(filepath.Join(dir, "don-vi", ids[folder]+".html")))); !strings.Contains(own, "<title>"+word) {
			t.Errorf("the report of the %s does not say %s: %.200s", folder, word, own)
		}
	}
	if text, _ := told(t, 0, "rollup", "--db", db, "2"); !strings.Contains(text, "đã kiểm tra 3 trên 4 đơn vị") || !strings.Contains(text, "1 chưa kiểm tra") {
		t.Errorf("as text:\n%s", text)
	}
	if table, _ := told(t, 0, "rollup", "--db", db, "--format", "csv", "--table", "units"); strings.Count(table, "\n") != 5 || !strings.HasPrefix(table, "\ufeff") {
		t.Errorf("as CSV:\n%s", table)
	}
}

// TestRollupMistakes: what is asked for wrongly is told in one sentence.
func TestRollupMistakes(t *testing.T) {
	db := databaseOf(t, nil)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"9"}, "9"},
		{[]string{"x"}, "sansang runs"},
		{[]string{"1", "--since", "1"}, "chính đợt đang xem"},
		{[]string{"--format", "pdf"}, "xlsx"},
		{[]string{"--table", "units"}, "--format csv"},
		{[]string{"--format", "csv", "--table", "nothing"}, "kinds"},
		{[]string{"--policy", "population-db"}, "--reports"},
		{[]string{"1", "2"}, "--help"},
	} {
		if _, errs := told(t, exitBadInput, append([]string{"rollup", "--db", db}, c.args...)...); !strings.Contains(errs, c.want) {
			t.Errorf("%v: %q does not speak of %q", c.args, errs, c.want)
		}
	}
	empty := filepath.Join(t.TempDir(), "none.db")
	if _, errs := told(t, exitBadInput, "rollup", "--db", empty); !strings.Contains(errs, empty) {
		t.Errorf("of a database that is not there it says %q", errs)
	}
	if _, err := os.Stat(empty); err == nil {
		t.Error("to roll up makes a database")
	}
}

// TestRollupOfPart: a run over a part of the list says so and calls no unit gone
// that it was not to look at; a unit that a zone has still to look at is ready
// nowhere.
func TestRollupOfPart(t *testing.T) {
	assessed, err := record.Open(filepath.Join(units, "province", "ho-so.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	id := assessed.Header.Unit.Unit.ID
	path := databaseOf(t, []string{id}, []string{id})
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"DELETE FROM tasks WHERE run = 2 AND unit <> '" + id + "'", "DELETE FROM run_units WHERE run = 2 AND unit <> '" + id + "'",
		`UPDATE runs SET vantages = '["internet","internal"]' WHERE id = 2`, "UPDATE run_units SET complete = 0 WHERE run = 2"} {
		if _, err := db.SQL().Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, _ := told(t, 0, "rollup", "--db", path, "--format", "json")
	var r rollup.Rollup
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Run.ID != 2 || r.Run.LeftOut != 3 || r.Changes == nil || len(r.Changes.Gone) != 0 || r.Changes.New != 0 || r.Total.Listed != 1 {
		t.Errorf("run %+v, in all %+v, changes %+v", r.Run, r.Total, r.Changes)
	}
	dir := t.TempDir()
	if text, _ := told(t, 0, "rollup", "--db", path, "--reports", dir); !strings.Contains(text, "3 đơn vị khác không nằm trong đợt") {
		t.Errorf("as text:\n%s", text)
	}
	if own := string(must(os.ReadFile(filepath.Join(dir, id+".html")))); !strings.Contains(own, "<title>CHƯA ĐỦ CĂN CỨ") {
		t.Errorf("the report of a unit that was seen from one of two zones: %.200s", own)
	}
}
