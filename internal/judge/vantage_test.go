package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// views makes a case of one endpoint of a zone: what was seen of it from each
// vantage, told as "zone:open", "zone:shut", "zone:unseen" or "zone:unasked".
func views(t *testing.T, zone inventory.Zone, told ...string) Case {
	t.Helper()
	c := Case{Unit: unit(), At: day}
	c.Unit.Endpoints[0].Zone = zone
	for i, s := range told {
		z, what, _ := strings.Cut(s, ":")
		v := Vantage{Name: "v" + string(rune('a'+i)), Zone: inventory.Zone(z)}
		d := whole()
		d.Open = what == "open"
		o := see(t, d)
		o.Vantage, o.Zone = v.Name, z
		switch what {
		case "unasked":
			v.Plan = map[Look]bool{}
		case "unseen":
			o.Value, o.Unknown = nil, fact.Because(fact.Timeout, "x")
			fallthrough
		default:
			c.Observations = append(c.Observations, o)
		}
		c.Vantages = append(c.Vantages, v)
	}
	return c
}

// A good door is shut. From where it was seen decides which view counts.
func TestVantages(t *testing.T) {
	for _, c := range []struct {
		name string
		rule string
		zone inventory.Zone
		told string
		want Verdict
		from string // the zones of what the verdict rests on, or lacks
		warn int
	}{
		{"one that fails is enough", "", "internet", "internet:shut admin:open", Fail, "admin", 0},
		{"a pass is seen from everywhere it is meant for", "", "internet", "internet:shut admin:shut", Pass, "internet admin", 0},
		{"unseen from one of them", "", "internet", "internet:shut internal:unseen", Inconclusive, "internal", 0},
		{"the own zone is told before others", "", "wan", "internal:unseen wan:unseen", Inconclusive, "wan", 0},
		{"unseen from outside and good from inside", "", "internal", "internet:unseen internal:shut", Pass, "internal", 0},
		{"bad from outside: told, and not counted", "", "internal", "internet:open internal:shut", Pass, "internal", 1},
		{"bad from outside does not stand in for inside", "", "internal", "internet:open internal:unseen", Inconclusive, "internal", 1},
		{"nobody was inside: outside must do", "", "admin", "internet:open", Fail, "internet", 0},
		{"nobody was inside, two outside", "", "admin", "internet:unseen wan:shut", Inconclusive, "internet", 0},
		{"not to look from there", "", "internet", "internet:shut admin:unasked", Pass, "internet", 0},
		{"to look from nowhere", "", "internet", "internet:unasked", Inconclusive, "internet", 0},
		{"zone not said, and it would not matter", "", "internal", "internal:shut :shut", Pass, "internal ", 0},
		{"zone not said, and it would", "", "internal", "internal:shut :open", Inconclusive, "", 0},
		{"zone not said, outside agrees", "", "internal", "internet:open :open", Fail, "", 0},
		{"zone not said, bad wherever it stood", "", "internal", "internet:shut :open", Fail, "", 0},
		{"zone not said, outside does not agree", "", "internal", "internet:open :shut", Inconclusive, "internet ", 1},

		{"from: good there, bad elsewhere", "internet", "admin", "internet:shut admin:open", Pass, "internet", 0},
		{"from: bad there", "internet", "admin", "internet:open admin:shut", Fail, "internet", 0},
		{"from: unseen there", "internet", "admin", "internet:unseen admin:shut", Inconclusive, "internet", 0},
		{"from: nobody there", "internet", "admin", "admin:shut", Inconclusive, "", 0},
		{"from: not to look from there", "internet", "admin", "internet:unasked admin:shut", Inconclusive, "", 0},
		{"from: who did not say is not taken to be there", "internet", "admin", ":shut", Inconclusive, "", 0},
		{"from: two zones, both count", "internet, wan", "admin", "internet:shut wan:open", Fail, "wan", 0},
		{"from: two zones, one of them looked from", "internet, wan", "admin", "wan:shut admin:open", Pass, "wan", 0},
	} {
		rule := "  scope: endpoint\n  expect: '!door.state.open'\n"
		if c.rule != "" {
			rule = "  scope: endpoint\n  from: [" + c.rule + "]\n  expect: '!door.state.open'\n"
		}
		f := judged(t, views(t, c.zone, strings.Fields(c.told)...), rule).Requirements[0].Findings[0]
		var from []string
		for _, s := range f.Saw {
			from = append(from, string(s.Zone))
		}
		for _, m := range f.Missing {
			from = append(from, string(m.Zone))
		}
		if f.Verdict != c.want || strings.Join(slices.Compact(from), " ") != c.from || len(f.Warnings) != c.warn {
			t.Errorf("%s: %v by %q with %d warnings, want %v by %q with %d: %+v", c.name, f.Verdict, from, len(f.Warnings), c.want, c.from, c.warn, f)
		}
	}
}

