package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	readmeLine   = regexp.MustCompile("(?m)^ *(bin/sansang [^\n]*)$")
	readmeInline = regexp.MustCompile("`(bin/sansang [^`]*)`")
	words        = regexp.MustCompile(`"[^"]*"|\S+`)
)

// readmeCommands gives the commands of the README, without what is said of them.
func readmeCommands(t *testing.T) [][]string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, m := range append(readmeLine.FindAllStringSubmatch(string(b), -1), readmeInline.FindAllStringSubmatch(string(b), -1)...) {
		line, _, _ := strings.Cut(m[1], " #")
		var args []string
		for _, w := range words.FindAllString(line, -1)[1:] {
			args = append(args, strings.Trim(w, `"`))
		}
		out = append(out, args)
	}
	return out
}

// TestReadme runs the commands of the README that need no network, in the order
// in which it tells them, over a unit that is there; of the others it holds the
// arguments and flags against what the command takes.
func TestReadme(t *testing.T) {
	commands := readmeCommands(t)
	if len(commands) < 40 {
		t.Fatalf("the README has %d commands: too few, are they still found?", len(commands))
	}
	unit, err := filepath.Abs("../../testdata/units/commune")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.CopyFS(".", os.DirFS(unit)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ho-so", "records"} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	copies(t, "unit.yaml", "don-vi.yaml")
	copies(t, "ho-so.jsonl", "record.jsonl", "thang-10.jsonl", "thang-11.jsonl", "october.jsonl", "november.jsonl", "ho-so/xa.jsonl", "records/xa.jsonl")
	if err := os.WriteFile("qd-12.pdf", []byte("not signed"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(string) string { return "" }
	for _, args := range commands {
		line := strings.Join(args, " ")
		if elsewhere[args[0]] || strings.HasPrefix(line, "new unit") || strings.HasPrefix(line, "list templates") {
			exampleWorks(t, (&app{getenv: env}).root(), "sansang "+line)
			continue
		}
		var out, errw bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &out, &errw, env); code == exitBadInput || code == exitDefect {
			t.Errorf("%s: exit code %d: %s", line, code, errw.String())
		}
	}
}

// elsewhere are commands that look at something, wait for somebody, or need
// files or runs that only other tools, zones or looks give.
var elsewhere = map[string]bool{"scan": true, "lab": true, "merge": true, "import": true, "batch": true, "rollup": true, "runs": true, "db": true}

func copies(t *testing.T, from string, to ...string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range to {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
