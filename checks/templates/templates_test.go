// Package templates_test runs our own templates against practice servers that
// their cases describe, and against servers that tell nothing.
package templates_test

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sansang/sansang/internal/jobs"
)

const casesFolder = "../../testdata/checks"

const undetermined = "undetermined" // the matcher that says: the product is there, its version not shown

// wallsTell is switched on when a negative is held against a control.
const wallsTell = false

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
			a := ask(t, open(t, patient, form.scheme, listen(t, s.serve(t))), form.template)
			if got := nature(a); got != s.nature {
				t.Errorf("says %s: %s", got, shown(a))
			}
		})
	}
	lifeless := maps.Clone(dead)
	if form.scheme != "" {
		maps.Copy(lifeless, deadOverHTTP)
		if wallsTell {
			maps.Copy(lifeless, walls)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lifeless)) {
		t.Run("dead/"+name, func(t *testing.T) {
			t.Parallel()
			if a := ask(t, open(t, hasty, form.scheme, lifelessServer(t, lifeless[name])), form.template); a.Cause == "" {
				t.Errorf("says %s: %s", nature(a), shown(a))
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

// nature puts an answer into the words of the cases.
func nature(a jobs.Answer) string {
	switch {
	case a.Cause != "":
		return "Unknown " + a.Cause
	case a.Found && len(a.Matchers) > 0 && !slices.ContainsFunc(a.Matchers, func(m string) bool { return m != undetermined }):
		return "unknown"
	case a.Found:
		return "bad"
	case a.Answers == 0 || len(a.Response) == 0:
		return "not found without an exchange"
	}
	return "good"
}

func shown(a jobs.Answer) string {
	return fmt.Sprintf("matchers %q, extracted %q, %d answers, detail %q\n%s\n%s", a.Matchers, a.Extracted, a.Answers, a.Detail, a.Request, a.Response)
}
