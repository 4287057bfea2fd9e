package judge

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

const attestedRest = "  scope: system\n  expect: attest.met\n  evidence: {what: {vi: w, en: w}, valid_months: 12}\n"

func on(s string) inventory.Date {
	d, err := inventory.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func shaOf(r rune) string { return strings.Repeat(string(r), 64) }

func paperAt(name string, r rune) fact.Observation {
	return fact.Observation{Check: DocumentCheck, Endpoint: name, At: day, Value: json.RawMessage(fmt.Sprintf(`{"sha256":%q,"bytes":3}`, shaOf(r)))}
}

// What an auditor says of a document is heard: a refusal makes it Manual, with
// the reason, whatever else there is.
func TestReviews(t *testing.T) {
	met := inventory.Attestation{Requirement: "RR-01", Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-03-01"), Signer: "x"}
	with := func(f func(*inventory.Attestation)) inventory.Attestation { a := met; f(&a); return a }
	review := func(r rune, res inventory.Acceptance, day string) inventory.Review {
		return inventory.Review{Requirement: "RR-01", Document: "a.pdf", SHA256: shaOf(r), Result: res, Reason: "chưa đóng dấu", By: "Lê Minh", On: on(day)}
	}
	older := with(func(a *inventory.Attestation) { a.Document, a.SHA256, a.Issued = "b.pdf", shaOf('b'), on("2026-02-01") })
	copied := with(func(a *inventory.Attestation) { a.Document, a.SHA256 = "b.pdf", shaOf('b') })
	admitted := inventory.Attestation{Requirement: "RR-01", Result: inventory.NotMet, Issued: on("2026-04-01"), By: "y"}
	paperOff := with(func(a *inventory.Attestation) { a.Result = inventory.NotMet })
	spent := with(func(a *inventory.Attestation) { a.Result, a.Until = inventory.NotMet, on("2026-05-01") })
	for _, c := range []struct {
		name     string
		as       []inventory.Attestation
		rs       []inventory.Review
		accepted bool
		want     Verdict
		cause    fact.Cause
		state    PaperState
	}{
		{"no review", []inventory.Attestation{met}, nil, false, Pass, "", PaperInForce},
		{"accepted", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Accepted, "2026-06-01")}, true, Pass, "", PaperAccepted},
		{"refused", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Refused, "2026-06-01")}, false, Manual, fact.Rejected, PaperRefused},
		{"the newest review counts", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Refused, "2026-06-01"), review('a', inventory.Accepted, "2026-06-02")}, true, Pass, "", PaperAccepted},
		{"of one day the refusal", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Refused, "2026-06-01"), review('a', inventory.Accepted, "2026-06-01")}, false, Manual, fact.Rejected, PaperRefused},
		{"of one day the refusal, written last", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Accepted, "2026-06-01"), review('a', inventory.Refused, "2026-06-01")}, false, Manual, fact.Rejected, PaperRefused},
		{"a review of another file", []inventory.Attestation{met}, []inventory.Review{review('c', inventory.Refused, "2026-06-01")}, false, Pass, "", PaperInForce},
		{"a review of tomorrow", []inventory.Attestation{met}, []inventory.Review{review('a', inventory.Accepted, "2026-11-25")}, true, Manual, fact.Unreviewed, PaperUnreviewed},
		{"no review where one is asked for", []inventory.Attestation{met}, nil, true, Manual, fact.Unreviewed, PaperUnreviewed},
		{"a refusal does not revive the older", []inventory.Attestation{met, older}, []inventory.Review{review('a', inventory.Refused, "2026-06-01")}, false, Manual, fact.Rejected, PaperRefused},
		{"a better copy takes its place", []inventory.Attestation{met, copied}, []inventory.Review{review('a', inventory.Refused, "2026-06-01")}, false, Pass, "", PaperInForce},
		{"and in that of one that was changed", []inventory.Attestation{with(func(a *inventory.Attestation) { a.SHA256 = shaOf('c') }), copied}, nil, false, Pass, "", PaperInForce},
		{"a person's word without a document", []inventory.Attestation{met, admitted}, nil, true, Fail, "", PaperStated},
		{"a refused not-met is not met", []inventory.Attestation{paperOff, copied}, []inventory.Review{review('a', inventory.Refused, "2026-06-01")}, false, Manual, fact.Rejected, PaperRefused},
		{"not met needs no acceptance", []inventory.Attestation{paperOff}, nil, true, Fail, "", PaperInForce},
		{"an accepted not-met stays", []inventory.Attestation{paperOff}, []inventory.Review{review('a', inventory.Accepted, "2026-06-01")}, true, Fail, "", PaperAccepted},
		{"met without a document", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Document, a.SHA256 = "", "" })}, nil, false, Manual, fact.NoEvidence, PaperMissing},
		{"neither met nor not", []inventory.Attestation{with(func(a *inventory.Attestation) { a.Result = "partly" })}, nil, false, Manual, fact.NoEvidence, PaperMissing},
		{"neither accepted nor refused", []inventory.Attestation{met}, []inventory.Review{review('a', "doubted", "2026-06-01")}, true, Manual, fact.Unreviewed, PaperUnreviewed},
		{"the end of a not-met does not revive the older", []inventory.Attestation{spent, older}, nil, false, Manual, fact.Expired, PaperExpired},
	} {
		p, err := policyOf(t, attestedRest)
		if err != nil {
			t.Fatal(err)
		}
		p.Accepted = c.accepted
		u := unit()
		u.Attestations, u.Reviews = c.as, c.rs
		f := p.Judge(Case{Unit: u, Observations: []fact.Observation{paperAt("a.pdf", 'a'), paperAt("b.pdf", 'b')}, At: day}).Requirements[0].Findings[0]
		if f.Verdict != c.want || c.cause != "" && f.Missing[0].Cause != c.cause || f.Papers[0].State != c.state {
			t.Errorf("%s: %v %+v, first paper %q; want %v %s %q", c.name, f.Verdict, f.Missing, f.Papers[0].State, c.want, c.cause, c.state)
		}
		if c.cause == fact.Rejected && !strings.Contains(f.Missing[0].Detail, "Lê Minh on 2026-06-01: chưa đóng dấu") {
			t.Errorf("%s: the reason is not told: %q", c.name, f.Missing[0].Detail)
		}
	}
}