// Who looked from elsewhere is told to look from there, in both languages by
// way of the zones that are named.
func TestElsewhere(t *testing.T) {
	const rule = "  scope: endpoint\n  from: [internet]\n  expect: 'endpoint.zone != \"internet\" && !door.state.open'\n"
	m := judged(t, views(t, "admin", "admin:shut"), rule).Requirements[0].Findings[0].Missing[0]
	if m.Cause != fact.Elsewhere || m.Path != "door.state" || m.Detail != "not looked at from the Internet: scan from there with --vantage internet and join the records with sansang merge" ||
		!slices.Equal(m.From, []inventory.Zone{inventory.Internet}) {
		t.Errorf("%+v", m)
	}
	// what the unit file alone decides needs no look
	if f := judged(t, views(t, "internet", "admin:shut"), rule).Requirements[0].Findings[0]; f.Verdict != Fail {
		t.Errorf("declared for the Internet: %v", f.Verdict)
	}
}

// A rule reads the zone of the view that it is asked of.
func TestZoneOfEachView(t *testing.T) {
	const rule = "  scope: endpoint\n  from: [internet, admin]\n  expect: 'door.state.open == (vantage.zone == \"admin\")'\n"
	for told, want := range map[string]Verdict{"internet:shut admin:open": Pass, "internet:open admin:open": Fail, "internet:shut admin:shut": Fail} {
		if f := judged(t, views(t, "admin", strings.Fields(told)...), rule).Requirements[0].Findings[0]; f.Verdict != want {
			t.Errorf("%s: %v, want %v", told, f.Verdict, want)
		}
	}
}

// Of the same thing from the same place, two that differ are none; from two
// places they are two views.
func TestTwoViewsAreNoContradiction(t *testing.T) {
	c := views(t, "internet", "internet:shut", "internet:open")
	for i := range c.Observations {
		c.Observations[i].Vantage = "va"
	}
	c.Vantages = c.Vantages[:1]
	f := judged(t, c, closed).Requirements[0].Findings[0]
	if f.Verdict != Inconclusive || f.Missing[0].Cause != fact.Broken {
		t.Errorf("one place: %v %+v", f.Verdict, f.Missing)
	}
	if f := judged(t, views(t, "internet", "internet:shut", "internet:open"), closed).Requirements[0].Findings[0]; f.Verdict != Fail {
		t.Errorf("two places: %v", f.Verdict)
	}
}

// Scans from two places read the documents that lie beside their own unit
// file: that one has it is enough, and what no rule sees is asked once.
func TestDocumentsStandNowhere(t *testing.T) {
	const rule = "  scope: system\n  expect: attest.met\n  evidence: {what: {vi: w, en: w}}\n"
	sha := strings.Repeat("a", 64)
	doc := func(vantage, hash string) fact.Observation {
		o := fact.Observation{Check: DocumentCheck, Endpoint: "d.pdf", At: day, Vantage: vantage, Zone: "internet"}
		if hash == "" {
			o.Unknown = fact.Because(fact.NoEvidence, "no such file")
		} else {
			o.Value = []byte(`{"sha256":"` + hash + `","bytes":3}`)
		}
		return o
	}
	date, _ := inventory.ParseDate("2026-11-01")
	for name, c := range map[string]struct {
		docs  []fact.Observation
		want  Verdict
		cause fact.Cause
	}{
		"one has it":      {[]fact.Observation{doc("va", ""), doc("vb", sha)}, Pass, ""},
		"both have it":    {[]fact.Observation{doc("va", sha), doc("vb", sha)}, Pass, ""},
		"another file":    {[]fact.Observation{doc("va", ""), doc("vb", strings.Repeat("b", 64))}, Manual, fact.Changed},
		"nobody has it":   {[]fact.Observation{doc("va", ""), doc("vb", "")}, Manual, fact.NoEvidence},
		"one is not true": {[]fact.Observation{doc("va", sha), doc("va", strings.Repeat("b", 64))}, Manual, fact.Broken},
	} {
		v := views(t, "internet", "internet:shut", "internet:shut")
		v.Unit.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "d.pdf", SHA256: sha, Issued: date, Signer: "x"}}
		v.Observations = append(v.Observations, c.docs...)
		f := judged(t, v, rule).Requirements[0].Findings[0]
		if f.Verdict != c.want || c.cause != "" && f.Missing[0].Cause != c.cause {
			t.Errorf("%s: %v %+v", name, f.Verdict, f.Missing)
		}
	}
}

func TestMistakesAboutFrom(t *testing.T) {
	for rest, want := range map[string]string{
		"  scope: endpoint\n  from: [dmz]\n  expect: '!door.state.open'\n":    "write one of: internet, wan, internal, admin",
		"  scope: endpoint\n  from: []\n  expect: '!door.state.open'\n":       "the list is too short",
		"  scope: endpoint\n  from: [internet]\n  expect: attest.met\n":       "reads nothing that is seen from any zone",
		"  scope: endpoint\n  from: [internet]\n  expect: '!door.state.open'": "",
	} {
		_, err := policyOf(t, rest)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", rest, err, want)
		}
	}
}
