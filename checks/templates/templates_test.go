// Package templates_test runs our own templates against practice servers that
// their cases describe, and against servers that tell nothing.
package templates_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sansang/sansang/checks"
	"github.com/sansang/sansang/internal/fact"
)

const casesFolder = "../../testdata/checks"

const undetermined = "undetermined" // the matcher that says: the product is there, its version not shown

// TestTemplates holds every template to its form, its cases, and to Unknown of
// every server that tells nothing. Select by -run TestTemplates/SET/STEM.
func TestTemplates(t *testing.T) {
	files, err := filepath.Glob("*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sets, stems := map[string][]string{}, map[string]string{}
	for _, f := range files {
		sets[filepath.Dir(f)] = append(sets[filepath.Dir(f)], f)
		stem := strings.TrimSuffix(filepath.Base(f), ".yaml")
		if other, is := stems[stem]; is {
			t.Errorf("%s and %s have one name", other, f)
		}
		if _, err := os.Stat(filepath.Join("..", stem+".md")); err == nil {
			t.Errorf("%s has the name of a check", f)
		}
		stems[stem] = f
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		t.Run(set, func(t *testing.T) {
			for _, f := range sets[set] {
				t.Run(strings.TrimSuffix(filepath.Base(f), ".yaml"), func(t *testing.T) {
					t.Parallel()
					testTemplate(t, f)
				})
			}
		})
	}
}

func testTemplate(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	form := readForm(t, file, text)
	archive, err := txtar.ParseFile(filepath.Join(casesFolder, form.stem+".txtar"))
	if err != nil {
		t.Fatalf("a template has cases in testdata: %v", err)
	}
	servers, err := readCases(archive)
	if err != nil {
		t.Fatalf("%s.txtar: %v", form.stem, err)
	}
	enough(t, form, servers)
	if noWall != nil {
		t.Skipf("its servers are not asked: %v", noWall)
	}
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			o := ask(t, open(t, patient, form.scheme, listen(t, s.serve(t))), form.scheme, form.template, ownPages(t))
			if got := nature(o); got != s.nature {
				t.Errorf("says %s: %s", got, shown(o))
			}
		})
	}
	lifeless := maps.Clone(dead)
	if form.scheme != "" {
		maps.Copy(lifeless, deadOverHTTP)
		maps.Copy(lifeless, walls)
	}
	for _, name := range slices.Sorted(maps.Keys(lifeless)) {
		t.Run("dead/"+name, func(t *testing.T) {
			t.Parallel()
			if o := ask(t, open(t, hasty, form.scheme, lifelessServer(t, lifeless[name])), form.scheme, form.template, nil); !strings.HasPrefix(nature(o), "Unknown") {
				t.Errorf("says %s: %s", nature(o), shown(o))
			}
		})
	}
}

func lifelessServer(t *testing.T, serve func(net.Conn)) string {
	if serve != nil {
		return listen(t, serve)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return l.Addr().String()
}

// enough tells whether there are cases of every kind that there must be.
func enough(t *testing.T, f form, servers []*server) {
	count := map[string]int{}
	for _, s := range servers {
		count[s.nature]++
	}
	if count["bad"] < 1 || count["good"] < 2 {
		t.Errorf("cases: %d bad and %d good, at least 1 and 2 are wanted", count["bad"], count["good"])
	}
	if (count["unknown"] > 0) != f.undetermined {
		t.Errorf("cases: %d unknown; they belong to a matcher named %s", count["unknown"], undetermined)
	}
}

// nature puts an observation into the words of the cases.
func nature(o fact.Observation) string {
	var m checks.Match
	switch {
	case o.Unknown != nil && strings.HasSuffix(o.Unknown.Detail, "does not show what would tell"):
		return "unknown"
	case o.Unknown != nil:
		return "Unknown " + string(o.Unknown.Cause)
	case json.Unmarshal(o.Value, &m) != nil:
		return "nothing that can be read"
	case m.Found:
		return "bad"
	case m.Response == "":
		return "not found without an exchange"
	}
	return "good"
}

func shown(o fact.Observation) string { return fmt.Sprintf("%v %s", o.Unknown, o.Value) }