// Whatever is attested and reviewed: a review never turns a fail into a pass,
// and no end of a document turns what awaits one into a pass.
func TestReviewsAndEndsNeverImprove(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	first := on("2026-01-01")
	p, err := policyOf(t, attestedRest)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[[2]Verdict]int{}
	for range 4000 {
		p.Accepted = r.IntN(2) == 0
		u := unit()
		for range 1 + r.IntN(4) {
			d := rune('a' + r.IntN(3))
			a := inventory.Attestation{Requirement: "RR-01", Document: string(d) + ".pdf", SHA256: shaOf(rune('a' + r.IntN(3))), Issued: inventory.Date{Time: first.AddDate(0, 0, r.IntN(60))}, Signer: "x"}
			if r.IntN(3) == 0 {
				a.Result = inventory.NotMet
			}
			if r.IntN(2) == 0 {
				a.Until = inventory.Date{Time: a.Issued.AddDate(0, 0, r.IntN(120))}
			}
			u.Attestations = append(u.Attestations, a)
		}
		say := func() inventory.Review {
			v := inventory.Review{Requirement: "RR-01", SHA256: shaOf(rune('a' + r.IntN(3))), Result: inventory.Accepted, By: "y", On: inventory.Date{Time: first.AddDate(0, 0, r.IntN(60))}}
			if r.IntN(2) == 0 {
				v.Result = inventory.Refused
			}
			return v
		}
		for range r.IntN(3) {
			u.Reviews = append(u.Reviews, say())
		}
		obs := []fact.Observation{paperAt("a.pdf", 'a'), paperAt("b.pdf", 'b')}
		at := first.AddDate(0, 0, 60+r.IntN(60)) // after the last that is issued or said
		told := func(u inventory.Unit, at time.Time) Verdict {
			return p.Judge(Case{Unit: u, Observations: obs, At: at}).Requirements[0].Findings[0].Verdict
		}
		before, later := told(u, at), told(u, at.AddDate(0, 0, r.IntN(400)))
		if before != later {
			seen[[2]Verdict{before, later}]++
		}
		if later == Pass && before != Pass {
			t.Fatalf("as days passed %v became %v: %+v", before, later, u)
		}
		more := u
		more.Reviews = append(append([]inventory.Review(nil), u.Reviews...), say())
		if after := told(more, at); before == Fail && after == Pass {
			t.Fatalf("a review made a fail a pass: %+v", more)
		}
	}
	if seen[[2]Verdict{Pass, Manual}] == 0 || seen[[2]Verdict{Fail, Manual}] == 0 {
		t.Errorf("the cases are too tame: %v", seen)
	}
}

