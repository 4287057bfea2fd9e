package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// TestGuide follows the guides on policies word for word: every file in them is
// written, every command is run, and what they say comes out must come out.
//
// In a guide, "Tệp `x`:" or "File `x`:" stands before the content of a file,
// "(mã thoát 1)" or "(exit code 1)" before commands that end so, and a block
// of text after commands holds lines of what they print, "…" between them.
func TestGuide(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the guides speak to a shell of Unix")
	}
	for lang, doc := range map[string]string{"vi": "chinh-sach.md", "en": "policies.md"} {
		t.Run(doc, func(t *testing.T) {
			guide, err := os.ReadFile(filepath.Join("../../docs", doc))
			if err != nil {
				t.Fatal(err)
			}
			follow(t, lang, string(guide))
		})
	}
}

var (
	block    = regexp.MustCompile("(?ms)^([^\n]*)\n+```(sh|yaml|text)\n(.*?)^```$")
	fileName = regexp.MustCompile("(?:Tệp|File) `([^`]+)`")
	exitCode = regexp.MustCompile(`\((?:mã thoát|exit code) (\d)\)`)
)

func follow(t *testing.T, lang, guide string) {
	dir := workplace(t)
	said, files, commands, outputs := "", 0, 0, 0
	for _, m := range block.FindAllStringSubmatch(guide, -1) {
		before, kind, content := m[1], m[2], m[3]
		switch kind {
		case "yaml":
			name := fileName.FindStringSubmatch(before)
			if name == nil {
				t.Fatalf("no file is named before %q", content)
			}
			files++
			if err := os.WriteFile(filepath.Join(dir, name[1]), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		case "sh":
			want := 0
			if code := exitCode.FindStringSubmatch(before); code != nil {
				want, _ = strconv.Atoi(code[1])
			}
			commands++
			said = shell(t, dir, lang, content, want)
		case "text":
			outputs++
			printed(t, said, content)
		}
	}
	if files < 3 || commands < 6 || outputs < 3 {
		t.Errorf("the guide has %d files, %d commands and %d outputs: too few to be one", files, commands, outputs)
	}
}

// workplace is the source folder as a reader of the guide has it: what the
// guide makes is new, what it uses is there.
func workplace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "testdata"), filepath.Join(dir, "testdata")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	program, err := exec.LookPath("sansang") // testscript puts it there
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(dir, "bin", "sansang")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func shell(t *testing.T, dir, lang, commands string, want int) string {
	t.Helper()
	c := exec.Command("sh", "-ec", commands)
	c.Dir = dir
	c.Env = append(os.Environ(), "NO_COLOR=1", "SANSANG_LANG="+lang)
	out, err := c.CombinedOutput()
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("%s\nexit code %d, want %d:\n%s", commands, got, want, out)
	}
	return string(out)
}

// printed wants the lines of a block in what was printed, in their order.
func printed(t *testing.T, said, want string) {
	t.Helper()
	rest := said
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line == "" || line == "…" {
			continue
		}
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Errorf("%q was not printed (or not there):\n%s", line, said)
			return
		}
		rest = after
	}
}
