package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// supply is one thing to do so that requirements can be judged: the same cause
// at the same places, however many requirements wait for it.
type supply struct {
	placeList
	Cause   string
	Act     string
	Ask     []string // who runs the systems that the unit only uses, and has their documents
	Waiting []waiting
	Details []string
}

// waiting is a requirement that could not be judged.
type waiting struct {
	judge.Result
	Lacks    []string // labels of the facts that it lacks
	Document string   // what document is asked for, if the gap is one
}

// supplies lists what to supply, in the order of judge.Report.SupplyFirst.
func (v view) supplies() []supply {
	var out []supply
	index := map[string]int{}
	for _, res := range v.SupplyFirst() {
		for _, g := range v.gaps(res) {
			key := fmt.Sprint(g.Cause, g.Act, g.Places)
			i, ok := index[key]
			if !ok {
				index[key] = len(out)
				out = append(out, g)
				continue
			}
			out[i].Waiting = append(out[i].Waiting, g.Waiting...)
			out[i].Details = addNew(out[i].Details, g.Details...)
			out[i].Ask = addNew(out[i].Ask, g.Ask...)
		}
	}
	return out
}

// gaps tells what one requirement lacks, by cause and remedy.
func (v view) gaps(res judge.Result) []supply {
	var out []supply
	at := func(cause fact.Cause, act lang.Text) *supply {
		c, a := v.in(causeText(cause)), v.in(act)
		i := slices.IndexFunc(out, func(s supply) bool { return s.Cause == c && s.Act == a })
		if i < 0 {
			w := waiting{Result: res}
			if isPaper(cause) && res.Evidence != nil {
				w.Document = v.document(res)
			}
			i, out = len(out), append(out, supply{Cause: c, Act: a, Waiting: []waiting{w}})
		}
		return &out[i]
	}
	for _, f := range res.Findings {
		if f.Verdict != judge.Inconclusive && f.Verdict != judge.Manual {
			continue
		}
		missing := f.Missing
		if len(missing) == 0 { // a verdict without its reason is our defect, and must not vanish
			missing = []judge.Missing{{Cause: fact.Broken, Label: lang.T("lý do", "the reason")}}
		}
		for _, m := range missing {
			s := at(m.Cause, remedy(m))
			s.add(v.place(f))
			if isPaper(m.Cause) {
				s.Ask = addNew(s.Ask, v.runBy(f.System)...)
			}
			w := &s.Waiting[0]
			w.Lacks = addNew(w.Lacks, v.lackLabel(m))
			s.Details = addNew(s.Details, v.lackDetail(m))
		}
	}
	if len(out) == 0 {
		at(fact.Broken, remedies[fact.Broken])
	}
	return out
}

// runBy names who runs a system that the unit only uses, and which.
func (v view) runBy(system string) []string {
	for _, s := range v.RunByOthers {
		if s.ID == system && s.Operator != nil {
			return []string{outside(s.Operator.Name, 120) + " (" + outside(s.ID, 60) + ")"}
		}
	}
	return nil
}

// document says what document a requirement asks for and how long it counts, at
// the levels that it is asked of.
func (v view) document(res judge.Result) string {
	e := res.Evidence
	s := strings.TrimSuffix(v.in(e.What), ".")
	counts := map[int]int{} // months by level
	for _, f := range res.Findings {
		if f.Verdict == judge.NotApplicable {
			continue
		}
		counts[f.Level] = e.ValidMonths
		if m, own := e.ValidMonthsByLevel[strconv.Itoa(min(max(f.Level, 2), 4))]; own { // as judge does
			counts[f.Level] = m
		}
	}
	levels := slices.Sorted(maps.Keys(counts))
	alike := len(slices.Compact(slices.Sorted(maps.Values(counts)))) == 1
	var parts []string
	for _, level := range levels {
		switch m := counts[level]; {
		case m == 0:
		case alike:
			return s + v.in(lang.Tf(" (có giá trị %s kể từ ngày ban hành)", " (counts for %s from its date of issue)", v.months(m)))
		default:
			parts = append(parts, v.in(lang.Tf("%s ở cấp độ %d", "%s at level %d", v.months(m), level)))
		}
	}
	if parts == nil {
		return s
	}
	return s + v.in(lang.Tf(" (có giá trị kể từ ngày ban hành: %s)", " (counts from its date of issue: %s)", strings.Join(parts, ", ")))
}

func (v view) months(n int) string {
	if n == 1 {
		return v.in(lang.T("1 tháng", "1 month"))
	}
	return v.in(lang.Tf("%d tháng", "%d months", n))
}

// lackLabel names a missing part of a fact. Where a whole fact is missing the
// cause says enough, and so it does of a document.
func (v view) lackLabel(m judge.Missing) string {
	root, _, _ := strings.Cut(m.Path, ".")
	if isPaper(m.Cause) || root != "vantage" && strings.Count(m.Path, ".") == 1 {
		return ""
	}
	return outside(v.in(m.Label), maxString)
}

func isPaper(c fact.Cause) bool {
	return c == fact.NoEvidence || c == fact.Changed || c == fact.Expired || c == fact.Rejected || c == fact.Unreviewed
}
