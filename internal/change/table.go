package change

import (
	"math/bits"

	"github.com/sansang/sansang/internal/judge"
)

// key is a requirement at a place.
type key struct {
	id string
	Place
}

// judged is one report, by place.
type judged struct {
	report  judge.Report
	results map[string]*judge.Result
	at      map[key][]*judge.Finding
	order   []key
}

func index(r judge.Report) *judged {
	j := &judged{report: r, results: make(map[string]*judge.Result, len(r.Requirements)), at: map[key][]*judge.Finding{}}
	for i := range r.Requirements {
		res := &r.Requirements[i]
		j.results[res.ID] = res
		for n := range res.Findings {
			f := &res.Findings[n]
			k := key{res.ID, Place{f.Scope, f.System, f.Endpoint}}
			if _, have := j.at[k]; !have {
				j.order = append(j.order, k)
			}
			j.at[k] = append(j.at[k], f)
		}
	}
	return j
}

// state puts the rules of a requirement at one place together, as the judge
// does: what decides outweighs what does not. A requirement without findings is
// one that is not in force.
func (j *judged) state(k key) State {
	if res := j.results[k.id]; res != nil && len(res.Findings) == 0 {
		return State{Verdict: res.Verdict}
	}
	fs := j.at[k]
	if len(fs) == 0 {
		return State{Absent: true}
	}
	var all, deciding []judge.Verdict
	for _, f := range fs {
		if all = append(all, f.Verdict); f.Decides {
			deciding = append(deciding, f.Verdict)
		}
	}
	if len(deciding) > 0 {
		return State{Verdict: judge.Together(deciding...), Decides: true}
	}
	return State{Verdict: judge.Together(all...)}
}

// table holds what every mixture of the two sides comes to; each is judged when
// it is first asked for.
type table struct {
	old, now Side
	differs  factor
	corners  map[factor]*judged
}

func newTable(old, now Side) *table {
	return &table{old, now, differing(old, now), map[factor]*judged{}}
}

// corner judges a mixture: the factors given from the new side, all others
// from the old.
func (t *table) corner(of factor) *judged {
	of &= t.differs
	if j := t.corners[of]; j != nil {
		return j
	}
	s := mix(t.old, t.now, of)
	c := s.Case
	c.Observations = s.Policy.Disown(c.Observations, s.Chosen)
	j := index(s.Policy.Judge(c))
	t.corners[of] = j
	return j
}

// sets finds the smallest sets of factors whose change alone makes the old
// state of a finding the new one. Where the place or the requirement is not
// there on one side, what brings or removes it is the cause, whatever it then
// comes to.
func (t *table) sets(k key, was, is State) []Set {
	makes := func(of factor) bool {
		got := t.corner(of).state(k)
		if was.Absent || is.Absent {
			return got.Absent == is.Absent
		}
		return got == is
	}
	var out []Set
	for _, of := range t.smallest(makes) {
		out = append(out, t.causes(k, of))
	}
	return out
}

// unitSets does the same for the verdict on the unit.
func (t *table) unitSets() []Set {
	is := t.corner(t.differs).report.Verdict
	var out []Set
	for _, of := range t.smallest(func(of factor) bool { return t.corner(of).report.Verdict == is }) {
		var s Set
		for _, f := range of.each() {
			s = append(s, t.cause(f, nil, nil, key{}))
		}
		out = append(out, s)
	}
	return out
}

func (t *table) smallest(makes func(factor) bool) []factor {
	n := bits.OnesCount8(uint8(t.differs))
	for size := 1; size <= n; size++ {
		var out []factor
		for of := factor(1); of <= t.differs; of++ {
			if of&^t.differs == 0 && bits.OnesCount8(uint8(of)) == size && makes(of) {
				out = append(out, of)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// causes tells each factor of a set by what it does when all the others of the
// set are changed already.
func (t *table) causes(k key, of factor) Set {
	var out Set
	for _, f := range of.each() {
		out = append(out, t.cause(f, t.corner(of&^f), t.corner(of), k))
	}
	return out
}
