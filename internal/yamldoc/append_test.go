package yamldoc

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

type paper struct {
	ID   string   `json:"id"`
	By   string   `json:"by,omitempty"`
	Tags []string `json:"tags,omitempty"`
}

var one = paper{ID: "ORG-01", By: "Nguyễn An, Chủ tịch"}

// Every byte of the file stays; the item comes to where a person would put it.
func TestAppend(t *testing.T) {
	for name, c := range map[string]struct{ in, out string }{
		"absent":            {"a: 1 # một\n", "a: 1 # một\n\nl:\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n"},
		"no final newline":  {"a: 1", "a: 1\n\nl:\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n"},
		"document closed":   {"---\na: 1\n...\n", "---\na: 1\n\nl:\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n...\n"},
		"kept blank lines":  {"a: |+\n  x\n\n", "a: |+\n  x\n\nl:\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n"},
		"null":              {"l: # chưa có\n# b\nb: 1\n", "l: # chưa có\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n# b\nb: 1\n"},
		"written null":      {"l: null # x\nb: 1\n", "l: # x\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\nb: 1\n"},
		"empty":             {"l: []  # x\nb: 1\n", "l:  # x\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\nb: 1\n"},
		"empty, last":       {"l: []", "l:\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n"},
		"empty over lines":  {"l: [ # none\n]\n", "l: [ # none\n {id: ORG-01, by: \"Nguyễn An, Chủ tịch\"}]\n"},
		"flow":              {"l: [{id: \"]\"}] # x\n", "l: [{id: \"]\"}, {id: ORG-01, by: \"Nguyễn An, Chủ tịch\"}] # x\n"},
		"flow with a comma": {"l: [\n  {id: a'b}, # ]\n]\n", "l: [\n  {id: a'b}, # ]\n {id: ORG-01, by: \"Nguyễn An, Chủ tịch\"}]\n"},
		"dashes":            {"l:\n  - id: a # x\n    # của a\n\n# về b\nb: 1\n", "l:\n  - id: a # x\n    # của a\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n\n# về b\nb: 1\n"},
		"dashes at the rim": {"l:\n- {id: a}\nb: 1\n", "l:\n- {id: a}\n- id: ORG-01\n  by: \"Nguyễn An, Chủ tịch\"\nb: 1\n"},
		"dashes, last":      {"b: 1\nl:\n    - id: a", "b: 1\nl:\n    - id: a\n    - id: ORG-01\n      by: \"Nguyễn An, Chủ tịch\"\n"},
		"dashes, literal":   {"l:\n  - id: |\n      # chữ\n\n      x\nb: 1\n", "l:\n  - id: |\n      # chữ\n\n      x\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\nb: 1\n"},
		"Windows, BOM":      {"\ufeffl:\r\n  - id: a\r\n\r\nb: 1\r\n", "\ufeffl:\r\n  - id: a\r\n  - id: ORG-01\r\n    by: \"Nguyễn An, Chủ tịch\"\r\n\r\nb: 1\r\n"},
		"key in quotes":     {"\"l\" :\n  - id: a\n", "\"l\" :\n  - id: a\n  - id: ORG-01\n    by: \"Nguyễn An, Chủ tịch\"\n"},
		"indented top":      {"  a: 1\n", "  a: 1\n\n  l:\n    - id: ORG-01\n      by: \"Nguyễn An, Chủ tịch\"\n"},
	} {
		got, err := Append([]byte(c.in), "l", one)
		if err != nil || string(got) != c.out {
			t.Errorf("%s: %v\n got %q\nwant %q", name, err, got, c.out)
		}
	}
}

// What would change the rest of the file is refused, with what to write.
func TestAppendRefuses(t *testing.T) {
	for name, c := range map[string]struct{ in, en string }{
		"not YAML":   {"l: [1\n", "this is not YAML"},
		"a list":     {"- 1\n", "l has no place in it"},
		"not a list": {"a: 1\nl: 2\n", ":2:4: l is not a list"},
		"in braces":  {"{a: 1}\n", `add to l by hand: {id: ORG-01, by: "Nguyễn An, Chủ tịch"}`},
	} {
		_, err := Append([]byte(c.in), "l", one)
		if err == nil || !strings.Contains(err.Error(), c.en) {
			t.Errorf("%s: %v, want %q", name, err, c.en)
		}
	}
}

// Text that a reader of YAML might take for something else is quoted.
func TestScalar(t *testing.T) {
	for in, want := range map[string]string{
		"Ủy ban nhân dân": "Ủy ban nhân dân", "2026-12-31": "2026-12-31", "van-ban/a.pdf": "van-ban/a.pdf",
		"yes": `"yes"`, "012": `"012"`, "1e5": `"1e5"`, "a: b": `"a: b"`, "a #b": `"a #b"`, "": `""`, " a": `" a"`, "a\nb": `"a\nb"`, "~": `"~"`, "- a": `"- a"`,
	} {
		if got := scalar(in); got != want {
			t.Errorf("scalar(%q) = %s, want %s", in, got, want)
		}
	}
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"a: 1\n", "l: []\n", "l: [a, ]", "l:\n- a\n# x\nb: |+\n  y\n\n", "\ufeffl:\r\n  - a: \"]\"\r\n", "l: ~\n...\n", "l: null # x\nb: 1\n", "l: [] # x\n# y\nb: 1\n", "l: [\n# ]\n]\n", "l:\n - - a\nb: {c: [d]}\n", "? l\n: - a\n"} {
		f.Add([]byte(s), "x: [y")
	}
	f.Fuzz(func(t *testing.T, in []byte, by string) {
		got, err := Append(in, "l", paper{ID: "x", By: by, Tags: []string{by}})
		if err != nil {
			return
		}
		old, _ := Parse("", in)
		again, err := Parse("", got)
		if err != nil {
			t.Fatalf("%q became %q: %v", in, got, err)
		}
		top, _ := old.Value.(map[string]any)
		after, _ := again.Value.(map[string]any)
		list, _ := after["l"].([]any)
		had, _ := top["l"].([]any)
		if len(list) != len(had)+1 {
			t.Fatalf("%q became %q", in, got)
		}
		delete(top, "l")
		delete(after, "l")
		if !reflect.DeepEqual(top, after) {
			t.Fatalf("%q became %q", in, got)
		}
		if !subsequence(in, got) {
			t.Fatalf("%q lost bytes in %q", in, got)
		}
	})
}

var emptiness = regexp.MustCompile(`^(?:null|Null|NULL|~|\[\s*\])`)

// subsequence tells whether nothing but an empty list was taken out.
func subsequence(in, out []byte) bool {
	head := 0
	for head < len(in) && head < len(out) && in[head] == out[head] {
		head++
	}
	tail := 0
	for tail < len(in)-head && tail < len(out)-head && in[len(in)-1-tail] == out[len(out)-1-tail] {
		tail++
	}
	gone := bytes.TrimSpace(in[head : len(in)-tail])
	return bytes.Contains(out, gone) || bytes.Contains(out, emptiness.ReplaceAll(gone, nil))
}
