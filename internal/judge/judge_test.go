package judge

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

type door struct {
	Open  bool             `json:"open" vi:"mở" en:"open"`
	Locks fact.Maybe[int]  `json:"locks" vi:"số khóa" en:"locks"`
	Rusty fact.Maybe[bool] `json:"rusty" vi:"gỉ" en:"rusty"`
	Names []string         `json:"names" vi:"tên" en:"names"`
	Since time.Time        `json:"since" vi:"từ" en:"since"`
}

func schema(t *testing.T) fact.Schema {
	t.Helper()
	ty, err := fact.TypeOf[door]()
	if err != nil {
		t.Fatal(err)
	}
	ty.Known = fact.Observed
	return fact.Schema{"door.state": ty}
}

const head = `
  title: {vi: t, en: t}
  need: {vi: n, en: n}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: A
  severity: high
  levels: {2: recommended, 3: mandatory, 4: mandatory}
  fix: {vi: f, en: f}
`

// policyOf makes a policy of requirements, … from the rest of each.
func policyOf(t *testing.T, rests ...string) (*Policy, error) {
	t.Helper()
	var reqs, ids strings.Builder
	for i, rest := range rests {
		fmt.Fprintf(&reqs, "- id: RR-%02d%s%s\n", i+1, head, rest)
		fmt.Fprintf(&ids, "\n  - RR-%02d", i+1)
	}
	list := ids.String()
	if list == "" {
		list = " []"
	}
	fsys := fstest.MapFS{
		"p.yaml":              {Data: []byte("id: p\nversion: \"1\"\ntitle: {vi: t, en: t}\nabout: {vi: a, en: a}\nrequirements:" + list + "\n")},
		"requirements/r.yaml": {Data: []byte(strings.ReplaceAll(reqs.String(), "\n- id", "\n- id"))},
	}
	if len(rests) == 0 {
		delete(fsys, "requirements/r.yaml")
	}
	lib, err := ReadLibrary(fsys)
	if err != nil {
		return nil, err
	}
	return Load(fsys, "p.yaml", lib, schema(t))
}

var day = time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)

func unit() inventory.Unit {
	return inventory.Unit{
		Unit:      inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Province},
		Systems:   []inventory.System{{ID: "s", Name: "s", Level: 3}},
		Endpoints: []inventory.Endpoint{{ID: "e", System: "s", Target: "127.0.0.1:1", Kind: inventory.TCP, Zone: inventory.Internet}},
	}
}

func see(t *testing.T, d door) fact.Observation {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return fact.Observation{Check: "door.state", Endpoint: "e", At: day.Add(-time.Hour), Value: b}
}

func whole() door {
	return door{Open: false, Locks: fact.Known(2), Rusty: fact.Known(false), Names: []string{"a"}, Since: day.AddDate(-1, 0, 0)}
}

func judged(t *testing.T, c Case, rests ...string) Report {
	t.Helper()
	p, err := policyOf(t, rests...)
	if err != nil {
		t.Fatal(err)
	}
	if c.At.IsZero() {
		c.At = day
	}
	return p.Judge(c)
}

const closed = "  scope: endpoint\n  expect: '!door.state.open && door.state.locks >= 2'\n"

func TestThreeValues(t *testing.T) {
	blind := whole()
	blind.Locks = fact.Not[int](fact.Because(fact.Timeout, "x"))
	wide := blind
	wide.Open = true
	old := see(t, whole())
	old.At = day.AddDate(0, 0, -31)
	short := see(t, whole())
	short.Value = json.RawMessage(`{"open":false}`)
	contradiction := see(t, whole())
	contradiction.Value = json.RawMessage(strings.Replace(string(contradiction.Value), "false", "true", 1))
	for _, c := range []struct {
		name    string
		obs     []fact.Observation
		rest    string
		want    Verdict
		unit    UnitVerdict
		missing string
	}{
		{"all seen and good", []fact.Observation{see(t, whole())}, closed, Pass, Ready, ""},
		{"half seen is inconclusive, and says which half", []fact.Observation{see(t, blind)}, closed, Inconclusive, Undetermined, "door.state.locks timeout"},
		{"one bad thing seen is enough", []fact.Observation{see(t, wide)}, closed, Fail, NotReady, ""},
		{"nothing seen", nil, closed, Inconclusive, Undetermined, "door.state skipped"},
		{"an old fact is no fact", []fact.Observation{old}, closed + "  max_age: 30\n", Inconclusive, Undetermined, "door.state stale"},
		{"an old fact without a limit is one", []fact.Observation{old}, closed, Pass, Ready, ""},
		{"a record that lacks a field does not read as false", []fact.Observation{short}, closed, Inconclusive, Undetermined, "door.state.locks broken"},
		{"two that differ are none", []fact.Observation{see(t, whole()), contradiction}, closed, Inconclusive, Undetermined, "door.state broken"},
		{"evaluation error is inconclusive", []fact.Observation{see(t, whole())}, "  scope: endpoint\n  expect: 'door.state.names[7] == \"a\"'\n", Inconclusive, Undetermined, "expect broken"},
		{"not for this", []fact.Observation{see(t, whole())}, "  scope: endpoint\n  for: 'endpoint.zone == \"admin\"'\n  expect: '!door.state.open'\n", NotApplicable, Undetermined, ""},
		{"attest missing is manual", []fact.Observation{see(t, whole())}, "  scope: endpoint\n  expect: '!door.state.open && attest.met'\n", Manual, Undetermined, "attest no-evidence"},
	} {
		r := judged(t, Case{Unit: unit(), Observations: c.obs}, c.rest)
		f := r.Requirements[0].Findings[0]
		if f.Verdict != c.want || r.Verdict != c.unit {
			t.Errorf("%s: verdict %v, unit %v; want %v, %v", c.name, f.Verdict, r.Verdict, c.want, c.unit)
		}
		var missing []string
		for _, m := range f.Missing {
			missing = append(missing, m.Path+" "+string(m.Cause))
		}
		if c.missing != "" && !strings.Contains(strings.Join(missing, ", "), c.missing) {
			t.Errorf("%s: missing %q, want %q", c.name, missing, c.missing)
		}
	}
}

