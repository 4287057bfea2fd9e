package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// lack is what was missing for one cause.
type lack struct {
	Cause   string
	What    []string // labels of the missing facts
	Details []string // what the record says of it
}

// seen is a fact as it is told. From says from where it was seen, in a record
// of several places.
type seen struct{ Label, Value, From string }

// alike is findings of one requirement that tell the same, put together so
// that twenty endpoints failing in one way are one thing to read.
type alike struct {
	placeList
	Verdict     judge.Verdict
	Recommended bool // does not decide, in a requirement that does
	Saw         []seen
	Lacks       []lack
	Ways        []way // in which they are known
	Warnings    []string
	Waiver      *inventory.Waiver
	From, Until time.Time // when the facts were seen
	findings    []judge.Finding
}

// alike puts the findings of a result together, the verdict that wins first.
// Where the requirement concerns nothing but some places, the others are left
// out: that it does not concern them is in the JSON.
func (v view) alike(res judge.Result) []alike {
	var out []alike
	index := map[string]int{}
	for _, f := range res.Findings {
		if f.Verdict == judge.NotApplicable && res.Verdict != judge.NotApplicable {
			continue
		}
		a := v.tellFinding(res, f)
		key := fmt.Sprint(a.Verdict, a.Recommended, a.Saw, a.Ways, causes(a.Lacks), a.Warnings, a.Waiver)
		i, ok := index[key]
		if !ok {
			index[key] = len(out)
			out = append(out, a)
			continue
		}
		out[i].join(a)
	}
	slices.SortStableFunc(out, func(a, b alike) int {
		return cmp.Compare(slices.Index(judge.Verdicts, a.Verdict), slices.Index(judge.Verdicts, b.Verdict))
	})
	return out
}

// causes leaves out the details, which often name the one endpoint.
func causes(ls []lack) string {
	var b strings.Builder
	for _, l := range ls {
		b.WriteString(l.Cause + strconv.Quote(strings.Join(l.What, ",")))
	}
	return b.String()
}

func (v view) tellFinding(res judge.Result, f judge.Finding) alike {
	a := alike{Verdict: f.Verdict, Recommended: res.Decides && !f.Decides && f.Verdict != judge.NotApplicable,
		Lacks: v.lacks(f.Missing), Waiver: f.Waiver, findings: []judge.Finding{f}}
	a.add(v.place(f))
	a.Saw = v.seen(f.Saw)
	for _, s := range f.Saw {
		a.sawAt(s.At, s.At)
	}
	a.Ways = ways(f.Saw)
	if len(f.Saw) == 0 && (len(f.Papers) > 0 || v.attested(res)) {
		if a.Saw = v.said(f); a.Saw == nil {
			a.Saw = v.word(res.ID, f.Verdict)
		}
	}
	for _, w := range f.Warnings {
		a.Warnings = append(a.Warnings, clean(v.in(w)))
	}
	return a
}

// way is how facts are known; of what another tool reported, by which.
type way struct {
	fact.Way
	By fact.Teller
}

// ways lists how facts are known, each way once, the firmest first.
func ways(saw []judge.Saw) []way {
	var out []way
	for _, w := range fact.Ways {
		for _, s := range saw {
			told := way{Way: s.Known}
			if s.ToldBy != nil {
				told.By = *s.ToldBy
			}
			if s.Known == w && !slices.Contains(out, told) {
				out = append(out, told)
			}
		}
	}
	return out
}

// unusual is empty where all was observed: what goes without saying is said in
// the details only.
func unusual(ws []way) []way {
	if len(ws) == 1 && ws[0].Way == fact.Observed {
		return nil
	}
	return ws
}

// known tells how facts are known; empty where nothing says so.
func (v view) known(ws []way) string {
	var out []string
	for _, w := range ws {
		told := v.in(w.Text())
		if w.By.Tool != "" {
			told += " (" + outside(w.By.String(), maxString) + ")"
		}
		out = append(out, told)
	}
	return strings.Join(out, ", ")
}

