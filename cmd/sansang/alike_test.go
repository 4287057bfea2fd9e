package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sansang/sansang/internal/judge"
)

// What an assessment comes to among others, with facts and answers remembered
// from them, is what it comes to alone: whole ones, packs, and such whose facts
// are damaged, cut short or missing.
func TestManyAreJudgedLikeOne(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 4))
	for _, unit := range []string{"province", "ministry", "commune"} {
		from := filepath.Join("../../testdata/units", unit)
		whole, err := os.ReadFile(filepath.Join(from, "ho-so.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, unit+".jsonl"), whole, 0o600); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(unit, i, ".jsonl")), damaged(t, r, whole), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if unit == "ministry" { // one of its documents is not as it was attested
			continue
		}
		ran(t, exitReady, "pack", filepath.Join(from, "ho-so.jsonl"), "--unit", filepath.Join(from, "unit.yaml"), "-o", filepath.Join(dir, unit+".zip"))
	}
	for _, how := range [][]string{{"--policy", "population-db-strict"}, {"--at", "2025-01-01"}} {
		lines := json.NewDecoder(bytes.NewReader(ran(t, -1, append([]string{"judge", dir, "--format", "json"}, how...)...)))
		n := 0
		for ; lines.More(); n++ {
			var line struct {
				File, Verdict   string
				Tally           judge.Tally
				Failed, Missing []string
			}
			if err := lines.Decode(&line); err != nil {
				t.Fatal(err)
			}
			var alone struct{ Judged judge.Report }
			if err := json.Unmarshal(ran(t, -1, append([]string{"judge", line.File, "--format", "json"}, how...)...), &alone); err != nil {
				t.Fatal(err)
			}
			one := alone.Judged
			var failed, missing []string
			for _, res := range one.Requirements {
				switch {
				case !res.Decides:
				case res.Verdict == judge.Fail:
					failed = append(failed, res.ID)
				case res.Verdict == judge.Inconclusive, res.Verdict == judge.Manual:
					missing = append(missing, res.ID)
				}
			}
			if line.Verdict != one.Verdict.String() || line.Tally != one.Tally || !slices.Equal(failed, line.Failed) || !slices.Equal(missing, line.Missing) {
				t.Errorf("%v, %s: among others %s %+v, alone %s %+v", how, filepath.Base(line.File), line.Verdict, line.Tally, one.Verdict, one.Tally)
			}
		}
		if n != 14 {
			t.Errorf("%v: %d lines, want 14", how, n)
		}
	}
}

// ran runs the program and gives what it prints; a code below 0 is any verdict.
func ran(t *testing.T, code int, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(context.Background(), append(args, "--quiet"), nil, &out, &errs, func(string) string { return "" })
	if got != code && (code >= 0 || !slices.Contains([]int{exitReady, exitNotReady, exitUndetermined}, got)) {
		t.Fatalf("%v: exit code %d: %s", args, got, errs.String())
	}
	return out.Bytes()
}

// damaged changes some facts of an assessment; its chain holds.
func damaged(t *testing.T, r *rand.Rand, whole []byte) []byte {
	t.Helper()
	var out []byte
	prev := ""
	for l := range bytes.Lines(whole) {
		l = bytes.TrimSuffix(l, []byte("\n"))
		var line map[string]any
		if err := json.Unmarshal(l, &line); err != nil {
			t.Fatal(err)
		}
		o, _ := line["observation"].(map[string]any)
		if value, is := o["value"].(map[string]any); is && r.IntN(8) == 0 {
			broken := []any{"nothing", []any{}, map[string]any{}, 7}[r.IntN(4)]
			if keys := sortedKeys(value); len(keys) > 0 && r.IntN(4) > 0 { // one field alone
				value[keys[r.IntN(len(keys))]] = broken
				broken = value
			}
			o["value"] = broken
			if l, _ = json.Marshal(line); len(l) == 0 {
				t.Fatal("no line")
			}
		}
		if prev != "" {
			l = prevHash.ReplaceAll(l, []byte(`"prev":"`+prev+`"`))
		}
		prev = digest(l)
		out = append(append(out, l...), '\n')
	}
	return out
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
