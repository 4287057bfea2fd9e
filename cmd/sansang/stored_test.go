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
