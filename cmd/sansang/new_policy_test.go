package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// TestNewPolicyIsWhole: what new policy writes has no mistake and passes its
// own cases, and no file that is there is written over.
func TestNewPolicyIsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tinh", "policy.yaml")
	own := filepath.Join(filepath.Dir(file), "requirements", "rieng.yaml")
	for _, c := range []struct {
		want int
		args []string
	}{
		{0, []string{"new", "policy", file}},
		{0, []string{"lint", file, own}},
		{0, []string{"lint", "--test", file}},
		{exitBadInput, []string{"new", "policy", file}},
	} {
		var out bytes.Buffer
		if got := run(context.Background(), c.args, strings.NewReader(""), &out, &out, func(string) string { return "" }); got != c.want {
			t.Errorf("%v: exit code %d, want %d:\n%s", c.args, got, c.want, out.String())
		}
	}
}