// attested tells whether the unit file says something of a requirement.
func (v view) attested(res judge.Result) bool {
	u := v.doc.Assessment.Header.Unit
	if slices.ContainsFunc(v.doc.Assessment.Header.Attested, func(a inventory.Attestation) bool { return a.Requirement == res.ID }) {
		return true
	}
	if res.Evidence != nil && res.Evidence.From == "authorisation" {
		return u.Authorisation != nil
	}
	return slices.ContainsFunc(u.Attestations, func(a inventory.Attestation) bool { return a.Requirement == res.ID })
}

// word tells what a verdict rests on when nothing was looked at but a
// document: the word of the unit.
func (v view) word(id string, x judge.Verdict) []seen {
	label := v.in(v.whose(id))
	switch x {
	case judge.Pass:
		return []seen{{Label: label, Value: v.in(lang.T("đạt", "met"))}}
	case judge.Fail, judge.Waived:
		return []seen{{Label: label, Value: v.in(lang.T("chưa đạt", "not met"))}}
	case judge.Inconclusive, judge.Manual, judge.NotApplicable: // there is no word to rest on
	}
	return nil
}

func (a *alike) join(b alike) {
	a.add(b.Places...)
	a.findings = append(a.findings, b.findings...)
	a.sawAt(b.From, b.Until)
	for i, l := range b.Lacks { // the same causes in the same order: that is what alike means
		a.Lacks[i].Details = addNew(a.Lacks[i].Details, l.Details...)
	}
}

func (a *alike) sawAt(from, until time.Time) {
	if from.IsZero() {
		return
	}
	if a.From.IsZero() || from.Before(a.From) {
		a.From = from
	}
	if until.After(a.Until) {
		a.Until = until
	}
}

// seen tells facts; one that was seen alike from several places is told once.
func (v view) seen(saw []judge.Saw) []seen {
	var out []seen
	for _, s := range saw {
		told := seen{v.in(s.Label), v.at(s.Path, s.Value), ""}
		i := slices.IndexFunc(out, func(o seen) bool { return o.Label == told.Label && o.Value == told.Value })
		if i < 0 {
			i, out = len(out), append(out, told)
		}
		if from := v.zone(s.Zone); from != "" && !slices.Contains(strings.Split(out[i].From, ", "), from) {
			out[i].From += labelled(map[bool]string{true: ", "}[out[i].From != ""], from)
		}
	}
	for i, s := range out {
		if s.From != "" {
			out[i].From = v.from(s.From)
		}
	}
	return out
}

// zone says where something was seen from; empty in a record of one place,
// which is told once for all.
func (v view) zone(z inventory.Zone) string {
	if z == "" || len(v.doc.Assessment.Vantages()) < 2 {
		return ""
	}
	return v.in(z.Text())
}

// fromZone says where something was seen from, where that needs saying.
func (v view) fromZone(z inventory.Zone) string {
	if told := v.zone(z); told != "" {
		return v.from(told)
	}
	return ""
}

func (v view) from(zones string) string { return v.in(lang.Tf("nhìn từ %s", "seen from %s", zones)) }

// lackDetail tells what the record says of something that was not seen.
func (v view) lackDetail(m judge.Missing) string {
	told := v.detail(m.Detail)
	if from := v.fromZone(m.Zone); from != "" {
		return from + labelled(": ", told)
	}
	return told
}

// lacks puts what is missing together by cause, in the order of the finding.
func (v view) lacks(ms []judge.Missing) []lack {
	var out []lack
	for _, m := range ms {
		cause := v.in(causeText(m.Cause))
		i := slices.IndexFunc(out, func(l lack) bool { return l.Cause == cause })
		if i < 0 {
			i, out = len(out), append(out, lack{Cause: cause})
		}
		out[i].What = addNew(out[i].What, v.lackLabel(m))
		out[i].Details = addNew(out[i].Details, v.lackDetail(m))
	}
	return out
}

func causeText(c fact.Cause) lang.Text {
	if t := c.Text(); t.Whole() {
		return t
	}
	return fact.Broken.Text()
}

// addNew adds what is not empty and not there yet.
func addNew(to []string, ss ...string) []string {
	for _, s := range ss {
		if s != "" && !slices.Contains(to, s) {
			to = append(to, s)
		}
	}
	return to
}