func TestDaysLeft(t *testing.T) {
	for _, c := range []struct {
		at   string
		left int
		warn bool
		want Verdict
	}{
		{"2026-11-29T00:00:00+07:00", 31, false, Pass},
		{"2026-11-30T09:00:00+07:00", 30, true, Pass},
		{"2026-12-30T23:59:59+07:00", 0, true, Pass},
		{"2026-12-31T00:00:00+07:00", -1, false, Manual},
	} {
		u := unit()
		u.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-03-01"), Until: on("2026-12-30"), Signer: "x"}}
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		f := judged(t, Case{Unit: u, Observations: []fact.Observation{paperAt("a.pdf", 'a')}, At: at}, attestedRest).Requirements[0].Findings[0]
		if f.Verdict != c.want || *f.Papers[0].DaysLeft != c.left || (len(f.Warnings) > 0) != c.warn {
			t.Errorf("%s: %v, %d days left, warnings %v; want %+v", c.at, f.Verdict, *f.Papers[0].DaysLeft, f.Warnings, c)
		}
	}
}

// What was seen needs no document: none is told beside it, and none is warned
// of.
func TestPapersWhereSightDecides(t *testing.T) {
	const either = "  scope: endpoint\n  expect: '!door.state.open || attest.met'\n"
	open := whole()
	open.Open = true
	for name, c := range map[string]struct {
		d      door
		result inventory.Result
		want   Verdict
		papers int
	}{
		"seen shut":              {whole(), inventory.Met, Pass, 0},
		"seen open, attested":    {open, inventory.Met, Pass, 1},
		"seen open, not met too": {open, inventory.NotMet, Fail, 1},
	} {
		u := unit()
		u.Attestations = []inventory.Attestation{{Requirement: "RR-01", Result: c.result, Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-03-01"), Until: on("2026-12-01"), Signer: "x"}}
		f := judged(t, Case{Unit: u, Observations: []fact.Observation{see(t, c.d), paperAt("a.pdf", 'a')}}, either).Requirements[0].Findings[0]
		if f.Verdict != c.want || len(f.Papers) != c.papers || (len(f.Warnings) > 0) != (c.papers > 0 && c.want == Pass) {
			t.Errorf("%s: %v, %d papers, warnings %v", name, f.Verdict, len(f.Papers), f.Warnings)
		}
	}
}

func TestEvidence(t *testing.T) {
	p, err := policyOf(t, attestedRest, closed, "  scope: endpoint\n  expect: '!door.state.open || attest.met'\n")
	if err != nil {
		t.Fatal(err)
	}
	u := unit()
	u.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-03-01"), Signer: "x"}}
	got := p.Evidence(Case{Unit: u, Observations: []fact.Observation{paperAt("a.pdf", 'a')}, At: day})
	if len(got) != 2 || got[0].ID != "RR-01" || !got[0].Alone || got[0].Met == nil || !*got[0].Met || got[0].Papers[0].CountsUntil.Format(time.DateOnly) != "2027-02-28" {
		t.Errorf("evidence: %+v", got)
	}
	if got[1].ID != "RR-03" || got[1].Alone || got[1].Why == nil || got[1].Why.Cause != fact.NoEvidence {
		t.Errorf("evidence: %+v", got[1])
	}
}

// A document of the last day of a month ends with the month in which its term
// does, and not days later.
func TestTermEndsWithItsMonth(t *testing.T) {
	rest := strings.Replace(attestedRest, "valid_months: 12", "valid_months: 6", 1)
	u := unit()
	u.Attestations = []inventory.Attestation{{Requirement: "RR-01", Document: "a.pdf", SHA256: shaOf('a'), Issued: on("2026-08-31"), Signer: "x"}}
	for at, want := range map[string]Verdict{"2027-02-28": Pass, "2027-03-01": Manual, "2027-03-02": Manual} {
		f := judged(t, Case{Unit: u, Observations: []fact.Observation{paperAt("a.pdf", 'a')}, At: on(at).Time}, rest).Requirements[0].Findings[0]
		if last := f.Papers[0].CountsUntil.Format(time.DateOnly); f.Verdict != want || last != "2027-02-28" {
			t.Errorf("on %s: %v, counts until %s; want %v", at, f.Verdict, last, want)
		}
	}
}
