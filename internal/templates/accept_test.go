package templates

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

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
		start := time.Now()
		got, r := Read("x.yaml", b)
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("reading took %v", took)
		}
		if (got == nil) == (r == nil) {
			t.Fatalf("%v and %v", got, r)
		}
		if r != nil {
			if !r.What.Whole() || !r.Instead.Whole() || r.Line < 1 || strings.ContainsAny(r.What.Vi, "\n\x1b") {
				t.Fatalf("%+v", r)
			}
			return
		}
		var engine yaml.MapSlice
		if err := yaml.Unmarshal(b, &engine); err != nil {
			if err := yaml.Unmarshal(got.Data, &engine); err != nil {
				t.Fatalf("the engine cannot read %q: %v", got.Data, err)
			}
			return // it reads what was made, and as it was understood here
		}
		if err := sameToEngine(b, got.Data); err != nil {
			t.Fatal(err)
		}
	})
}
