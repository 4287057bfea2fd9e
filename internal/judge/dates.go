package judge

import (
	"slices"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// KeyDate is a day on which something changes for units, such as the end of a
// transition. It changes no verdict.
type KeyDate struct {
	Date         inventory.Date `json:"date"`
	Say          lang.Text      `json:"say"`
	Requirements []string       `json:"requirements,omitempty"`
	Basis        []Basis        `json:"basis,omitempty"`
	Days         int            `json:"days"` // from the day of a report; negative: passed
}

// daysTo counts the days in Vietnam from the day of a moment to another day.
func daysTo(d inventory.Date, at time.Time) int {
	y, m, day := at.In(inventory.Vietnam).Date()
	return int(d.Sub(time.Date(y, m, day, 0, 0, 0, 0, inventory.Vietnam)) / (24 * time.Hour))
}

// DayBefore tells whether one moment is of an earlier day in Vietnam than
// another: what is judged as of a day was seen later.
func DayBefore(at, other time.Time) bool {
	y, m, d := other.In(inventory.Vietnam).Date()
	return at.Before(time.Date(y, m, d, 0, 0, 0, 0, inventory.Vietnam))
}

// datesAt gives the days of a policy as they stand at a moment.
func (p *Policy) datesAt(at time.Time) []KeyDate {
	out := slices.Clone(p.Dates)
	for i := range out {
		out[i].Days = daysTo(out[i].Date, at)
	}
	return out
}

// keyDates checks the days that a policy itself names, and joins those of the
// policy that it extends, in their order.
func (l *loading) keyDates(base *Policy) {
	p := l.policy
	for i := range p.Dates {
		d := &p.Dates[i]
		for n := range d.Basis {
			l.lib.Laws.date(&d.Basis[n], func(what, instead lang.Text, field string) {
				l.say(what, instead, "dates", i, "basis", n, field)
			})
		}
		for n, id := range d.Requirements {
			if !p.lists(id) {
				l.say(lang.Tf("chính sách không có yêu cầu %s", "the policy has no requirement %s", id), nearestOf(id, p.listed()), "dates", i, "requirements", n)
			}
		}
	}
	if base != nil {
		p.Dates = append(slices.Clone(base.Dates), p.Dates...)
	}
	slices.SortStableFunc(p.Dates, func(a, b KeyDate) int { return a.Date.Compare(b.Date.Time) })
}

// listed gives the IDs of all requirements of the policy, judged or not.
func (p *Policy) listed() []string {
	var ids []string
	for _, r := range p.Requirements {
		ids = append(ids, r.ID)
	}
	for _, n := range p.NotJudged {
		ids = append(ids, n.ID)
	}
	slices.Sort(ids)
	return ids
}

func (p *Policy) lists(id string) bool { return slices.Contains(p.listed(), id) }
