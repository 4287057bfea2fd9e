package templates

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	yaml3 "go.yaml.in/yaml/v3"
	"gopkg.in/yaml.v2"
)

// sameToEngine tells whether the engine's reader, which is of YAML 1.1, reads
// the same values, in the same order, from the file and from what is made of it.
func sameToEngine(file, made []byte) error {
	var a, b yaml.MapSlice
	if err := yaml.Unmarshal(made, &b); err != nil {
		return fmt.Errorf("what was made: %w", err)
	}
	if err := yaml.Unmarshal(file, &a); err != nil {
		return fmt.Errorf("the file: %w", err)
	}
	if !reflect.DeepEqual(a, b) {
		return fmt.Errorf("differ:\n%v\n%v", a, b)
	}
	return nil
}

// agrees tells whether the engine's reader took from what was made the very
// tree that was vetted: text as that text, and nothing bare as other text.
func agrees(n *yaml3.Node, v any) bool {
	switch n.Kind {
	case yaml3.MappingNode:
		m, ok := v.(yaml.MapSlice)
		if !ok || len(m) != len(n.Content)/2 {
			return false
		}
		for i, item := range m {
			if item.Key != n.Content[2*i].Value || !agrees(n.Content[2*i+1], item.Value) {
				return false
			}
		}
		return true
	case yaml3.SequenceNode:
		l, ok := v.([]any)
		return ok && len(l) == len(n.Content) && !slices.ContainsFunc(n.Content, func(c *yaml3.Node) bool {
			return !agrees(c, l[slices.Index(n.Content, c)])
		})
	}
	s, is := v.(string)
	return is && s == n.Value || !is && plain(n)
}

// reread is agrees, of bytes.
func reread(made []byte) error {
	var v yaml.MapSlice
	if err := yaml.Unmarshal(made, &v); err != nil {
		return fmt.Errorf("the engine cannot read %q: %w", made, err)
	}
	if n, err := parse(made); err != nil || !agrees(n, v) {
		return fmt.Errorf("the engine reads something else from %q: %v, %v", made, v, err)
	}
	return nil
}

func TestAccepted(t *testing.T) {
	var golden strings.Builder
	for _, f := range archive(t, "accepted.txtar") {
		got, r := Read(f.Name, f.Data)
		if r != nil {
			t.Errorf("%s:%d: refused: %s (%s)", r.File, r.Line, r.What.En, r.Rule)
			continue
		}
		if err := sameToEngine(f.Data, got.Data); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if err := reread(got.Data); err != nil {
			t.Error(err)
		}
		if again, r := Read(f.Name, got.Data); r != nil || string(again.Data) != string(got.Data) {
			t.Errorf("%s: what was made is not made of itself", f.Name)
		}
		head := *got
		head.Data = nil
		b, err := json.MarshalIndent(head, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&golden, "%s\n%s\n", b, got.Data)
	}
	compare(t, "testdata/accepted.golden", golden.String())
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"accepted.txtar", "refused.txtar"} {
		for _, file := range archive(f, name) {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, r := Read("x.yaml", b)
		if (got == nil) == (r == nil) {
			t.Fatalf("%v and %v", got, r)
		}
		if r != nil {
			if !r.What.Whole() || !r.Instead.Whole() || r.Line < 1 || strings.ContainsAny(r.What.Vi, "\n\x1b") {
				t.Fatalf("%+v", r)
			}
			return
		}
		if err := reread(got.Data); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(b, new(yaml.MapSlice)); err != nil {
			return // it would not read the file, but does what was made of it
		}
		if err := sameToEngine(b, got.Data); err != nil {
			t.Fatal(err)
		}
	})
}
