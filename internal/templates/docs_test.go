package templates

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What people are told is what is done, in both languages.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/templates.md")
	if err != nil {
		t.Fatal(err)
	}
	vi, en, ok := strings.Cut(string(b), "\n## In English\n")
	if !ok {
		t.Fatal("no English half")
	}
	names := []string{BruteForce, DefaultLogin, Dos, Fuzz, Intrusive, "@once", "@timeout", "@tls-sni"}
	for name, k := range topKeys {
		if k.no != "" || k.kind == ofList {
			names = append(names, name)
		}
	}
	for _, f := range strings.Split("resolve public_ip llm_prompt jarm wait_for", " ") {
		if !goesOut.MatchString(f + "(") {
			t.Errorf("%s is not refused", f)
		}
		names = append(names, f)
	}
	for _, half := range []string{vi, en} {
		for _, n := range slices.Sorted(maps.Keys(httpKeys)) {
			if no := httpKeys[n].no; no != "" && !strings.Contains(half, "`"+no) {
				t.Errorf("docs/templates.md does not tell of %s", no)
			}
		}
		for _, n := range names {
			if !strings.Contains(half, "`"+n) {
				t.Errorf("docs/templates.md does not tell of %s", n)
			}
		}
		for _, n := range []int{mostSteps, mostThreads, mostBytes >> 10, mostDepth, mostGuesses, mostWait, mostRead >> 20} {
			if !strings.Contains(half, " "+strconv.Itoa(n)+" ") && !strings.Contains(half, " "+strconv.Itoa(n)+";") && !strings.Contains(half, " "+strconv.Itoa(n)+" |") {
				t.Errorf("docs/templates.md does not tell of the bound %d", n)
			}
		}
	}
	for _, m := range modules {
		if !strings.Contains(vi, " "+m+",") && !strings.Contains(vi, " "+m+".") {
			t.Errorf("docs/templates.md does not tell of nuclei/%s", m)
		}
	}
}
