package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/rollup"
)

//go:embed page/rollup/rollup.tmpl
var rollTemplate string

//go:embed page/rollup/rollup.css
var rollStyle string

// maxDead bounds the table of endpoints that did not answer; XLSX has all.
const maxDead = 1000

// rollPage is what the template is filled with.
type rollPage struct {
	rollup.Rollup
	Lang                                     lang.Lang
	Name, Sentence, Silence, Problems, Zones string
	State                                    lang.Text
	DeadShown                                []rollup.Dead
	DeadMore                                 string
	Groups                                   []unitGroup
}

// unitGroup is the units of one province, or those of none.
type unitGroup struct {
	Name  string
	Units []rollup.Line
}

var rollPageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("rollup").Funcs(rollFunctions(rollup.Rollup{}, lang.Vi)).Parse(rollTemplate))
})

func rollupHTML(w io.Writer, r rollup.Rollup, o RollupOptions) error {
	l := o.Lang
	p := rollPage{Rollup: r, Lang: l, Name: upperFirst(runName(r.Run, l)), State: runState(r.Run), Zones: zonesOf(r.Run, l), Sentence: countSentence(lang.T("Toàn bộ", "In all").In(l), r.Total, l),
		Silence: silence(r.Total, l), Problems: strings.TrimSpace(leftOut(r.Run, l) + " " + problems(r.Run, l)), DeadShown: r.Dead, Groups: unitGroups(r, l)}
	if n := len(r.Dead); n > maxDead {
		p.DeadShown, p.DeadMore = r.Dead[:maxDead], more(n-maxDead)
	}
	page, err := rollPageTemplate().Clone()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := page.Funcs(rollFunctions(r, l)).Execute(&b, p); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// unitGroups puts units by province, in the order of the list, the others last.
func unitGroups(r rollup.Rollup, l lang.Lang) []unitGroup {
	index := map[string]int{}
	var out []unitGroup
	for i, p := range r.Provinces {
		index[p.ID] = i
		out = append(out, unitGroup{Name: provinceName(p, l)})
	}
	var others unitGroup
	for _, u := range r.Units {
		if i, in := index[u.Province]; in && u.Province != "" {
			out[i].Units = append(out[i].Units, u)
		} else {
			others.Units = append(others.Units, u)
		}
	}
	if len(others.Units) > 0 {
		others.Name = lang.T("Không thuộc tỉnh nào", "Of no province").In(l)
		out = append([]unitGroup{others}, out...)
	}
	return out
}

// slice is a part of a bar, in thousandths of its length.
type slice struct {
	Class string
	X, W  float64
}

// stack is a bar of all the units counted, and what it says in words.
type stack struct {
	Label string
	Parts []slice
}

// barOrder parts red from green, which not everybody can tell apart.
var barOrder = []rollup.Outcome{rollup.Ready, rollup.Undetermined, rollup.NotReady, rollup.Partly, rollup.Unchecked}

func stackOf(c rollup.Count, l lang.Lang) stack {
	var s stack
	var said []string
	x := 0
	for _, o := range barOrder {
		n := c.Of(o)
		if n == 0 {
			continue
		}
		from, to := tenths(x, c.Listed), tenths(x+n, c.Listed)
		s.Parts = append(s.Parts, slice{string(o), from, to - from})
		said = append(said, outcomeWord(o, l)+" "+number(n, l))
		x += n
	}
	s.Label = strings.Join(said, ", ")
	return s
}

// tenths is a share in thousandths, to one place.
func tenths(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(10000*n/of) / 10
}

// legendRow explains a colour and gives its figure.
type legendRow struct {
	Class, Word, Share string
	N                  int
}

func legend(c rollup.Count, l lang.Lang) []legendRow {
	var out []legendRow
	for _, o := range barOrder {
		n, of := c.Of(o), c.Checked
		if !o.Checked() {
			of = c.Listed
		}
		if n > 0 || o.Checked() {
			what := share(n, of, l)
			if what != "" {
				what += lang.Tf(" của %d", " of %d", of).In(l)
			}
			out = append(out, legendRow{string(o), strings.ToLower(outcomeWord(o, l)), what, n})
		}
	}
	return out
}

func rollFunctions(r rollup.Rollup, l lang.Lang) template.FuncMap {
	return template.FuncMap{
		"t":        func(vi, en string) string { return lang.T(vi, en).In(l) },
		"in":       func(x lang.Text) string { return clean(x.In(l)) },
		"css":      func() template.CSS { return template.CSS(stylesheet + rollStyle) }, //nolint:gosec // our own files
		"caveat":   func() string { return caveat.In(l) },
		"moment":   func(t time.Time) string { return moment(t, l) },
		"day":      func(t time.Time) string { return day(t, l) },
		"n":        func(n int) string { return number(n, l) },
		"outside":  outside,
		"short":    short,
		"severity": func(s judge.Severity) string { return s.Text().In(l) },
		"kind":     func(k inventory.UnitKind) string { return kindName(k, l) },
		"province": func(p rollup.Province) string { return provinceName(p, l) },
		"cause":    func(c fact.Cause) string { return causeName(c, l) },
		"why":      func(d rollup.Dead) string { return deadWhy(d, l) },
		"sign":     func(o rollup.Outcome) string { return outcomeSigns[o] },
		"word":     func(o rollup.Outcome) string { return outcomeWord(o, l) },
		"stack":    func(c rollup.Count) stack { return stackOf(c, l) },
		"legend":   func(c rollup.Count) []legendRow { return legend(c, l) },
		"bar":      func(n, of int, class string) slice { return slice{class, 0, tenths(n, of)} },
		"hue": func(n int, class string) string {
			if n == 0 {
				return "quiet"
			}
			return class
		},
		"checked": func() []rollup.Outcome {
			return []rollup.Outcome{rollup.Ready, rollup.Undetermined, rollup.NotReady}
		},
		"flow": func(from, to rollup.Outcome) int {
			for _, f := range r.Changes.Flows {
				if f.From == from && f.To == to {
					return f.Units
				}
			}
			return 0
		},
		"sentences": func() []string { return changeSentences(r, l) },
		"few":       func(ids []string) string { return clean(strings.Join(firstFew(ids, 6), " ")) },
		"howCounted": func() []string {
			var out []string
			for _, h := range howCounted {
				out = append(out, h.In(l))
			}
			return out
		},
	}
}
