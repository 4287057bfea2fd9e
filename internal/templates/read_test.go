package templates

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

func archive(t testing.TB, name string) []txtar.File {
	t.Helper()
	a, err := txtar.ParseFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return a.Files
}

// What cannot stand in an archive of text.
func odd() []txtar.File {
	const head = "id: a\ninfo: {name: n, author: a}\n"
	return []txtar.File{
		{Name: "size.yaml", Data: []byte(head + strings.Repeat("# comment\n", 60000))},
		{Name: "encoding.yaml", Data: []byte(head + "# \xff\xfe HERE\n")},
		{Name: "encoding.utf16.yaml", Data: []byte("\xff\xfei\x00d\x00:\x00 \x00a\x00")},
		{Name: "control.yaml", Data: []byte(head + "# \x1b[31m HERE\n")},
		{Name: "control.line.yaml", Data: []byte(head + "# \u2028 HERE\n")},
		{Name: "control.return.yaml", Data: []byte(head + "# \rhttp: HERE\n")},
		{Name: "control.nul.yaml", Data: []byte(head + "# \x00 HERE\n")},
		{Name: "nodes.yaml", Data: []byte(head + "variables:\n  a: [" + strings.Repeat("b, ", 30000) + "] # HERE\n")},
		{Name: "depth.yaml", Data: []byte(head + "variables:\n  a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + " # HERE\n")},
		{Name: "long-key.yaml", Data: []byte(head + "variables:\n  " + strings.Repeat("a", 200) + ": b # HERE\n")},
	}
}

func TestRefused(t *testing.T) {
	var golden strings.Builder
	met := map[string]bool{}
	for _, f := range append(archive(t, "refused.txtar"), odd()...) {
		rule, _, _ := strings.Cut(f.Name, ".")
		met[rule] = true
		_, r := Read(f.Name, f.Data)
		if r == nil {
			t.Errorf("%s: not refused", f.Name)
			continue
		}
		line := 1
		if at := bytes.Index(f.Data, []byte("HERE")); at >= 0 {
			line += bytes.Count(f.Data[:at], []byte("\n"))
		}
		if r.Rule != rule || r.Line != line || r.File != f.Name {
			t.Errorf("%s: rule %s at %s:%d, want line %d (%s)", f.Name, r.Rule, r.File, r.Line, line, r.What.En)
		}
		fmt.Fprintf(&golden, "%s:%d\n  %s → %s\n  %s → %s\n", f.Name, r.Line, r.What.Vi, r.Instead.Vi, r.What.En, r.Instead.En)
	}
	for _, rule := range []string{"unreadable", "same-id", "class"} { // of a folder
		met[rule] = true
	}
	met["two-ways"] = true // a second look at what the first let pass; no input is known
	for rule, s := range rules {
		if !met[rule] {
			t.Errorf("rule %s: no case in testdata/refused.txtar", rule)
		}
		if !s.what.Whole() || !s.instead.Whole() {
			t.Errorf("rule %s: a sentence is missing in one language", rule)
		}
	}
	compare(t, "testdata/refused.golden", golden.String())
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; see what changed, then run with -update", file)
	}
}
