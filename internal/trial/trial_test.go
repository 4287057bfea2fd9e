package trial

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

var facts = fact.Schema{"a.b": {Kind: fact.Struct, Fields: []fact.Field{
	{Name: "x", Type: &fact.Type{Kind: fact.Bool}, Maybe: true},
	{Name: "n", Type: &fact.Type{Kind: fact.Int}},
	{Name: "t", Type: &fact.Type{Kind: fact.Time}},
	{Name: "in", Type: &fact.Type{Kind: fact.Struct, Fields: []fact.Field{{Name: "y", Type: &fact.Type{Kind: fact.Bool}}}}},
	{Name: "l", Type: &fact.Type{Kind: fact.List, Elem: &fact.Type{Kind: fact.Struct, Fields: []fact.Field{{Name: "k", Type: &fact.Type{Kind: fact.String}}}}}},
}}}

const requirements = `
- id: TS-01
  title: {vi: t, en: t}
  need: {vi: n, en: n}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: A
  severity: high
  levels: {3: mandatory}
  scope: endpoint
  for: 'endpoint.kind == "https"'
  expect: 'a.b.x && a.b.l.all(e, e.k != "bad")'
  also: [{scope: system, expect: attest.met}]
  fix: {vi: f, en: f}
`

func policy(t *testing.T) *judge.Policy {
	t.Helper()
	src := fstest.MapFS{
		"p.yaml":               {Data: []byte("id: p\nversion: \"1\"\ntitle: {vi: p, en: p}\nabout: {vi: p, en: p}\nrequirements: [TS-01]\n")},
		"requirements/rs.yaml": {Data: []byte(requirements)},
	}
	lib, err := judge.ReadLibrary(src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := judge.Load(src, "p.yaml", lib, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func anywhere(string, inventory.Endpoint) bool { return true }

func TestReadTellsEveryMistake(t *testing.T) {
	for cases, want := range map[string]string{
		"- {requirement: TS-02, case: c, at: 2026-11-24T00:00:00Z, want: pass}":                                                      "c.yaml:1:17: the policy has no requirement TS-02; did you mean TS-01?",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: passes}":                                                    `the value "passes" cannot be used; did you mean "pass"?`,
		"- {requirement: TS-01, case: c, at: 24/11/2026, want: pass}":                                                                "write a moment such as",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: waived}":                                                    "cannot be used",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z}":                                                                  `"want" is missing`,
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.c: {x: true}}}":                             "there is no check a.c; did you mean a.b?",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {x: 1}}}":                                "a.b.x is not of its type; write true or false",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {n: 1.5}}}":                              "a.b.n is not of its type; write a whole number",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {t: 2026-11-24}}}":                       "a.b.t is not of its type; write a moment",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {in: true}}}":                            "a.b.in is not of its type; write fields",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {in: {z: true}}}}":                       "a.b.in has no z; write one of: y",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {l: {k: v}}}}":                           "a.b.l is not of its type; write a list",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {l: [{}]}}}":                             "an element of a.b.l lacks k; add k (text)",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {n: {unknown: {cause: timeout}}}}}":      "a.b.n is not of its type",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: {x: {unknown: {cause: weather}}}}}":      "a.b.x is not of its type",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, facts: {a.b: true}}":                                  "a.b is not of its type",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, vantage: wan, views: [{vantage: wan, facts: {}}]}":    "views stand in the place of vantage",
		"- {requirement: TS-01, case: c, at: 2026-11-24T00:00:00Z, want: pass, views: [{vantage: wan, facts: {a.b: {x: \"yes\"}}}]}": "a.b.x is not of its type",
		"requirement: TS-01": "here belongs a list",
		"[]":                 "the list is too short",
	} {
		_, err := Read("c.yaml", []byte(cases), Known{facts, []string{"TS-01"}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want %q", cases, err, want)
		}
	}
}

