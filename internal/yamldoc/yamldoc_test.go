package yamldoc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/lang"
)

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ yaml, en string }{
		"empty":           {"", "x:1:1: the file is empty"},
		"only a comment":  {"# nothing\n", "the file is empty"},
		"two documents":   {"a: 1\n---\nb: 2\n", "x:3:1: the file holds more than one YAML document"},
		"alias":           {"a: &x 1\nb: *x\n", "x:1:4: YAML anchors"},
		"merge":           {"a: {<<: {b: 1}}\n", "this cannot be a key"},
		"tag":             {"a: !!str 1\n", "not used here"},
		"key twice":       {"a: 1\nb: 2\na: 3\n", `x:3:1: the key "a" is there twice`},
		"octal":           {"a: 010\n", "x:1:4: the number 010 is ambiguous"},
		"hexadecimal":     {"a: 0x10\n", "ambiguous"},
		"underscored":     {"a: 1_000\n", "ambiguous"},
		"infinity":        {"a: .inf\n", "not understood"},
		"a list as a key": {"? [a]\n: 1\n", "this is not YAML"},
		"deep":            {strings.Repeat("[", 40) + strings.Repeat("]", 40), "nested deeper than 32"},
		"not YAML":        {"a: [1\n", "this is not YAML"},
		"tab":             {"a:\n\tb: 1\n", "this is not YAML"},
	} {
		_, err := Parse("x", []byte(c.yaml))
		if err == nil || !strings.Contains(err.Error(), c.en) {
			t.Errorf("%s: %v, want %q", name, err, c.en)
		}
	}
	if _, err := Parse("x", make([]byte, maxBytes+1)); err == nil {
		t.Error("a file beyond all bounds was read")
	}
}

func TestParseReads(t *testing.T) {
	d, err := Parse("x", []byte("\ufeffa: 1\nb:\n  - c: \"01\"\n    e: 2026-12-31\n    f: |\n      two\n      lines\n  - yes\nd: null\n"))
	if err != nil {
		t.Fatal(err)
	}
	var into struct {
		A int
		B []any
		D *string
	}
	if err := d.Decode(&into); err != nil {
		t.Fatal(err)
	}
	first := into.B[0].(map[string]any)
	if into.A != 1 || first["c"] != "01" || first["e"] != "2026-12-31" || first["f"] != "two\nlines\n" || into.B[1] != "yes" || into.D != nil {
		t.Errorf("read %+v", into)
	}
	if got := d.Line("b", 0, "e"); got != 4 {
		t.Errorf("b/0/e is on line %d, want 4", got)
	}
	if p := d.Problem([]any{"b", 0, "nowhere"}, lang.T("v", "e"), lang.Text{}); p.Line != 3 {
		t.Errorf("a path that is not there is told on line %d, want its parent's, 3", p.Line)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"hours", "until", "tls.versions", "TLS-02"}
	for wrote, want := range map[string]string{"hour": "hours", "untill": "until", "tls.version": "tls.versions", "tls-02": "TLS-02", "x": "", "zone": "", "": ""} {
		if got := lang.Nearest(wrote, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", wrote, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: [1, {b: c}]\n"))
	f.Add([]byte("- |\n  x\n-\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := Parse("x", in)
		if err == nil {
			var into any
			if err := d.Decode(&into); err != nil {
				t.Fatalf("parsed, but does not decode: %v", err)
			}
		}
	})
}

// TestSchemaInAnyFolder: a folder's name must not matter to a schema that is
// part of the program.
func TestSchemaInAnyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Hồ sơ 100% của xã #1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("in %q: %v", dir, r)
		}
	}()
	MustSchema("some.schema.json", []byte(`{"$defs":{"a":{"type":"string"}},"$ref":"#/$defs/a"}`))
}

// TestLinesOfWindows: comments do not put the lines of a file from Windows out
// of count, neither in what is told of it nor where something is added.
func TestLinesOfWindows(t *testing.T) {
	text := strings.ReplaceAll("# one\n# two\na:\n  - b: 1 # c\n\n# three\nl:\n  - id: x\nz: 010\n", "\n", "\r\n")
	_, err := Parse("x", []byte(text))
	if err == nil || !strings.Contains(err.Error(), "x:9:4:") {
		t.Errorf("%v, want line 9, column 4", err)
	}
	good := strings.ReplaceAll(text, "010", "10")
	got, err := Append([]byte(good), "l", map[string]any{"id": "new"})
	if want := strings.Replace(good, "id: x\r\n", "id: x\r\n  - id: new\r\n", 1); err != nil || string(got) != want {
		t.Errorf("%q %v, want %q", got, err, want)
	}
}
