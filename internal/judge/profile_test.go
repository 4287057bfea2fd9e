package judge

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

const about = "version: \"1\"\ntitle: {vi: t, en: t}\nabout: {vi: a, en: a}\n"

// twoRequirements are one that looks and one that asks for a document.
const twoRequirements = `
- id: RR-01
  title: {vi: t, en: t}
  need: {vi: n., en: n.}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: A
  severity: high
  levels: {3: mandatory, 4: recommended}
  fix: {vi: f, en: f}
  scope: endpoint
  expect: '!door.state.open'
  max_age: 30
- id: RR-02
  title: {vi: t, en: t}
  need: {vi: n., en: n.}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: C
  severity: medium
  levels: {3: mandatory}
  fix: {vi: f, en: f}
  scope: system
  expect: 'attest.met'
  due: 2027-01-01
  evidence: {what: {vi: w, en: w}, valid_months: 12, valid_months_by_level: {4: 6}}
- id: RR-03
  title: {vi: t, en: t}
  need: {vi: n., en: n.}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: B
  severity: low
  levels: {3: mandatory}
  fix: {vi: f, en: f}
  scope: endpoint
  expect: '!door.state.open'
  known: [observed, probed]
`

// loadFiles loads p.yaml of a folder that stands beside a library with the
// policy base.
func loadFiles(t *testing.T, files map[string]string) (*Policy, error) {
	t.Helper()
	built := fstest.MapFS{
		"base.yaml": {Data: []byte("id: base\n" + about + "from: 2026-02-01\nknown: [observed, probed]\naccepted: true\nrequirements: [RR-01, RR-02]\n" +
			"dates: [{date: 2027-06-30, say: {vi: d, en: d}, requirements: [RR-01]}]\n")},
		"requirements/r.yaml": {Data: []byte(twoRequirements)},
	}
	own := fstest.MapFS{}
	for name, text := range files {
		own[name] = &fstest.MapFile{Data: []byte(text)}
	}
	lib, err := ReadLibrary(built, own)
	if err != nil {
		t.Fatal(err)
	}
	return Load(own, "p.yaml", lib, schema(t))
}

func profile(rest string) map[string]string {
	return map[string]string{"p.yaml": "id: p\n" + about + "extends: base\n" + rest}
}

