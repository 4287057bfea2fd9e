package report

import (
	"strings"

	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// keyDate is a day to keep in mind, as it is told.
type keyDate struct {
	Day, Left string
	Passed    bool
	Say       string
	IDs       []string
	Laws      []judge.Basis
}

// keyDates are the days that the policy names, in their order.
func (v view) keyDates() []keyDate {
	var out []keyDate
	for _, d := range v.Dates {
		out = append(out, keyDate{Day: day(d.Date.Time, v.lang), Left: v.in(left(d.Days)), Passed: d.Days < 0, Say: v.in(d.Say), IDs: d.Requirements, Laws: d.Basis})
	}
	return out
}

// left says how far off a day is.
func left(days int) lang.Text {
	switch {
	case days > 0:
		return lang.T("còn "+number(days, lang.Vi)+" ngày", counted(days, "day")+" left")
	case days < 0:
		return lang.T("đã qua "+number(-days, lang.Vi)+" ngày", counted(-days, "day")+" ago")
	}
	return lang.T("hôm nay", "today")
}

// counted says a number of things in English.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return number(n, lang.En) + " " + thing
}

var headDates = lang.T("Mốc thời gian", "Key dates")

func (t *text) dates() {
	all := t.keyDates()
	if len(all) == 0 {
		return
	}
	t.heading(strings.ToUpper(t.in(headDates)))
	for _, d := range all {
		style := bold
		if d.Passed {
			style = faint
		}
		t.write(style, " -  ", "    ", d.Day+" · "+d.Left)
		t.write(plain, "    ", "    ", d.Say)
		t.field(4, t.in(lang.T("Yêu cầu", "Concerns")), strings.Join(d.IDs, ", "))
		var laws []string
		for _, b := range d.Laws {
			laws = append(laws, t.law(b))
		}
		t.field(4, t.in(labelLaw), strings.Join(laws, "; "))
	}
}