func TestNothingIsNeverReady(t *testing.T) {
	none := unit()
	none.Endpoints = nil
	noSystem := none
	noSystem.Systems = nil
	no := false
	away := unit()
	away.Systems[0].Connects = &no
	down := see(t, whole())
	down.Value, down.Unknown = nil, fact.Because(fact.Unreachable, "refused")
	for name, r := range map[string]Report{
		"no endpoint":          judged(t, Case{Unit: none}, closed),
		"no system":            judged(t, Case{Unit: noSystem}, closed),
		"every endpoint down":  judged(t, Case{Unit: unit(), Observations: []fact.Observation{down}}, closed),
		"empty policy":         judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, whole())}}),
		"nothing connects":     judged(t, Case{Unit: away, Observations: []fact.Observation{see(t, whole())}}, closed),
		"scan cut short":       judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, whole())}, Incomplete: true}, closed),
		"only recommendations": judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, whole())}}, strings.Replace(closed, "scope", "max_age: 9\n  scope", 1)+"  due: 2026-12-31\n"),
	} {
		if r.Verdict != Undetermined || len(r.Because) == 0 {
			t.Errorf("%s: %v because %v, want undetermined with a reason", name, r.Verdict, r.Because)
		}
	}
}

func TestDatesOfLaw(t *testing.T) {
	for _, c := range []struct {
		at   string
		want Verdict
	}{{"2025-12-31", NotApplicable}, {"2026-01-01", Pass}} {
		at, _ := inventory.ParseDate(c.at)
		if r := judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, whole())}, At: at.Time}, closed); r.Requirements[0].Verdict != c.want {
			t.Errorf("at %s: %v, want %v", c.at, r.Requirements[0].Verdict, c.want)
		}
	}
}

func TestLevels(t *testing.T) {
	for level, want := range map[int]UnitVerdict{1: Undetermined, 2: Undetermined, 3: NotReady, 4: NotReady, 5: NotReady} {
		u, open := unit(), whole()
		u.Systems[0].Level, open.Open = level, true
		if r := judged(t, Case{Unit: u, Observations: []fact.Observation{see(t, open)}}, closed); r.Verdict != want {
			t.Errorf("level %d: %v, want %v", level, r.Verdict, want)
		}
	}
}

func TestAttestations(t *testing.T) {
	const rest = "  scope: system\n  expect: attest.met\n  evidence: {what: {vi: w, en: w}, valid_months: 12}\n"
	date := func(s string) inventory.Date { d, _ := inventory.ParseDate(s); return d }
	sha := strings.Repeat("a", 64)
	doc := fact.Observation{Check: DocumentCheck, Endpoint: "d.pdf", At: day, Value: json.RawMessage(`{"sha256":"` + sha + `","bytes":3}`)}
	gone := fact.Observation{Check: DocumentCheck, Endpoint: "new.pdf", At: day, Unknown: fact.Because(fact.NoEvidence, "no such file")}
	met := inventory.Attestation{Requirement: "RR-01", Document: "d.pdf", SHA256: sha, Issued: date("2026-03-01"), Signer: "x"}
	with := func(f func(*inventory.Attestation)) inventory.Attestation { a := met; f(&a); return a }
	for _, c := range []struct {
		name  string
		as    []inventory.Attestation
		want  Verdict
		cause fact.Cause
	}{
		{"met", []inventory.Attestation{met}, Pass, ""},
		{"not met", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Result = inventory.NotMet })}, Fail, ""},
		{"another system", []inventory.Attestation{with(func(a *inventory.Attestation) { a.System = "other" })}, Manual, fact.NoEvidence},
		{"own end passed", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Until = date("2026-11-23") })}, Manual, fact.Expired},
		{"valid through its last day", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Until = date("2026-11-24") })}, Pass, ""},
		{"older than the requirement allows", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Issued = date("2025-11-24") })}, Manual, fact.Expired},
		{"not yet issued", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Issued = date("2026-12-01") })}, Manual, fact.Expired},
		{"another file", []inventory.Attestation{with(func(a *inventory.Attestation) { a.SHA256 = strings.Repeat("b", 64) })}, Manual, fact.Changed},
		{"the newest counts", []inventory.Attestation{met, with(func(a *inventory.Attestation) { a.Issued, a.Result = date("2026-04-01"), inventory.NotMet })}, Fail, ""},
		{"an unreadable newest does not revive the older", []inventory.Attestation{met, with(func(a *inventory.Attestation) { a.Issued, a.Document = date("2026-04-01"), "new.pdf" })}, Manual, fact.NoEvidence},
	} {
		u := unit()
		u.Attestations = c.as
		f := judged(t, Case{Unit: u, Observations: []fact.Observation{doc, gone}}, rest).Requirements[0].Findings[0]
		if f.Verdict != c.want || c.cause != "" && f.Missing[0].Cause != c.cause {
			t.Errorf("%s: %v %+v, want %v %s", c.name, f.Verdict, f.Missing, c.want, c.cause)
		}
	}
}

