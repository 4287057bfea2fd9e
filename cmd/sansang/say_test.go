package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestErrorsNameHostileFilesInPlainLetters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a\x1b[31m\u202e.json")
	if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
		t.Skip("this system has no such names")
	}
	for _, args := range [][]string{{"lint", name}, {"judge", name}, {"judge", name + "x"}, {"import", name, "--unit", name, "-o", name + "o"}, {"unpack", name, t.TempDir()}} {
		var out, errs bytes.Buffer
		run(t.Context(), args, strings.NewReader(""), &out, &errs, func(string) string { return "" })
		if told := out.String() + errs.String(); !strings.Contains(told, `\x1b[31m\u202e`) || strings.ContainsAny(told, "\x1b\u202e") {
			t.Errorf("%s: %q", args[0], told)
		}
	}
}
