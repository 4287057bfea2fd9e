package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
)

// most bounds the days on which the case is judged again: the nearest are told.
const most = 64

// expiring lists what ends within the last horizon, and judges the case after
// each such moment, and at each horizon, to tell what becomes of it. What no
// date explains is told as such, so that nothing is left out.
func expiring(p *judge.Policy, c judge.Case, r judge.Report) []Expiry {
	all := candidates(p, c, r)
	for _, days := range Horizons {
		all = append(all, other(c.At.AddDate(0, 0, days)))
	}
	limit := c.At.AddDate(0, 0, Horizons[len(Horizons)-1])
	all = slices.DeleteFunc(all, func(e Expiry) bool { return !e.On.After(c.At) || e.On.After(limit) })
	slices.SortStableFunc(all, func(a, b Expiry) int {
		return cmp.Or(a.On.Compare(b.On), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.What.En, b.What.En))
	})
	out, before := []Expiry{}, r
	for judged := 0; len(all) > 0 && judged < most; judged++ {
		n := 1
		for n < len(all) && all[n].On.Equal(all[0].On) {
			n++
		}
		after := judgeAfter(p, c, all[:n])
		out = append(out, told(all[:n], consequents(before, after), c.At)...)
		before, all = after, all[n:]
	}
	return out
}

func other(on time.Time) Expiry {
	return Expiry{On: on, Kind: Other, What: lang.T("thời hạn khác mà chính sách xét, từ mốc trước tới ngày này", "another term that the policy looks at, since the date before and until this day")}
}

// judgeAfter judges the case when all of some ends are past.
func judgeAfter(p *judge.Policy, c judge.Case, ends []Expiry) judge.Report {
	for _, e := range ends {
		for _, at := range []time.Time{e.On, e.gone} {
			if at = at.Add(time.Second); at.After(c.At) { // some terms hold through their last moment
				c.At = at
			}
		}
	}
	return p.Judge(c)
}

// told parts what becomes of a moment among the ends that fall on it.
func told(ends []Expiry, met []Consequent, now time.Time) []Expiry {
	left := slices.Clone(met)
	var out []Expiry
	for _, e := range append(slices.Clone(ends), other(ends[0].On)) {
		e.Days = days(now, e.On)
		if !e.Last.IsZero() {
			e.Days = days(now, e.Last.Time)
		}
		e.Affects = []Consequent{}
		for _, m := range met {
			if e.Kind == Other && !slices.Contains(left, m) || e.Kind != Other && e.of != nil && !slices.Contains(e.of, m.ID) {
				continue
			}
			e.Affects = append(e.Affects, m)
		}
		left = slices.DeleteFunc(left, func(m Consequent) bool { return slices.Contains(e.Affects, m) })
		if len(e.Affects) > 0 || tellsAnyway(e.Kind) {
			out = append(out, e)
		}
	}
	return out
}

// days counts the days in Vietnam from one moment to another.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(inventory.Vietnam).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, inventory.Vietnam)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}

// tellsAnyway tells whether an end is worth knowing though no verdict hangs on
// it.
func tellsAnyway(k Kind) bool {
	return k == Waiver || k == Authorisation || k == Certificate || k == Policy
}

// consequents lists the mandatory requirements that come to something else.
func consequents(before, after judge.Report) []Consequent {
	out := []Consequent{}
	for i, b := range after.Requirements {
		if a := before.Requirements[i]; a.Verdict != b.Verdict && (a.Decides || b.Decides) || a.Decides != b.Decides {
			out = append(out, Consequent{b.ID, a.Verdict, b.Verdict, b.Decides && !a.Decides})
		}
	}
	return out
}

// candidates lists every date that the unit file, the facts or the policy name.
func candidates(p *judge.Policy, c judge.Case, r judge.Report) []Expiry {
	var out []Expiry
	add := func(e Expiry) {
		i := slices.IndexFunc(out, func(x Expiry) bool { return x.On.Equal(e.On) && x.Kind == e.Kind && x.What == e.What })
		if i < 0 {
			out = append(out, e)
			return
		}
		out[i].of = append(out[i].of, e.of...)
	}
	begins := func(on time.Time, k Kind, what lang.Text, of string) {
		add(Expiry{On: on, Kind: k, What: what, of: []string{of}})
	}
	ends := func(last inventory.Date, k Kind, what lang.Text, of ...string) {
		if !last.IsZero() {
			add(Expiry{On: last.End(), Last: last, Kind: k, What: what, of: of})
		}
	}
	ends(p.Until, Policy, lang.Tf("chính sách %s thôi áp dụng", "the policy %s no longer applies", p.ID), "")
	for _, w := range c.Unit.Waivers {
		ends(w.Expires, Waiver, lang.Tf("miễn trừ %s", "the waiver of %s", w.Requirement), w.Requirement)
	}
	reqs := map[string]*judge.Requirement{}
	for _, req := range p.Requirements {
		reqs[req.ID] = req
		if auth := c.Unit.Authorisation; auth != nil && req.Evidence != nil && req.Evidence.From == "authorisation" {
			ends(auth.Until, Authorisation, lang.T("văn bản cho phép rà quét", "the authorisation to scan"), req.ID)
		}
		ends(req.Due, Law, lang.Tf("hạn thực hiện %s", "due date of %s", req.ID), req.ID)
		for _, b := range req.Basis {
			begins(b.From.Time, Law, lang.Tf("%s có hiệu lực", "%s comes into force", b.Law), req.ID)
			ends(b.Until, Law, lang.Tf("%s hết hiệu lực", "%s is no longer in force", b.Law), req.ID)
		}
	}
	for _, a := range c.Unit.Attestations {
		for _, last := range lastDays(a, reqs[a.Requirement], c.Unit) {
			ends(last, Document, paper(a), a.Requirement)
		}
	}
	return append(out, fromFacts(p, r)...)
}

