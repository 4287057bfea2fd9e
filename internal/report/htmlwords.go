package report

import (
	"html/template"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// signs stand beside the word of a verdict, so that colour is never the only
// sign. All are in the common fonts and none is an emoji.
var signs = map[judge.Verdict]string{
	judge.Pass: "✓", judge.Fail: "✗", judge.Inconclusive: "?", judge.Manual: "✎", judge.Waived: "◐", judge.NotApplicable: "–",
}

var unitSigns = map[judge.UnitVerdict]string{judge.Ready: "✓", judge.NotReady: "✗", judge.Undetermined: "?"}

// functions are what the templates may call, in the language of a view.
func functions(v view) template.FuncMap {
	return template.FuncMap{
		"t":            func(vi, en string) string { return v.in(lang.T(vi, en)) },
		"in":           v.in,
		"css":          func() template.CSS { return template.CSS(stylesheet) }, //nolint:gosec // our own file
		"caveat":       func() string { return v.in(caveat) },
		"moment":       func(t time.Time) string { return moment(t, v.lang) },
		"day":          func(t time.Time) string { return day(t, v.lang) },
		"date":         func(d inventory.Date) string { return day(d.Time, v.lang) },
		"number":       func(n int64) string { return number(n, v.lang) },
		"outside":      outside,
		"law":          v.law,
		"document":     v.document,
		"known":        v.known,
		"unusual":      unusual,
		"aside":        v.aside,
		"severity":     func(s judge.Severity) string { return v.in(s.Text()) },
		"strength":     func(s judge.Strength) string { return v.in(s.Text()) },
		"kind":         func(k inventory.UnitKind) string { return v.in(kindWords[k]) },
		"denominators": func() string { return v.in(v.denominators()) },
		"sign":         func(x judge.Verdict) string { return signs[x] },
		"unitSign":     func(x judge.UnitVerdict) string { return unitSigns[x] },
		"meaning":      func(x judge.Verdict) string { return v.in(verdictMeanings[x]) },
		"unitMeaning":  func(x judge.UnitVerdict) string { return v.in(unitMeanings[x]) },
		"verdicts":     func() []judge.Verdict { return shownVerdicts },
		"unitVerdicts": func() []judge.UnitVerdict {
			return []judge.UnitVerdict{judge.Ready, judge.NotReady, judge.Undetermined}
		},
		"fix":      func(t lang.Text) guided { lead, guide := parted(v.in(t)); return guided{lead, guide} },
		"upper":    upperFirst,
		"sentence": sentence,
		"few":      fewPlaces,
		"inline":   placesInLine,
		"from":     v.fromZone,
		"zone":     func(z inventory.Zone) string { return v.in(z.Text()) },
	}
}

// shownVerdicts is the order of columns and of the glossary.
var shownVerdicts = []judge.Verdict{judge.Pass, judge.Fail, judge.Inconclusive, judge.Manual, judge.Waived, judge.NotApplicable}

// somePlaces is the beginning of a list of places.
type somePlaces struct {
	Places []place
	More   string // how many follow; empty: none
	Brief  bool   // names alone, in one line; their targets are in the table of endpoints
}

// fewPlaces names up to n places in full.
func fewPlaces(n int, ps []place) somePlaces {
	return somePlaces{Places: ps[:min(n, len(ps))], More: more(max(0, len(ps)-n))}
}

// placesInLine names a few places in full, more of them by name alone.
func placesInLine(ps []place) somePlaces {
	const inFull, most = 2, 60
	s := fewPlaces(most, ps)
	s.Brief = len(ps) > inFull
	return s
}

// guided is a fix in its two parts.
type guided struct{ Lead, Guide string }