func run(t *testing.T, cases string) Outcome {
	t.Helper()
	read, err := Read("c.yaml", []byte(cases), Known{facts, []string{"TS-01"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Trial{Policy: policy(t), Applies: anywhere}.Run(read)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const good = `
- {requirement: TS-01, case: good, at: 2026-11-24T00:00:00Z, facts: {a.b: {x: true, l: [{k: good}]}}, attest: met, want: pass}
- {requirement: TS-01, case: bad, at: 2026-11-24T00:00:00Z, facts: {a.b: {x: true, l: [{k: bad}]}}, attest: met, want: fail}
- {requirement: TS-01, case: off, at: 2026-11-24T00:00:00Z, facts: {a.b: {x: false, l: []}}, attest: not-met, want: fail}
- {requirement: TS-01, case: half seen, at: 2026-11-24T00:00:00Z, facts: {a.b: {x: {unknown: {cause: timeout}}, l: []}}, attest: met, want: inconclusive}
- {requirement: TS-01, case: other, endpoint: {kind: ssh}, at: 2026-11-24T00:00:00Z, attest: met, want: pass}
`

func TestRunFindsNothingWrongWithGoodCases(t *testing.T) {
	out := run(t, good)
	if len(out.Failures) > 0 || len(out.Lacking) > 0 {
		t.Errorf("%v, lacking %v", out.Failures, out.Lacking)
	}
	for _, b := range out.Branches {
		if never := Unseen(b); len(never) > 0 {
			t.Errorf("%s never %v", b.Text, never)
		}
	}
	if out.Cases != 5 || out.Hidden < 20 {
		t.Errorf("%d cases, %d hidden", out.Cases, out.Hidden)
	}
}

// A case that comes out otherwise is told with its line, what came, what was
// wanted and what that rests on.
func TestRunTellsWhatCameOut(t *testing.T) {
	out := run(t, "- {requirement: TS-01, case: good, at: 2026-11-24T00:00:00Z, facts: {a.b: {x: false, l: []}}, attest: met, want: pass}\n")
	want := "c.yaml:1:114: TS-01 “good”: came to fail, wanted pass; it rests on: a.b.x = false; a.b.l = []"
	if got := out.Failures.Error(); got != want {
		t.Errorf("told %s\nwant %s", got, want)
	}
	if fmt.Sprint(out.Lacking) != "[{TS-01 false true}]" {
		t.Errorf("lacking %v", out.Lacking)
	}
	never := map[string]string{}
	for _, b := range out.Branches {
		if u := Unseen(b); len(u) > 0 {
			never[fmt.Sprint(b.Rule, b.Field, " ", b.Text)] = fmt.Sprint(u)
		}
	}
	for text, want := range map[string]string{
		`0for endpoint.kind == "https"`: "[false]",
		`0expect a.b.x`:                 "[true]",
		`0expect e.k != "bad"`:          "[true false]",
		`1expect attest.met`:            "[false]",
	} {
		if never[text] != want {
			t.Errorf("%s: never %s, want %s (of %v)", text, never[text], want, never)
		}
	}
}

// A fact that belongs nowhere in the case would try nothing.
func TestRunTellsFactsOfNoPlace(t *testing.T) {
	read, err := Read("c.yaml", []byte(good), Known{facts, []string{"TS-01"}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Trial{Policy: policy(t), Applies: func(string, inventory.Endpoint) bool { return false }}.Run(read)
	if err != nil || !strings.Contains(out.Failures.Error(), "the check a.b looks at no place of this case") {
		t.Errorf("%v, %v", out.Failures, err)
	}
}

// Of a requirement that asks more than the library's, the library's cases show
// only that what failed still does; the others are to be written for it.
func TestRunOfAChangedRequirement(t *testing.T) {
	read, err := Read("c.yaml", []byte(good), Known{facts, []string{"TS-01"}})
	if err != nil {
		t.Fatal(err)
	}
	changed := Trial{Policy: policy(t), Applies: anywhere, Changed: func(*judge.Requirement) bool { return true }}
	out, err := changed.Run(read)
	if err != nil || out.Cases != 2 || fmt.Sprint(out.Lacking) != "[{TS-01 true true}]" {
		t.Errorf("%d cases, lacking %v, %v", out.Cases, out.Lacking, err)
	}
	for i := range read {
		read[i].Policy = []string{"p", "q"}[i%2]
	}
	if out, err = changed.Run(read); err != nil || out.Cases != 3 || fmt.Sprint(out.Lacking) != "[]" {
		t.Errorf("%d cases of its own, lacking %v, %v", out.Cases, out.Lacking, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("- {requirement: TS-01, views: [{facts: {a.b: [1]}}, 3], facts: 7}"))
	f.Add([]byte("- 1\n- [x]\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		cases, err := Read("c.yaml", in, Known{facts, []string{"TS-01"}})
		if (err == nil) != (cases != nil) {
			t.Fatalf("%d cases and %v", len(cases), err)
		}
	})
}
