package policies_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/policies"
)

// catalogue is what the catalogue of requirements says of each of the 90:
// strength, severity, and levels 2, 3 and 4: M mandatory, R recommended, P
// mandatory for the part that the level has, - none.
const catalogue = `
ORG-01 A critical -MM   ORG-02 A high MMM   ORG-03 A high MMM
ORG-04 A high MMM   ORG-05 A high MMM   ORG-06 A high MMM
ORG-07 A critical -MM   ORG-08 A critical -MM   ORG-09 A critical -MM
ORG-10 A high MMM   ORG-11 A medium MMM   ORG-12 A high MMM
ORG-13 A medium MMM   ORG-14 A medium MMM   ORG-15 B high MMM
ORG-16 A critical MMM   NET-01 A high MMM   NET-02 A high RMM
NET-03 B critical -MM   NET-04 A critical MMM   NET-05 A high -MM
NET-06 A high MMM   NET-07 A medium PMM   NET-08 A medium MMM
NET-09 A medium MMM   EXP-01 B critical MMM   EXP-02 B high MMM
EXP-03 B critical MMM   EXP-04 B critical MMM   EXP-05 B critical MMM
EXP-06 B high MMM   EXP-07 B critical MMM   EXP-08 C medium RRM
TLS-01 A critical MMM   TLS-02 A critical MMM   TLS-03 A high MMM
TLS-04 B critical MMM   TLS-05 B high RMM   TLS-06 B critical MMM
TLS-07 B high MMM   TLS-08 C medium RRR   TLS-09 B critical MMM
TLS-10 C medium -RM   SSH-01 A critical MMM   SSH-02 B high MMM
SSH-03 B high MMM   SSH-04 B high MMM   SSH-05 B medium RMM
SSH-06 B high MMM   WEB-01 B high MMM   WEB-02 C medium RRR
WEB-03 C medium RRR   WEB-04 C low RRR   WEB-05 B high RMM
WEB-06 B medium RMM   WEB-07 B critical MMM   WEB-08 B medium RMM
WEB-09 B critical MMM   WEB-10 B medium RMM   VULN-01 A high MMM
VULN-02 B critical MMM   VULN-03 B high RMM   VULN-04 B high RMM
VULN-05 A high -MM   VULN-06 A high RMM   VULN-07 A critical MMM
ACC-01 A critical MMM   ACC-02 A high MMM   ACC-03 A high MMM
ACC-04 A medium RRR   ACC-05 A medium RMM   ACC-06 A critical -MM
LOG-01 A high MMM   LOG-02 A high MMM   LOG-03 A medium MMM
LOG-04 A high -MM   END-01 A high MMM   END-02 A high MMM
END-03 A medium MMM   END-04 B high -MM   DAT-01 A high PMM
DAT-02 A medium -MM   DAT-03 A high PMM   DAT-04 A medium MMM
DAT-05 A medium -MM   DAT-06 A medium MMM   DNS-01 A medium RRR
DNS-02 B high RMM   MAIL-01 B medium RRM   MAIL-02 A medium MMM
`

var force = map[byte]judge.Force{'M': judge.Mandatory, 'P': judge.Mandatory, 'R': judge.Recommended, '-': ""}

