package checks

import (
	"context"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/templates"
)

// Findings is the fact of a set of templates at one endpoint. A list with
// something in it holds what was found even where other templates were not
// answered; an empty one means that each of its severity was. Shown alone
// leaves aside what Hidden lists: who judges by it must judge by both.
type Findings struct {
	Templates  int                   `json:"templates" vi:"số mẫu đã chọn cho điểm kết nối này" en:"templates selected for this endpoint"`
	Answered   int                   `json:"answered" vi:"số mẫu có câu trả lời" en:"templates answered"`
	Refused    int                   `json:"refused" vi:"số mẫu bị từ chối, không chạy" en:"templates refused and not run"`
	Found      fact.Maybe[[]Finding] `json:"found" vi:"đã tìm thấy" en:"found"`
	Critical   fact.Maybe[[]Finding] `json:"critical" vi:"tìm thấy, mức nghiêm trọng" en:"found, critical"`
	High       fact.Maybe[[]Finding] `json:"high" vi:"tìm thấy, mức cao" en:"found, high"`
	Medium     fact.Maybe[[]Finding] `json:"medium" vi:"tìm thấy, mức trung bình" en:"found, medium"`
	Low        fact.Maybe[[]Finding] `json:"low" vi:"tìm thấy, mức thấp" en:"found, low"`
	Shown      fact.Maybe[[]Finding] `json:"shown" vi:"đã tìm thấy, không kể sản phẩm giấu phiên bản" en:"found, leaving aside products that hide their version"`
	Hidden     []string              `json:"hidden" vi:"các mẫu gặp sản phẩm nhưng sản phẩm không cho biết phiên bản" en:"templates whose product is there and does not tell its version"`
	Unanswered []string              `json:"unanswered" vi:"các mẫu chưa có câu trả lời (tối đa 20)" en:"templates without an answer (20 at most)"`
}

// Finding is one template that found what it looks for.
type Finding struct {
	ID        string   `json:"id" vi:"mã mẫu" en:"template"`
	Name      string   `json:"name" vi:"tên" en:"name"`
	Severity  string   `json:"severity" vi:"mức" en:"severity"`
	CVEs      []string `json:"cves" vi:"mã CVE" en:"CVE"`
	At        string   `json:"at" vi:"ở đâu" en:"where"`
	Extracted []string `json:"extracted" vi:"giá trị đọc được" en:"values read"`
}

// mostUnanswered bounds the list of names; the count is not bounded.
const mostUnanswered = 20

// Refused is a template of a set that is not run, of a severity that its text
// claims; empty: it could not be read.
type Refused struct{ ID, Severity string }

// NewSet makes the check that says what a set of template checks found.
func NewSet(id string, members []*Check, refused []Refused) *Check {
	return newSet(id, fact.Probed, members, refused)
}

func newSet(id string, known fact.Way, members []*Check, refused []Refused) *Check {
	s := set{members, refused}
	return &Check{ID: id, Speaks: inventory.OverTCP, Touch: Passive, Known: known, MayRead: members, Fact: typeOf[Findings](known),
		applies: s.appliesTo,
		observe: func(_ context.Context, p *Probe) (any, error) { return s.findings(p) },
	}
}

type set struct {
	members []*Check
	refused []Refused
}

func (s set) appliesTo(e inventory.Endpoint) bool {
	return slices.ContainsFunc(s.members, func(c *Check) bool { return c.AppliesTo(e) }) || len(s.refused) > 0 && e.Kind != inventory.Host
}

// findings reads off the answers of the members. A refused template counts as
// one without an answer wherever the set is asked for. Where none was answered
// nothing is known.
func (s set) findings(p *Probe) (Findings, error) {
	f := Findings{Refused: len(s.refused), Hidden: []string{}, Unanswered: []string{}}
	found := []Finding{}
	unseen := map[string]*fact.Unknown{} // by severity, "" for any, and beside for any that is not hidden
	const beside = "beside what is hidden"
	miss := func(id, severity string, u *fact.Unknown) {
		of := []string{severity, "", beside}
		if strings.HasSuffix(u.Detail, hidesVersion) {
			f.Hidden, of = append(f.Hidden, id), of[:2]
		} else if len(f.Unanswered) < mostUnanswered {
			f.Unanswered = append(f.Unanswered, id)
		}
		for _, of := range of {
			if unseen[of] == nil {
				unseen[of] = u
			}
		}
	}
	for _, c := range s.members {
		if !c.AppliesTo(p.Endpoint) {
			continue
		}
		f.Templates++
		t, err := c.Template()
		if err != nil {
			return f, err
		}
		m, u := Glance[Match](p, c)
		if u != nil {
			miss(c.ID, severityOf(t.Severity), u)
			continue
		}
		f.Answered++
		if m.Found {
			found = append(found, finding(c, t, m))
		}
	}
	for _, r := range s.refused {
		u := fact.Because(fact.Skipped, "template "+r.ID+" is refused")
		if r == noneGiven {
			u.Detail = "no templates were given"
		}
		if r.Severity == "" { // it may have been of any
			for _, sev := range []string{"critical", "high", "medium", "low"} {
				if unseen[sev] == nil {
					unseen[sev] = u
				}
			}
		}
		miss(r.ID, severityOf(r.Severity), u)
	}
	if f.Answered == 0 && unseen[""] != nil {
		return f, unseen[""]
	}
	of := func(severity string) fact.Maybe[[]Finding] {
		these := []Finding{}
		for _, x := range found {
			if severity == "" || severity == beside || x.Severity == severity {
				these = append(these, x)
			}
		}
		if len(these) == 0 && unseen[severity] != nil {
			return fact.Not[[]Finding](unseen[severity])
		}
		return fact.Known(these)
	}
	f.Shown = of(beside)
	f.Found, f.Critical, f.High, f.Medium, f.Low = of(""), of("critical"), of("high"), of("medium"), of("low")
	return f, nil
}

func finding(c *Check, t *templates.Template, m Match) Finding {
	f := Finding{ID: t.ID, Name: t.Name, Severity: severityOf(t.Severity), CVEs: t.CVEs, At: m.At, Extracted: m.Extracted}
	if d := c.Doc(); d.Title.Whole() {
		f.Name = d.Title.Vi + " / " + d.Title.En
	}
	if f.CVEs == nil {
		f.CVEs = []string{}
	}
	return f
}

// severityOf takes what says no severity for the gravest: a policy that asks
// whether anything grave was found must not pass by it.
func severityOf(s string) string {
	if s = strings.ToLower(s); slices.Contains([]string{"info", "low", "medium", "high", "critical"}, s) {
		return s
	}
	return "critical"
}
