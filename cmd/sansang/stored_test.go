package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
)

// A record names the policy that the scan was made for. It may not name a file:
// its maker would choose by what it is judged.
func TestRecordNamesNoPolicyFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	lax := "id: population-db\nversion: \"1\"\ntitle: {vi: t, en: t}\nabout: {vi: a, en: a}\nrequirements: [TLS-01]\n"
	if err := os.WriteFile("lax.yaml", []byte(lax), 0o600); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for _, id := range []string{"./lax.yaml", filepath.Join(dir, "lax.yaml"), "lax.yaml", "lax", ""} {
		var errs bytes.Buffer
		a := &app{err: &errs, lang: lang.En}
		if _, err := a.policyFor("", record.Policy{ID: id}, at); err == nil || !strings.Contains(err.Error(), "does not come with the tool") {
			t.Errorf("a record that names %q: %v", id, err)
		}
		if _, err := (&policySet{}).get(a, "", record.Policy{ID: id}, at); err == nil {
			t.Errorf("a record among others that names %q is judged by it", id)
		}
	}
	if p, err := (&app{}).policyFor("./lax.yaml", record.Policy{ID: defaultPolicy}, at); err != nil || len(p.IDs) != 1 {
		t.Errorf("who judges names a file: %v", err)
	}
}

// Documents of a unit file of now may go with what another declared at the scan;
// that the levels or endpoints are not the same is said, and they do not count.
func TestUnitFileOfNowDeclaresOtherwise(t *testing.T) {
	dir, from := t.TempDir(), filepath.Join("..", "..", "testdata", "units", "commune")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "unit.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		said bool
	}{
		"as it was.yaml": {string(text), false},
		"comment.yaml":   {string(text) + "\n# ghi chú\n", false},
		"level.yaml":     {strings.Replace(string(text), "level: 3", "level: 4", 1), true},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		run(t.Context(), []string{"judge", filepath.Join(dir, "ho-so.jsonl"), "--unit", path, "--lang", "en"}, nil, &out, &errs, func(string) string { return "" })
		if got := strings.Contains(errs.String(), "declares other systems"); got != c.said || out.Len() == 0 {
			t.Errorf("%s: said %v, want %v: %s", name, got, c.said, errs.String())
		}
	}
}