func TestProfileIsFlat(t *testing.T) {
	p, err := loadFiles(t, profile(`requirements: [RR-03]
dates: [{date: 2027-01-31, say: {vi: d, en: d}, requirements: [RR-03]}]
tighten:
- id: RR-01
  need: {vi: thêm., en: more.}
  severity: critical
  levels: {2: recommended, 4: mandatory}
  max_age: 7
  known: [observed]
  basis: [{law: M, status: verified, from: 2026-05-01}]
  also: [{scope: endpoint, expect: 'door.state.names.size() == 0'}]
  fix: {vi: g, en: g}
- id: RR-02
  strength: B
  due: 2026-12-01
  evidence: {valid_months: 7}
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.IDs, " "); got != "RR-01 RR-02 RR-03" {
		t.Errorf("requirements %s", got)
	}
	one, two := p.Requirements[0], p.Requirements[1]
	if one.Need.En != "n. more." || one.Fix.En != "f\ng" || one.Severity != Critical || one.MaxAge != 7 || len(one.rules) != 2 || len(one.Basis) != 2 ||
		one.Levels["2"] != Recommended || one.Levels["3"] != Mandatory || one.Levels["4"] != Mandatory || len(one.Known) != 1 {
		t.Errorf("RR-01: %+v", one)
	}
	if two.Strength != StrengthB || two.Due.Month() != 12 || two.Evidence.months(3) != 7 || two.Evidence.months(4) != 6 {
		t.Errorf("RR-02: %+v, evidence %+v", two, two.Evidence)
	}
	if len(p.Dates) != 2 || p.Dates[0].Date.Month() != 1 || !p.Accepted || len(p.Known) != 2 || p.From.Month() != 2 {
		t.Errorf("policy: dates %+v, accepted %v, known %v, from %v", p.Dates, p.Accepted, p.Known, p.From)
	}
	if got := strings.Join(p.Ref().Extends, " "); got != "base" {
		t.Errorf("extends %q", got)
	}
}

// What is tightened is a copy: the base judges as before.
func TestProfileLeavesTheBaseAlone(t *testing.T) {
	files := profile("tighten:\n- {id: RR-01, severity: critical, max_age: 1, levels: {4: mandatory}, also: [{scope: endpoint, expect: 'false || door.state.open'}]}\n- {id: RR-02, evidence: {valid_months_by_level: {4: 1}}}\n")
	lib, err := ReadLibrary(fstest.MapFS{
		"base.yaml":           {Data: []byte("id: base\n" + about + "requirements: [RR-01, RR-02]\n")},
		"p.yaml":              {Data: []byte(files["p.yaml"])},
		"requirements/r.yaml": {Data: []byte(twoRequirements)},
	})
	if err != nil {
		t.Fatal(err)
	}
	src := lib.sources[0]
	before, err := Load(src, "base.yaml", lib, schema(t))
	if err != nil {
		t.Fatal(err)
	}
	sum := before.sha256
	if _, err := Load(src, "p.yaml", lib, schema(t)); err != nil {
		t.Fatal(err)
	}
	if now, err := before.hash(); err != nil || now != sum || len(before.Requirements[0].rules) != 1 {
		t.Errorf("the base changed: %v, %d rules", err, len(before.Requirements[0].rules))
	}
}

// Every line that asks for less is refused where it stands.
func TestLooseningIsRefused(t *testing.T) {
	for _, c := range []struct{ rest, at, want string }{
		{"from: 2026-01-01\n", "p.yaml:6:7", "applies from 2026-02-01"},
		{"known: [observed, inferred]\n", "p.yaml:6:19", "takes only facts that are observed, probed"},
		{"accepted: false\n", "p.yaml:6:11", "documents that an auditor accepted"},
		{"not_judged: [{id: RR-01, why: {vi: a, en: a}}]\n", "p.yaml:6:19", "RR-01 cannot be left out"},
		{"requirements: [RR-01]\n", "p.yaml:6:16", "has RR-01 already"},
		{"tighten: [{id: RR-01, severity: low}]\n", "p.yaml:6:33", "base RR-01 is of severity high"},
		{"tighten: [{id: RR-01, strength: C}]\n", "p.yaml:6:33", "is of strength A"},
		{"tighten: [{id: RR-01, levels: {3: recommended}}]\n", "p.yaml:6:35", "is mandatory at level 3"},
		{"tighten: [{id: RR-01, max_age: 31}]\n", "p.yaml:6:32", "30 days old at most"},
		{"tighten: [{id: RR-01, due: 2027-01-01}]\n", "p.yaml:6:28", "decides at once"},
		{"tighten: [{id: RR-02, due: 2027-01-02}]\n", "p.yaml:6:28", "is due by 2027-01-01"},
		{"tighten: [{id: RR-02, evidence: {valid_months: 13}}]\n", "p.yaml:6:48", "a document for 12 months"},
		{"tighten: [{id: RR-02, evidence: {valid_months_by_level: {4: 7}}}]\n", "p.yaml:6:61", "a document for 6 months"},
		{"tighten: [{id: RR-01, evidence: {valid_months: 1}}]\n", "p.yaml:6:34", "rests on no document"},
		{"tighten: [{id: RR-03, severity: high}]\n", "p.yaml:6:16", "does not judge RR-03"},
		{"tighten: [{id: RR-01, severity: high}, {id: RR-01, max_age: 1}]\n", "p.yaml:6:45", "RR-01 is there twice"},
		{"tighten: [{id: RR-01, known: [inferred]}]\n", "p.yaml:6:30", "reads none that is"},
		{"tighten: [{id: RR-01, also: [{scope: endpoint, expect: 'nothing.here'}]}]\n", "p.yaml:6:56", "wrong at column"},
		{"tighten: [{id: RR-01, basis: [{law: X, status: verified}]}]\n", "p.yaml:6:37", "no law X"},
		{"dates: [{date: 2027-01-01, say: {vi: a, en: a}, requirements: [RR-09]}]\n", "p.yaml:6:64", "no requirement RR-09"},
		{"supersedes: other\n", "p.yaml:6:13", "no policy other"},
	} {
		_, err := loadFiles(t, profile(c.rest))
		if err == nil || !strings.Contains(err.Error(), c.at) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gives %v; want %s … %s", c.rest, err, c.at, c.want)
		}
	}
}

func TestExtendsIsFoundOrTold(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // of the error; empty: none
	}{
		{"a chain by path", map[string]string{
			"p.yaml": "id: p\n" + about + "extends: ./bo/m.yaml\ntighten: [{id: RR-01, max_age: 7}]\n", "bo/m.yaml": "id: m\n" + about + "extends: base\ntighten: [{id: RR-01, max_age: 14}]\n"}, ""},
		{"loosening what the ministry tightened", map[string]string{
			"p.yaml": "id: p\n" + about + "extends: m\ntighten: [{id: RR-01, max_age: 21}]\n", "m.yaml": "id: m\n" + about + "extends: base\ntighten: [{id: RR-01, max_age: 14}]\n"}, "p.yaml:6:32: a policy that extends another may only tighten it: m RR-01 takes facts that are 14 days old at most"},
		{"itself", map[string]string{"p.yaml": "id: p\n" + about + "extends: p\n"}, "p.yaml:5:10: the policies extend each other in a circle"},
		{"in a circle", map[string]string{"p.yaml": "id: p\n" + about + "extends: ./q.yaml\n", "q.yaml": "id: q\n" + about + "extends: p\n"}, "q.yaml:5:10: the policies extend each other in a circle"},
		{"outside its folder", map[string]string{"p.yaml": "id: p\n" + about + "extends: ../secret.yaml\n"}, "there is no policy \"../secret.yaml\""},
		{"a folder", map[string]string{"p.yaml": "id: p\n" + about + "extends: ./bo.yaml\n", "bo.yaml/x": ""}, "there is no policy \"./bo.yaml\""},
		{"nothing", map[string]string{"p.yaml": "id: p\n" + about + "extends: popilation\n"}, "there are: base"},
		{"tighten alone", map[string]string{"p.yaml": "id: p\n" + about + "requirements: []\ntighten: [{id: RR-01, max_age: 7}]\n"}, "p.yaml:6:10: there is tighten and no extends"},
		{"neither", map[string]string{"p.yaml": "id: p\n" + about}, "the key \"requirements\" is missing"},
	} {
		p, err := loadFiles(t, c.files)
		if c.want == "" && (err != nil || p.Requirements[0].MaxAge != 7 || strings.Join(p.Ref().Extends, " ") != "m base") {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// A long chain is refused, whatever it comes to.
func TestChainIsBounded(t *testing.T) {
	files := map[string]string{}
	names := strings.Split("p a b c d e f g h i j k", " ")
	for i, n := range names[:len(names)-1] {
		files[n+".yaml"] = "id: x\n" + about + "extends: " + names[i+1] + "\n"
	}
	files["k.yaml"] = "id: k\n" + about + "extends: base\n"
	if _, err := loadFiles(t, files); err == nil || !strings.Contains(err.Error(), "more than 8 policies extend one another") {
		t.Errorf("a chain of twelve: %v", err)
	}
}

// A day is counted by the calendar of Vietnam.
func TestDaysTo(t *testing.T) {
	end, _ := inventory.ParseDate("2026-12-31")
	for _, c := range []struct {
		at   string
		want int
	}{{"2026-12-30T16:59:59Z", 1}, {"2026-12-30T17:00:00Z", 0}, {"2026-12-31T16:59:59Z", 0}, {"2026-12-31T17:00:00Z", -1}, {"2026-11-26T03:00:00Z", 35}} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := daysTo(end, at); got != c.want {
			t.Errorf("from %s: %d days, want %d", c.at, got, c.want)
		}
	}
}

// What a profile asks beside may show what the base never looked at, make a
// requirement decide, or bring a text where none is in force. By none of it is a
// unit ready that was not.
func TestNoProfileIsReadyBeforeItsBase(t *testing.T) {
	lapsed := strings.Replace(twoRequirements, "from: 2026-01-01}]\n  strength: B", "from: 2026-01-01, until: 2026-03-01}]\n  strength: B", 1)
	for name, c := range map[string]struct{ base, requirements, rest string }{
		"a rule that sees the system": {"RR-02", strings.Replace(twoRequirements, "strength: C", "strength: A", 1),
			"tighten: [{id: RR-02, due: 2026-01-31, also: [{scope: endpoint, expect: 'door.state.locks >= 0'}]}]\n"},
		"a requirement more":    {"RR-02", strings.Replace(twoRequirements, "strength: C", "strength: A", 1), "requirements: [RR-01]\n"},
		"a firmer one":          {"RR-01", strings.Replace(twoRequirements, "{3: mandatory, 4: recommended}", "{3: recommended}", 1), "tighten: [{id: RR-01, levels: {3: mandatory}}]\n"},
		"a text of its own":     {"RR-01, RR-03", lapsed, "tighten: [{id: RR-03, basis: [{law: M, status: verified, from: 2026-01-01}]}]\n"},
		"over a policy between": {"RR-01, RR-03", lapsed, "tighten: [{id: RR-01, severity: critical}]\n"},
	} {
		built := fstest.MapFS{
			"base.yaml":           {Data: []byte("id: base\n" + about + "requirements: [" + c.base + "]\n")},
			"between.yaml":        {Data: []byte("id: between\n" + about + "extends: base\ntighten: [{id: RR-03, basis: [{law: M, status: verified, from: 2026-01-01}]}]\n")},
			"requirements/r.yaml": {Data: []byte(c.requirements)},
		}
		lib, err := ReadLibrary(built)
		if err != nil {
			t.Fatal(err)
		}
		extends := "base"
		if name == "over a policy between" {
			extends = "between"
		}
		built["p.yaml"] = &fstest.MapFile{Data: []byte("id: p\n" + about + "extends: " + extends + "\n" + c.rest)}
		base, err := Load(built, "base.yaml", lib, schema(t))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Load(built, "p.yaml", lib, schema(t))
		if err != nil {
			t.Fatal(err)
		}
		u := unit()
		u.Attestations = []inventory.Attestation{{Requirement: "RR-02", Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-11-01"), Signer: "x"}}
		judged := Case{Unit: u, Observations: []fact.Observation{see(t, whole()), paperAt("a.pdf", 'a')}, At: day, Zone: inventory.Internet}
		if got := base.Judge(judged); got.Verdict != Undetermined {
			t.Fatalf("%s: the base says %v, which tries nothing", name, got.Verdict)
		}
		r := p.Judge(judged)
		if r.Verdict != Undetermined || r.Tally.Fail+r.Tally.Manual+r.Tally.Inconclusive > 0 || len(r.Because) < 2 || !strings.Contains(r.Because[0].En, extends) {
			t.Errorf("%s: %v, %+v, because %+v", name, r.Verdict, r.Tally, r.Because)
		}
	}
}