func TestWaivers(t *testing.T) {
	date := func(s string) inventory.Date { d, _ := inventory.ParseDate(s); return d }
	open := whole()
	open.Open = true
	blind := see(t, whole())
	blind.Value, blind.Unknown = nil, fact.Because(fact.Timeout, "")
	w := inventory.Waiver{Requirement: "RR-01", Endpoint: "e", Reason: "r", Approver: "a", Expires: date("2026-11-24")}
	late := w
	late.Expires = date("2026-11-23")
	for _, c := range []struct {
		name string
		w    inventory.Waiver
		obs  fact.Observation
		want Verdict
		unit UnitVerdict
		idle int
	}{
		{"excuses a fail through its last day", w, see(t, open), Waived, Ready, 0},
		{"expired excuses nothing", late, see(t, open), Fail, NotReady, 1},
		{"never touches what was not seen", w, blind, Inconclusive, Undetermined, 1},
		{"unused is told", w, see(t, whole()), Pass, Ready, 1},
	} {
		u := unit()
		u.Waivers = []inventory.Waiver{c.w}
		r := judged(t, Case{Unit: u, Observations: []fact.Observation{c.obs}}, closed)
		if f := r.Requirements[0].Findings[0]; f.Verdict != c.want || r.Verdict != c.unit || len(r.Waivers) != c.idle {
			t.Errorf("%s: %v, %v, %d idle; want %v, %v, %d", c.name, f.Verdict, r.Verdict, len(r.Waivers), c.want, c.unit, c.idle)
		}
	}
}

// What a policy writer gets wrong is told with line, column and a way out.
func TestLoadMistakes(t *testing.T) {
	for _, c := range []struct{ name, rest, want string }{
		{"unknown field", "  scope: endpoint\n  expect: '!door.state.opne'\n", "requirements/r.yaml:10:11: RR-01: the expression expect is wrong at column 12: undefined field 'opne'"},
		{"unknown fact", "  scope: endpoint\n  expect: '!door.stat.open'\n", "did you mean 'door.state'?"},
		{"fact in for", "  scope: endpoint\n  for: 'door.state.open'\n  expect: '!door.state.open'\n", "the expression for is wrong"},
		{"fact out of scope", "  scope: system\n  expect: '!door.state.open'\n", "undeclared reference"},
		{"reads nothing", "  scope: endpoint\n  expect: 'endpoint.zone == \"admin\"'\n", "reads no fact"},
		{"vantage alone is no fact", "  scope: endpoint\n  expect: 'vantage.zone == \"admin\"'\n", "reads no fact"},
		{"not a question", "  scope: endpoint\n  expect: 'door.state.locks + 1'\n", "gives int"},
		{"has", "  scope: endpoint\n  expect: 'has(door.state.open)'\n", "undeclared reference to 'has'"},
		{"unknown key", "  scope: endpoint\n  expects: 'x'\n  expect: '!door.state.open'\n", `did you mean "expect"?`},
	} {
		_, err := policyOf(t, c.rest)
		ps, ok := err.(yamldoc.Problems)
		if !ok || !strings.Contains(ps.In(lang.En), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestNeeds(t *testing.T) {
	p, err := policyOf(t, closed, "  scope: unit\n  expect: attest.met\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Needs(); len(got) != 1 || got[0] != "door.state" {
		t.Errorf("Needs = %v", got)
	}
}

func TestSameBytes(t *testing.T) {
	open := whole()
	open.Open = true
	var first string
	for range 20 {
		b, err := json.Marshal(judged(t, Case{Unit: unit(), Observations: []fact.Observation{see(t, open)}}, closed, "  scope: system\n  expect: attest.met\n"))
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(b)
		}
		if string(b) != first {
			t.Fatal("the same case was judged to other bytes")
		}
	}
}
