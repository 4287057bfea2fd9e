//go:build unix

package lab_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/lab"
)

// TestPostgresKeepsWhatItConfirmed kills the server, stops it and starts it
// again: the rows that it confirmed are there, under the same URL.
func TestPostgresKeepsWhatItConfirmed(t *testing.T) {
	p, err := lab.StartPostgres(t.Context(), t.TempDir())
	if errors.Is(err, lab.ErrNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	url, err := p.NewURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask(t, url, "CREATE TABLE kept (n INT)")
	for i, again := range []func() error{p.Restart, func() error { return errors.Join(p.Kill(), p.Start()) }} {
		ask(t, url, "INSERT INTO kept VALUES (1)")
		if err := again(); err != nil {
			t.Fatal(err)
		}
		if got, want := ask(t, url, "SELECT count(*) FROM kept"), string(rune('1'+i)); got != want {
			t.Errorf("%s rows are left of %s", got, want)
		}
	}
	if got := ask(t, url, "SHOW fsync"); got != "on" {
		t.Error("fsync is", got)
	}
}

func ask(t *testing.T, url, sql string) string {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "psql", url, "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", sql).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", sql, err, out)
	}
	return strings.TrimSpace(string(out))
}