// The requirements are those of the catalogue, as firm and as grave.
func TestRequirementsFollowTheCatalogue(t *testing.T) {
	lib, err := judge.ReadLibrary(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Fields(catalogue)
	if len(rows) != 4*90 {
		t.Fatalf("%d fields, want four for each of 90", len(rows))
	}
	for row := range slices.Chunk(rows, 4) {
		id, levels := row[0], row[3]
		r := lib.Requirements[id]
		if r == nil {
			t.Errorf("there is no %s", id)
			continue
		}
		if got := []string{string(r.Strength), string(r.Severity)}; !slices.Equal(got, row[1:3]) {
			t.Errorf("%s is %v, the catalogue says %v", id, got, row[1:3])
		}
		for i, level := range []string{"2", "3", "4"} {
			want := force[levels[i]]
			if id == "ORG-01" && level == "2" {
				want = judge.Mandatory // it is what refuses the connection of a system of level 2
			}
			if r.Levels[level] != want {
				t.Errorf("%s at level %s is %q, the catalogue says %q", id, level, r.Levels[level], want)
			}
		}
	}
}

// Every basis names a law and a day from which it holds, every requirement
// says how much work its fix is.
func TestEveryBasisIsDated(t *testing.T) {
	for _, p := range shipped(t) {
		for _, r := range p.Requirements {
			if !slices.Contains([]judge.Effort{judge.LowEffort, judge.MediumEffort, judge.HighEffort}, r.Effort) {
				t.Errorf("%s: effort %q", r.ID, r.Effort)
			}
			for _, b := range r.Basis {
				if b.Law == "" || b.From.IsZero() {
					t.Errorf("%s: the basis %q %q has no date", r.ID, b.Law, b.Article)
				}
			}
		}
	}
}

// QCVN 12:2026/BCA binds systems that store documents: wherever it is cited, it
// is said that it is taken by analogy.
func TestAnalogyIsSaid(t *testing.T) {
	for _, p := range shipped(t) {
		for _, r := range p.Requirements {
			for _, b := range r.Basis {
				if strings.HasPrefix(b.Law, "QCVN 12") && !strings.Contains(b.Article, "áp dụng tương tự") {
					t.Errorf("%s of %s cites %s %s and does not say that it is by analogy", r.ID, p.ID, b.Law, b.Article)
				}
			}
		}
	}
}

// No text holds before it was made, nor one that replaced it while it still did.
func TestTheStandardHoldsFromItsPublication(t *testing.T) {
	laws := library(t).Laws
	was, is := laws["TCVN 14423:2025"], laws["TCVN 14423:2026"]
	if !was.Until.End().Equal(is.From.Time) {
		t.Errorf("TCVN 14423:2025 until %s, its successor from %s", was.Until, is.From)
	}
}

// The same clause was read in the same way wherever it is cited. Clauses of the
// old standard are not looked at: which goes with which is our own mapping.
func TestOneClauseHasOneStatus(t *testing.T) {
	remark := regexp.MustCompile(` \(.*\)`)
	seen := map[string]judge.Status{}
	for _, r := range load(t).Requirements {
		for _, b := range r.Basis {
			if strings.Contains(b.Article, "TCVN 11930:2017") {
				continue
			}
			for clause := range strings.SplitSeq(remark.ReplaceAllString(b.Article, ""), ", ") {
				key := b.Law + " " + clause
				if was, ok := seen[key]; ok && was != b.Status {
					t.Errorf("%s: %s is %s, elsewhere %s", r.ID, key, b.Status, was)
				}
				seen[key] = b.Status
			}
		}
	}
}

// A clause of the old standard is written as the annex of Circular 12/2022
// numbers it, and rested on that circular until its law ended.
func TestLegacyClauses(t *testing.T) {
	form := regexp.MustCompile(`^7\.[12](\.\d){1,3}((–|, )7\.[12](\.\d){1,3})*$|^7\.1 \(1\.6\)$`)
	then, now := time.Date(2023, 6, 1, 0, 0, 0, 0, inventory.Vietnam), time.Date(2026, 11, 24, 0, 0, 0, 0, inventory.Vietnam)
	circular := func(r *judge.Requirement, at time.Time) bool {
		return slices.ContainsFunc(r.InForce(at), func(b judge.Basis) bool { return b.Law == oldCircular })
	}
	for _, r := range load(t).Requirements {
		if r.Legacy != "" && !form.MatchString(r.Legacy) {
			t.Errorf("%s: %q is no clause of level 3 of TCVN 11930:2017", r.ID, r.Legacy)
		}
		if r.Legacy != "" && !circular(r, then) {
			t.Errorf("%s: has the old clause %s and rested on nothing in 2023", r.ID, r.Legacy)
		}
		if circular(r, now) {
			t.Errorf("%s: rests on a circular that has ended", r.ID)
		}
		for _, b := range r.Basis {
			if _, clause, ok := strings.Cut(b.Article, "(TCVN 11930:2017 "); ok && clause != r.Legacy+")" {
				t.Errorf("%s: rested on the old clause %s, not %s", r.ID, strings.TrimSuffix(clause, ")"), r.Legacy)
			}
		}
	}
}

const oldCircular = "Thông tư 12/2022/TT-BTTTT"

// Evidence says in both languages what it is, and when it ends at every level.
func TestEvidenceEnds(t *testing.T) {
	for _, r := range load(t).Requirements {
		if r.Evidence == nil {
			continue
		}
		bilingual(t, r.ID, map[string]lang.Text{"evidence": r.Evidence.What})
		if r.Evidence.From != "" { // the authorisation states its own end
			continue
		}
		for level := range r.Levels {
			if r.Evidence.ValidMonths == 0 && r.Evidence.ValidMonthsByLevel[level] == 0 {
				t.Errorf("%s: evidence of level %s never ends", r.ID, level)
			}
		}
	}
}

// What a finding says beside its verdict is there in both languages.
func TestRemarksInBothLanguages(t *testing.T) {
	for _, r := range load(t).Requirements {
		for _, rule := range append([]judge.Rule{r.Rule}, r.Also...) {
			for _, w := range rule.Warn {
				bilingual(t, r.ID, map[string]lang.Text{"warning": w.Say})
			}
			for _, s := range rule.Show {
				bilingual(t, r.ID, map[string]lang.Text{"remark": s.Say})
			}
		}
	}
}

var (
	placeholder = regexp.MustCompile(`<[^<>"=/]*>`)
	remarkAfter = regexp.MustCompile(`\s+#.*$`)
	vietnamese  = regexp.MustCompile(`[à-ỹ]`)
)

// The lines to paste are the same in both languages, but for what stands in
// angle brackets and for remarks.
func TestFixesPasteTheSame(t *testing.T) {
	bare := func(line string) string {
		return strings.TrimRight(remarkAfter.ReplaceAllString(placeholder.ReplaceAllString(line, "<>"), ""), " ")
	}
	compared := 0
	for _, r := range load(t).Requirements {
		vi, en := strings.Split(strings.TrimSpace(r.Fix.Vi), "\n"), strings.Split(strings.TrimSpace(r.Fix.En), "\n")
		if len(vi) != len(en) {
			t.Errorf("%s: the fix has %d lines in Vietnamese, %d in English", r.ID, len(vi), len(en))
			continue
		}
		for i := range vi {
			if !strings.HasPrefix(vi[i], "  ") || vietnamese.MatchString(strings.ToLower(bare(vi[i]))) {
				continue // a sentence
			}
			compared++
			if bare(vi[i]) != bare(en[i]) {
				t.Errorf("%s: line %d differs:\n%s\n%s", r.ID, i+1, vi[i], en[i])
			}
		}
	}
	if compared < 400 {
		t.Errorf("only %d lines to paste were found", compared)
	}
}