// paper names an attestation by its document, or by who says it.
func paper(a inventory.Attestation) lang.Text {
	if a.Document == "" {
		return lang.Tf("lời xác nhận %s của %s", "the word on %s of %s", a.Requirement, a.Attester())
	}
	return lang.Tf("tài liệu %s", "the document %s", a.Document)
}

// lastDays lists the days after which an attestation may cease to count, at the
// levels of the unit.
func lastDays(a inventory.Attestation, req *judge.Requirement, u inventory.Unit) []inventory.Date {
	var out []inventory.Date
	if !a.Until.IsZero() {
		out = append(out, a.Until)
	}
	if req == nil || req.Evidence == nil {
		return out
	}
	months := []int{req.Evidence.ValidMonths}
	for _, m := range req.Evidence.ValidMonthsByLevel {
		months = append(months, m)
	}
	slices.Sort(months)
	for _, m := range slices.Compact(months) {
		if m > 0 && len(u.Systems) > 0 {
			out = append(out, inventory.Date{Time: a.Issued.AfterMonths(m).AddDate(0, 0, -1)})
		}
	}
	return out
}

// fromFacts lists the dates within the facts that findings rest on, and when
// the facts themselves grow too old.
func fromFacts(p *judge.Policy, r judge.Report) []Expiry {
	f := factDates{places: map[string][]string{}}
	age := map[string]int{}
	for _, req := range p.Requirements {
		age[req.ID] = req.MaxAge
	}
	for _, res := range r.Requirements {
		for _, x := range res.Findings {
			for _, s := range x.Saw {
				f.grow(age[res.ID], s.At)
				dates(s.Value, func(at time.Time) { f.date(at, s, x.Endpoint) })
			}
		}
	}
	return slices.Concat(f.dated, f.aged)
}

// factDates gathers the ends that are in facts.
type factDates struct {
	dated, aged []Expiry
	ages        []int
	places      map[string][]string // of each date, in the order of dated
}

// grow notes a fact that counts for so many days.
func (f *factDates) grow(days int, seen time.Time) {
	if days == 0 || seen.IsZero() {
		return
	}
	end := seen.AddDate(0, 0, days)
	i := slices.Index(f.ages, days)
	if i < 0 {
		f.ages = append(f.ages, days)
		f.aged = append(f.aged, Expiry{On: end, gone: end, Kind: Facts,
			What: lang.Tf("dữ kiện rà quét (chính sách chỉ nhận dữ kiện trong %d ngày)", "facts of the scan (the policy takes them for %d days)", days)})
		return
	}
	if end.Before(f.aged[i].On) {
		f.aged[i].On = end
	}
	if end.After(f.aged[i].gone) {
		f.aged[i].gone = end
	}
}

// date notes a date in a fact. One that a list repeats is told once.
func (f *factDates) date(at time.Time, s judge.Saw, endpoint string) {
	key := at.Format(time.RFC3339)
	if slices.Contains(f.places[key], endpoint) {
		return
	}
	f.places[key] = append(f.places[key], endpoint)
	names := strings.Join(f.places[key], ", ")
	what := lang.Tf("%[1]s tại %[3]s", "%[2]s at %[3]s", s.Label.Vi, s.Label.En, names)
	i := slices.IndexFunc(f.dated, func(e Expiry) bool { return e.On.Format(time.RFC3339) == key })
	if i < 0 {
		f.dated = append(f.dated, Expiry{On: at, Kind: Certificate, What: what})
		return
	}
	f.dated[i].What = what
}

func dates(v any, visit func(time.Time)) {
	switch v := v.(type) {
	case time.Time:
		visit(v)
	case []any:
		for _, x := range v {
			dates(x, visit)
		}
	case map[string]any:
		for _, x := range slices.Sorted(maps.Keys(v)) {
			dates(v[x], visit)
		}
	}
}
