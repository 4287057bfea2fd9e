package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// simple writes a template.
func simple(id, severity, tags string) string {
	return fmt.Sprintf("id: %s\ninfo: {name: n, author: a, severity: %s, tags: %q}\nhttp:\n  - path: [\"{{BaseURL}}/\"]\n    matchers: [{type: word, words: [x]}]\n", id, severity, tags)
}

// folder writes files below a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// told is what a test says of a set: ids, and rules of refusals with their files.
func told(s *Set) string {
	var ids, rules []string
	for _, t := range s.Templates {
		ids = append(ids, t.ID)
	}
	for _, r := range s.Refused {
		rules = append(rules, r.File+" "+r.Rule)
	}
	return fmt.Sprintf("%s | %s | left %d | nothing %s", strings.Join(ids, " "), strings.Join(rules, ", "), s.Left, strings.Join(s.Nothing, " "))
}

func TestReadDir(t *testing.T) {
	dir := folder(t, map[string]string{
		"http/cves/2021/CVE-2021-1.yaml": simple("CVE-2021-44228", "critical", "cve,log4j"),
		"http/b.yml":                     simple("b", "low", "panel"),
		"http/a.yaml":                    simple("a", "info", "panel,tech"),
		"http/flood.yaml":                simple("flood", "high", "dos"),
		"http/again/b.yaml":              simple("b", "low", "panel"),
		"http/broken.yaml":               "id: [",
		"http/run.yaml":                  "id: run\ninfo: {name: n, author: a, severity: high, tags: x}\ncode: [{}]\n",
		"http/readme.md":                 "no template",
		"http/list.yaml":                 "words: [a]\n",
		"helpers/h.yaml":                 simple("helper", "low", ""),
		"http/helpers/h.yaml":            simple("deeper", "low", ""),
		"workflows/w.yaml":               simple("flow", "low", ""),
		"profiles/p.yml":                 simple("profile", "low", ""),
		".github/x.yaml":                 simple("hidden", "low", ""),
		"http/.x.yaml":                   simple("dotted", "low", ""),
	})
	all := func(string) bool { return true }
	none := func(string) bool { return false }
	const broken = "http/broken.yaml yaml"
	for _, c := range []struct {
		name      string
		filter    Filter
		permitted func(string) bool
		want      string
	}{
		{"all", Filter{}, all, "CVE-2021-44228 a b deeper flood | http/b.yml same-id, " + broken + ", http/run.yaml code | left 1 | nothing "},
		{"no class", Filter{}, none, "CVE-2021-44228 a b deeper | http/b.yml same-id, " + broken + ", http/flood.yaml class, http/run.yaml code | left 1 | nothing "},
		{"nobody to permit", Filter{IDs: []string{"flood"}}, nil, " | " + broken + ", http/flood.yaml class | left 7 | nothing "},
		{"severity", Filter{Severities: []string{"Critical", "info"}}, all, "CVE-2021-44228 a | " + broken + " | left 6 | nothing "},
		{"severity and tag", Filter{Severities: []string{"info", "low"}, Tags: []string{"tech", "none"}}, all, "a | " + broken + " | left 7 | nothing none"},
		{"id or CVE", Filter{IDs: []string{"d*"}, CVEs: []string{"cve-2021-44228", "CVE-1999-0001"}}, all, "CVE-2021-44228 deeper | " + broken + " | left 6 | nothing CVE-1999-0001"},
		{"what is refused was selected", Filter{IDs: []string{"run"}}, all, " | " + broken + ", http/run.yaml code | left 7 | nothing "},
	} {
		set, err := ReadDir(dir, c.filter, c.permitted)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(set); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestReadDirSaysTheClass(t *testing.T) {
	dir := folder(t, map[string]string{"a.yaml": simple("a", "low", "intrusive,dos")})
	set, err := ReadDir(dir, Filter{}, func(class string) bool { return class == Dos })
	if err != nil || len(set.Refused) != 1 {
		t.Fatal(set, err)
	}
	for _, s := range []string{set.Refused[0].Instead.Vi, set.Refused[0].Instead.En} {
		if !strings.Contains(s, "intrusive") || !strings.Contains(s, "authorisation.classes") {
			t.Errorf("%q names neither the class nor where it goes", s)
		}
	}
}

func TestReadDirIsTheSameEachTime(t *testing.T) {
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("%d/%d.yaml", i%7, i)] = simple(fmt.Sprintf("t-%d", i%150), "low", "x")
	}
	dir := folder(t, files)
	first, err := ReadDir(dir, Filter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := ReadDir(dir, Filter{}, nil)
		if err != nil || told(again) != told(first) || again.SHA256 != first.SHA256 {
			t.Fatal("two readings of one folder differ", err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "0", "0.yaml"), []byte(simple("t-0", "high", "x")), 0o644); err != nil {
		t.Fatal(err)
	}
	if other, err := ReadDir(dir, Filter{}, nil); err != nil || other.SHA256 == first.SHA256 {
		t.Error("another template, the same sum", err)
	}
}

func TestReadDirRefusesBadPatterns(t *testing.T) {
	for _, f := range []Filter{{IDs: []string{"[a"}}, {Tags: []string{" "}}} {
		if _, err := ReadDir(t.TempDir(), f, nil); err == nil {
			t.Errorf("%v passes", f)
		}
	}
	if _, err := ReadDir(filepath.Join(t.TempDir(), "none"), Filter{}, nil); err == nil {
		t.Error("a folder that is not there passes")
	}
}

// Reading hostile files ends: what would take for ever if time grew faster than
// the file.
func TestReadOfHostileFiles(t *testing.T) {
	const info = "id: a\ninfo: {name: n, author: a}\n"
	const head = info + "variables:\n  a: "
	full := func(s string) string { return strings.Repeat(s, (mostBytes-500)/len(s)) }
	var counted, ports strings.Builder
	for i := range 70000 {
		fmt.Fprintf(&counted, "%d,", i)
		fmt.Fprintf(&ports, ",%d", 1+i%65000)
	}
	values := func(s string) string { return "[" + strings.Repeat(s+",", 6000) + "]" }
	for name, b := range map[string]string{
		"flow":      head + full("["),
		"maps":      head + full("{a: "),
		"dashes":    head + "\n" + full("- "),
		"entries":   head + "[" + full("a,") + "]",
		"keys":      full("? "),
		"functions": head + `"` + full("{{resolve ") + `"`,
		"notes":     head + `"` + full(`\n@`) + `"`,
		"quotes":    head + full("'"),
		"tags":      "id: a\ninfo: {name: n, author: a, tags: \"" + counted.String() + "\"}\n",
		"ports":     info + "tcp:\n  - host: ['{{Hostname}}']\n    port: 1" + ports.String() + "\n",
		"require":   info + "javascript:\n  - code: \"" + full("require ") + "\"\n",
		"this":      info + "javascript:\n  - code: \"" + full("this ") + "\"\n",
		"variables": info + "http:\n  - path: ['{{BaseURL}}{{a}}']\n    payloads:\n      a: " + values("'{{b}}'") + "\n      b: " + values("'{{c}}'") + "\n      c: " + values("/x") + "\n",
		"itself":    info + "http:\n  - path: ['{{BaseURL}}{{a}}']\n    payloads: {a: " + values("'{{a}}{{a}}'") + "}\n",
		"class":     info + "http:\n  - path: ['{{BaseURL}}']\n    body: \"" + full("Basic aaaa ") + "\"\n",
	} {
		if _, r := Read(name, []byte(b)); r == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkReadDir(b *testing.B) {
	accepted := archive(b, "accepted.txtar")
	files := map[string]string{}
	for i := range 10000 {
		f := accepted[i%len(accepted)]
		_, rest, _ := strings.Cut(string(f.Data), "\n")
		files[fmt.Sprintf("http/%03d/%d.yaml", i%200, i)] = fmt.Sprintf("id: t-%d\n%s", i, rest)
	}
	dir := folder(b, files)
	b.ResetTimer()
	for b.Loop() {
		set, err := ReadDir(dir, Filter{}, func(string) bool { return true })
		if err != nil || len(set.Templates) != 10000 {
			b.Fatal(err, told(set))
		}
	}
}
