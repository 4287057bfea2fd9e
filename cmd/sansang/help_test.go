package main

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sansang/sansang/internal/lang"
)

var quoted = regexp.MustCompile(`"[^"]*"`)

// TestHelp: the help of every command fits 80 columns, leaves nothing in
// English to a Vietnamese reader, and its examples are commands that exist.
func TestHelp(t *testing.T) {
	for _, l := range lang.All {
		each((&app{lang: l, in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: func(string) string { return "" }}).root(), func(c *cobra.Command) {
			if strings.Contains(c.CommandPath(), " completion") || c.Name() == "help" {
				return // cobra's own
			}
			args := append(strings.Fields(c.CommandPath())[1:], "--help", "--lang", string(l))
			var out bytes.Buffer
			if code := run(context.Background(), args, strings.NewReader(""), &out, io.Discard, func(string) string { return "" }); code != 0 {
				t.Fatalf("%v: exit code %d", args, code)
			}
			for line := range strings.Lines(out.String()) {
				line = strings.TrimRight(line, "\n")
				if n := utf8.RuneCountInString(line); n > helpWidth && !strings.HasPrefix(line, "  sansang ") {
					t.Errorf("%v: %d columns: %s", args, n, line)
				}
			}
			for _, english := range []string{"[flags]", "[command]", "help for", "(default"} {
				if l == lang.Vi && strings.Contains(out.String(), english) {
					t.Errorf("%v: %q in the Vietnamese help", args, english)
				}
			}
			for line := range strings.Lines(c.Example) {
				exampleWorks(t, c.Root(), strings.TrimSpace(line))
			}
		})
	}
}

// exampleWorks holds an example against the commands and their flags.
func exampleWorks(t *testing.T, root *cobra.Command, line string) {
	t.Helper()
	words := strings.Fields(quoted.ReplaceAllString(line, "x"))
	c, args, err := root.Find(words[1:])
	if words[0] != "sansang" || err != nil {
		t.Errorf("%q: %v", line, err)
		return
	}
	if err := c.ParseFlags(args); err != nil {
		t.Errorf("%q: %v", line, err)
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("%q: %v", line, err)
	}
}
