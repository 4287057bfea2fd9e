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
		e.Days = int(e.On.Sub(now) / (24 * time.Hour))
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

// tellsAnyway tells whether an end is worth knowing though no verdict hangs on
// it.
func tellsAnyway(k Kind) bool { return k == Waiver || k == Authorisation || k == Certificate }

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
	add := func(on time.Time, k Kind, what lang.Text, of ...string) {
		i := slices.IndexFunc(out, func(e Expiry) bool { return e.On.Equal(on) && e.Kind == k && e.What == what })
		if i < 0 {
			i, out = len(out), append(out, Expiry{On: on, Kind: k, What: what})
		}
		out[i].of = append(out[i].of, of...)
	}
	for _, w := range c.Unit.Waivers {
		add(w.Expires.End(), Waiver, lang.Tf("miễn trừ %s", "the waiver of %s", w.Requirement), w.Requirement)
	}
	reqs := map[string]*judge.Requirement{}
	for _, req := range p.Requirements {
		reqs[req.ID] = req
		if auth := c.Unit.Authorisation; auth != nil && req.Evidence != nil && req.Evidence.From == "authorisation" {
			add(auth.Until.End(), Authorisation, lang.T("văn bản cho phép rà quét", "the authorisation to scan"), req.ID)
		}
		if !req.Due.IsZero() {
			add(req.Due.End(), Law, lang.Tf("hạn thực hiện %s", "due date of %s", req.ID), req.ID)
		}
		for _, b := range req.Basis {
			if !b.From.IsZero() {
				add(b.From.Time, Law, lang.Tf("%s có hiệu lực", "%s comes into force", b.Law), req.ID)
			}
			if !b.Until.IsZero() {
				add(b.Until.End(), Law, lang.Tf("%s hết hiệu lực", "%s is no longer in force", b.Law), req.ID)
			}
		}
	}
	for _, a := range c.Unit.Attestations {
		for _, end := range ends(a, reqs[a.Requirement], c.Unit) {
			add(end, Document, lang.Tf("tài liệu %s", "the document %s", a.Document), a.Requirement)
		}
	}
	return append(out, fromFacts(p, r)...)
}

// ends lists when an attestation ceases to count, at the levels of the unit.
func ends(a inventory.Attestation, req *judge.Requirement, u inventory.Unit) []time.Time {
	var out []time.Time
	if !a.Until.IsZero() {
		out = append(out, a.Until.End())
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
			out = append(out, a.Issued.AfterMonths(m))
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
