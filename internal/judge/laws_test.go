package judge

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

const someLaws = `- {id: A, title: {vi: a, en: a}, from: 2020-01-01, until: 2024-12-31, status: verified}
- {id: B, title: {vi: b, en: b}, from: 2025-01-01, status: paraphrase, replaces: [A]}
- {id: O, title: {vi: o, en: o}, from: 2022-10-01, until: 2026-06-30, legacy: true, status: unverified}
`

func read(t *testing.T, text string) (Laws, error) {
	t.Helper()
	return ReadLaws(fstest.MapFS{"laws.yaml": {Data: []byte(text)}}, fstest.MapFS{})
}

// A basis holds where both its law and it itself do.
func TestBasisIsDatedByItsLaw(t *testing.T) {
	laws, err := read(t, someLaws)
	if err != nil {
		t.Fatal(err)
	}
	on := func(s string) (d inventory.Date) {
		if s != "" {
			if d, err = inventory.ParseDate(s); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	for _, c := range []struct{ law, from, until, wantFrom, wantUntil, wrong string }{
		{"A", "", "", "2020-01-01", "2024-12-31", ""},
		{"A", "2021-01-01", "2022-12-31", "2021-01-01", "2022-12-31", ""},
		{"A", "2019-01-01", "2030-12-31", "2020-01-01", "2024-12-31", ""},
		{"B", "", "", "2025-01-01", "", ""},
		{"B", "", "2025-12-31", "2025-01-01", "2025-12-31", ""},
		{"X", "2025-06-01", "", "2025-06-01", "", ""},
		{"X", "", "", "", "", "law: there is no law X"},
		{"X", "", "2026-01-01", "", "", "law: there is no law X"},
		{"A", "2025-01-01", "", "", "", "from: the basis A holds on no day"},
		{"B", "", "2024-12-31", "", "", "until: the basis B holds on no day"},
	} {
		b := Basis{Law: c.law, From: on(c.from), Until: on(c.until)}
		wrong := ""
		laws.date(&b, func(what, _ lang.Text, field string) { wrong = field + ": " + what.En })
		if c.wrong != "" || wrong != "" {
			if c.wrong == "" || !strings.HasPrefix(wrong, c.wrong) {
				t.Errorf("%+v: told %q", c, wrong)
			}
			continue
		}
		if !b.From.Equal(on(c.wantFrom).Time) || !b.Until.Equal(on(c.wantUntil).Time) {
			t.Errorf("%+v: from %v until %v", c, b.From, b.Until)
		}
	}
}

// The legacy clause is a basis while the text that it is of was in force, and
// only once.
func TestLegacyClauseIsABasis(t *testing.T) {
	laws, err := read(t, someLaws)
	if err != nil {
		t.Fatal(err)
	}
	r := &Requirement{Legacy: "7.1.1"}
	b := laws.legacy(r)
	if b == nil || b.Law != "O" || !strings.Contains(b.Article, "7.1.1") || b.From.Year() != 2022 || b.Until.Year() != 2026 || b.Status != Unverified {
		t.Fatalf("%+v", b)
	}
	r.Basis = []Basis{{Law: "O"}}
	if laws.legacy(r) != nil || laws.legacy(&Requirement{}) != nil {
		t.Error("a basis too many")
	}
}

func TestLawsTellMistakes(t *testing.T) {
	const law = "- {id: C, title: {vi: c, en: c}, from: 2026-01-01, status: verified"
	for _, c := range []struct{ text, want string }{
		{someLaws + someLaws, "laws.yaml:4:8: A is already at laws.yaml:1"},
		{law + ", until: 2025-01-01}\n", "C ends before it begins"},
		{law + ", replaces: [D]}\n", "there is no law D"},
		{law + ", kind: rumour}\n", "laws.yaml:1:"},
		{"- {id: C, title: {vi: c, en: c}, status: verified}\n", "\"from\""},
		{"id: C\n", "laws.yaml:1:"},
	} {
		if _, err := read(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
	// Of two files one may say the same as the other, and not something else.
	one := fstest.MapFS{"laws.yaml": {Data: []byte(someLaws)}}
	other := fstest.MapFS{"laws.yaml": {Data: []byte(strings.Replace(someLaws, "2024-12-31", "2023-12-31", 1))}}
	if _, err := ReadLaws(one, one); err != nil {
		t.Error(err)
	}
	if _, err := ReadLaws(one, other); err == nil {
		t.Error("two files differ and nothing was said")
	}
}

func TestEditionsInACircle(t *testing.T) {
	src := fstest.MapFS{
		"a.yaml": {Data: []byte("id: a\n" + about + "supersedes: b\nrequirements: []\n")},
		"b.yaml": {Data: []byte("id: b\n" + about + "supersedes: a\nrequirements: []\n")},
	}
	if _, err := Editions(src, "a"); err == nil || !strings.Contains(err.Error(), "a.yaml:5:13: policies supersede each other in a circle") {
		t.Errorf("%v", err)
	}
	if names, err := Names(fstest.MapFS{"a.yaml": {}, "laws.yaml": {}}); err != nil || strings.Join(names, " ") != "a" {
		t.Errorf("policies %v, %v", names, err)
	}
}
