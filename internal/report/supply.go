package report

import (
	"fmt"
	"maps"
	"slices"
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
				w.Document = v.document(res.Evidence)
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

// document says what document a requirement asks for and how long it counts.
func (v view) document(e *judge.EvidenceRule) string {
	s := strings.TrimSuffix(v.in(e.What), ".")
	if e.ValidMonths == 0 {
		return s
	}
	s += v.in(lang.Tf(" (có giá trị %d tháng kể từ ngày ban hành", " (counts for %d months from its date of issue", e.ValidMonths))
	for _, level := range slices.Sorted(maps.Keys(e.ValidMonthsByLevel)) {
		s += v.in(lang.Tf("; cấp độ %s: %d tháng", "; level %s: %d months", level, e.ValidMonthsByLevel[level]))
	}
	return s + ")"
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
