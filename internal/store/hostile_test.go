package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// Rows that anybody may have written, with an end that fits them, are taken in
// or refused, and asked for all that they hold: there may be errors and flaws,
// and no panic. (No fuzz target: SQLite would be built for it, for minutes.)
func TestHostileRows(t *testing.T) {
	src, _ := filled(t, filepath.Join(t.TempDir(), "a.db"))
	lines := bytes.SplitAfter(exported(t, src), []byte("\n"))
	rows := lines[1 : len(lines)-2]
	random := rand.New(rand.NewPCG(34, 1))
	values := []string{`""`, `"x"`, `0`, `-1`, `9223372036854775807`, `"{}"`, `"[]"`, `"null"`, `"[{\"at\":0}]"`, `"\u0000"`, `"ready"`, `"KLUv/QQA"`, `null`, `{}`}
	taken := 0
	for i := range 60 {
		var text []byte
		for _, row := range rows {
			if random.IntN(40) > 0 {
				text = append(text, row...)
				continue
			}
			var l exportLine
			must(t, json.Unmarshal(row, &l))
			for column := range l.Row {
				if random.IntN(6) == 0 {
					l.Row[column] = json.RawMessage(values[random.IntN(len(values))])
				}
			}
			changed, err := json.Marshal(l)
			must(t, err)
			text = append(append(text, changed...), '\n')
		}
		db := open(t, filepath.Join(t.TempDir(), fmt.Sprint(i, ".db")), newClock())
		if _, err := db.Import(ctx, "x", bytes.NewReader(fitting(text))); err == nil {
			taken++
			askAll(t, db)
		}
	}
	if taken < 10 {
		t.Errorf("only %d of 60 were taken in", taken)
	}
}

func askAll(t *testing.T, db *DB) {
	_, _ = db.Check(ctx)
	_, _ = db.Info(ctx)
	_, _ = db.Lists(ctx)
	_, _ = db.Schedules(ctx)
	runs, _ := db.Runs(ctx)
	for _, r := range runs {
		_ = db.EachUnit(ctx, r.ID, func(UnitRow) error { return nil })
		_ = db.EachPlace(ctx, r.ID, false, func(Place) error { return nil })
		_, _ = db.Findings(ctx, r.ID, Which{})
		_, _ = db.Counts(ctx, r.ID)
		_, _, _ = db.Before(ctx, r)
		_, _ = db.Newest(ctx, r.List)
	}
	exported(t, db)
}

// fitting puts a head before rows and an end after them.
func fitting(rows []byte) []byte {
	out := append(fmt.Appendf(nil, `{"format":%q,"schema":%d}`+"\n", ExportFormat, len(versions)), rows...)
	end := exportEnd{Rows: map[string]int{}}
	for _, t := range tables {
		end.Rows[t.name] = bytes.Count(rows, []byte(`{"table":"`+t.name+`"`))
	}
	sum := sha256.Sum256(out)
	end.SHA256 = hex.EncodeToString(sum[:])
	b, _ := json.Marshal(exportLine{End: &end})
	return append(append(out, b...), '\n')
}
