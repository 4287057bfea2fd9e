package ask

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
)

type door struct {
	Open bool `json:"open" vi:"mở" en:"open"`
}

// policy is of requirements RR-01, RR-02, … each with a scope, a severity and
// what it expects.
func policy(t *testing.T, accepted bool, rules ...[3]string) *judge.Policy {
	t.Helper()
	var reqs, ids strings.Builder
	for i, r := range rules {
		fmt.Fprintf(&reqs, `- id: RR-%02d
  title: {vi: t, en: t}
  need: {vi: n, en: n}
  basis: [{law: L, status: verified, from: 2026-01-01}]
  strength: A
  levels: {2: recommended, 3: mandatory, 4: mandatory}
  scope: %s
  severity: %s
  expect: '%s'
  evidence: {what: {vi: w, en: w}, valid_months: 12, valid_months_by_level: {4: 3}}
  fix: {vi: f, en: f}
`, i+1, r[0], r[1], r[2])
		fmt.Fprintf(&ids, "\n  - RR-%02d", i+1)
	}
	src := fstest.MapFS{
		"p.yaml":              {Data: []byte("id: p\nversion: \"1\"\ntitle: {vi: t, en: t}\nabout: {vi: a, en: a}\nrequirements:" + ids.String() + "\n")},
		"requirements/r.yaml": {Data: []byte(reqs.String())},
	}
	ty, err := fact.TypeOf[door]()
	if err != nil {
		t.Fatal(err)
	}
	ty.Known = fact.Observed
	lib, err := judge.ReadLibrary(src)
	if err != nil {
		t.Fatal(err)
	}
	p, err := judge.Load(src, "p.yaml", lib, fact.Schema{"door.state": ty})
	if err != nil {
		t.Fatal(err)
	}
	p.Accepted = accepted
	return p
}

func unit() judge.Case {
	day := time.Date(2026, 11, 24, 9, 0, 0, 0, inventory.Vietnam)
	e := func(id, system string) inventory.Endpoint {
		return inventory.Endpoint{ID: id, System: system, Target: "127.0.0.1:1", Kind: inventory.TCP, Zone: inventory.Internet}
	}
	return judge.Case{At: day, Unit: inventory.Unit{
		Unit:      inventory.Identity{ID: "H21", Name: "x", Kind: inventory.Province},
		Systems:   []inventory.System{{ID: "a", Name: "A", Level: 3}, {ID: "b", Name: "B", Level: 4}},
		Endpoints: []inventory.Endpoint{e("a1", "a"), e("a2", "a"), e("b1", "b")},
	}}
}

func open(endpoint string, is bool, at time.Time) fact.Observation {
	value, _ := json.Marshal(door{is})
	return fact.Observation{Check: "door.state", Endpoint: endpoint, At: at, Value: value}
}

func tell(qs []Question) string {
	var out []string
	for _, q := range qs {
		s := q.ID
		if q.System != nil {
			s += " " + q.System.ID
		}
		if q.Endpoint != "" {
			s += " " + q.Endpoint
		}
		if q.Scan {
			s += " or scan"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// Only what a document would settle is asked, the gravest first and what fails
// elsewhere last, once for each
// system.
func TestQuestions(t *testing.T) {
	p := policy(t, false, [3]string{"unit", "low", "attest.met"}, [3]string{"system", "critical", "attest.met"},
		[3]string{"endpoint", "high", "!door.state.open || attest.met"}, [3]string{"endpoint", "high", "!door.state.open && attest.met"},
		[3]string{"endpoint", "critical", "door.state.open"})
	c := unit()
	qs := Questions(p, c)
	if got, want := tell(qs), "RR-02 a, RR-02 b, RR-03 a or scan, RR-03 b b1 or scan, RR-01"; got != want {
		t.Errorf("nothing was seen: %s, want %s", got, want)
	}
	if qs[0].Months != 12 || qs[1].Months != 3 || qs[0].Force != judge.Mandatory || qs[0].Why.Cause != fact.NoEvidence {
		t.Errorf("%+v", qs[0])
	}
	c.Observations = []fact.Observation{open("a1", false, c.At), open("a2", true, c.At), open("b1", false, c.At)}
	if got, want := tell(Questions(p, c)), "RR-02 a, RR-02 b, RR-03 a a2, RR-01, RR-04 a a1, RR-04 b b1"; got != want {
		t.Errorf("the doors were seen: %s, want %s", got, want)
	}
	c.Unit.Attestations = []inventory.Attestation{{Requirement: "RR-02", System: "a", Document: "a.pdf", SHA256: "00", Issued: inventory.Date{Time: c.At.AddDate(0, 0, -1)}, Signer: "x"},
		{Requirement: "RR-01", Result: inventory.NotMet, Issued: inventory.Date{Time: c.At.AddDate(0, 0, -1)}, By: "x"}}
	c.Observations = append(c.Observations, fact.Observation{Check: judge.DocumentCheck, Endpoint: "a.pdf", At: c.At, Value: json.RawMessage(`{"sha256":"00","bytes":1}`)})
	if got, want := tell(Questions(p, c)), "RR-02 b, RR-03 a a2, RR-04 a a1, RR-04 b b1"; got != want {
		t.Errorf("two were answered: %s, want %s", got, want)
	}
}

// What was supplied and does not count is asked again, with the document and
// why; what only waits for the auditor is not.
func TestQuestionsOfDocuments(t *testing.T) {
	c := unit()
	c.Unit.Systems, c.Unit.Endpoints = c.Unit.Systems[:1], c.Unit.Endpoints[:1]
	ask := func(accepted bool, edit func(*judge.Case)) []Question {
		p, c := policy(t, accepted, [3]string{"system", "high", "attest.met"}), c
		c.Unit.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "a.pdf", SHA256: "00", Issued: inventory.Date{Time: c.At.AddDate(0, -1, 0)}, Signer: "x"}}
		c.Observations = []fact.Observation{{Check: judge.DocumentCheck, Endpoint: "a.pdf", At: c.At, Value: json.RawMessage(`{"sha256":"00","bytes":1}`)}}
		edit(&c)
		return Questions(p, c)
	}
	if qs := ask(false, func(*judge.Case) {}); len(qs) != 0 {
		t.Errorf("a document that counts is asked for: %s", tell(qs))
	}
	if qs := ask(true, func(*judge.Case) {}); len(qs) != 0 {
		t.Errorf("a document that waits for the auditor is asked for: %s", tell(qs))
	}
	if qs := ask(false, func(c *judge.Case) { c.At = c.At.AddDate(2, 0, 0) }); len(qs) != 1 || qs[0].Why.Cause != fact.Expired || qs[0].Paper == nil || qs[0].now().En != "document outside its validity: a.pdf" {
		t.Errorf("expired: %+v", qs)
	}
	refuse := func(c *judge.Case) {
		c.Unit.Reviews = []inventory.Review{{Requirement: "RR-01", Document: "a.pdf", SHA256: "00", Result: inventory.Refused, Reason: "thiếu dấu", By: "Lê Minh", On: inventory.Date{Time: c.At}}}
	}
	if qs := ask(true, refuse); len(qs) != 1 || qs[0].now().Vi != "tài liệu không được người đánh giá chấp nhận: a.pdf (Lê Minh: thiếu dấu)" {
		t.Errorf("refused: %+v", qs)
	}
}
