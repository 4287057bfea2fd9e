package rollup

import (
	"cmp"
	"slices"

	"github.com/sansang/sansang/internal/judge"
)

// changes compares with the earlier run. A unit was then all that it is made of
// now: of several that were merged the worst counts, as it would within one.
func (c *Counter) changes(r *Rollup) {
	ch := &Changes{OtherPolicy: c.before.Policy.SHA256 != c.run.Policy.SHA256, Flows: []Flow{}, Units: []UnitChange{}, Gone: []Gone{}, Requirements: []RequirementChange{}}
	r.Changes = ch
	parts := map[string][]*kept{}
	for _, old := range c.then.units {
		now := c.successors(old.line.ID)
		if len(now) == 0 {
			ch.Gone = append(ch.Gone, Gone{old.line.ID, old.line.Name, old.line.Outcome})
		}
		if len(now) > 0 && now[0] != old.line.ID {
			ch.Merged++
		}
		for _, id := range now {
			parts[id] = append(parts[id], old)
		}
	}
	flows := map[Flow]int{}
	needs := make([]RequirementChange, len(c.needs))
	for _, k := range c.now.units {
		was := parts[k.line.ID]
		if len(was) == 0 {
			ch.New++
			continue
		}
		for _, old := range was {
			if old.line.ID != k.line.ID {
				k.line.Merged = append(k.line.Merged, old.line.ID)
			}
		}
		k.line.Before = together(was)
		if !k.line.Before.Checked() || !k.line.Outcome.Checked() {
			continue
		}
		ch.Compared++
		flows[Flow{From: k.line.Before, To: k.line.Outcome}]++
		if k.line.Before != k.line.Outcome {
			ch.Units = append(ch.Units, UnitChange{k.line.ID, k.line.Name, k.line.Kind, k.line.Before, k.line.Outcome, k.line.Merged})
		}
		for i := range needs {
			needs[i].count(answerOf(was, i), answerOf([]*kept{k}, i))
		}
	}
	ch.tell(flows, needs, c.needs)
}

// together is the outcome of several units as one: a fail decides, and what is
// not known of one is not known of all. If one was not checked, all were not.
func together(units []*kept) Outcome {
	for _, o := range []Outcome{Unchecked, Partly, NotReady, Undetermined} {
		if slices.ContainsFunc(units, func(k *kept) bool { return k.line.Outcome == o }) {
			return o
		}
	}
	return Ready
}

// answerOf is the verdict of a requirement over several units as one.
func answerOf(units []*kept, need int) answer {
	out := answer{verdict: judge.NotApplicable}
	for _, k := range units {
		if need < len(k.of) && k.of[need].judged {
			a := k.of[need]
			out = answer{true, out.decides || a.decides, judge.Together(out.verdict, a.verdict)}
		}
	}
	return out
}

// count counts what became of a requirement in one unit.
func (rc *RequirementChange) count(was, now answer) {
	told := func(v judge.Verdict) bool { return v == judge.Pass || v == judge.Waived || v == judge.Fail }
	untold := func(v judge.Verdict) bool { return v == judge.Inconclusive || v == judge.Manual }
	switch {
	case !was.judged || !now.judged || !was.decides && !now.decides:
	case was.verdict == judge.Fail && now.verdict == judge.Pass:
		rc.Mended++
	case now.verdict == judge.Fail && (was.verdict == judge.Pass || was.verdict == judge.Waived):
		rc.Failed++
	case now.verdict == judge.Fail && untold(was.verdict):
		rc.Found++
	case told(was.verdict) && untold(now.verdict):
		rc.Lost++
	}
}

// tell puts what was counted in order.
func (ch *Changes) tell(flows map[Flow]int, counted []RequirementChange, needs []*need) {
	for f, n := range flows {
		ch.Flows = append(ch.Flows, Flow{f.From, f.To, n})
	}
	rank := func(o Outcome) int { return slices.Index(Outcomes, o) }
	slices.SortFunc(ch.Flows, func(a, b Flow) int { return cmp.Or(rank(a.From)-rank(b.From), rank(a.To)-rank(b.To)) })
	slices.SortStableFunc(ch.Units, func(a, b UnitChange) int {
		return cmp.Or(course(a.To)-course(b.To), rank(a.From)-rank(b.From))
	})
	for i, rc := range counted {
		rc.Requirement = needs[i].failed.Requirement
		if rc.Mended+rc.Failed+rc.Found+rc.Lost > 0 {
			ch.Requirements = append(ch.Requirements, rc)
		}
	}
	slices.SortFunc(ch.Requirements, func(a, b RequirementChange) int {
		return cmp.Or(b.Failed-a.Failed, b.Found-a.Found, b.Lost-a.Lost, b.Mended-a.Mended, cmp.Compare(a.ID, b.ID))
	})
}

// course ranks a change of verdict: what fails now, then what can no longer be
// told, then what is ready now.
func course(to Outcome) int {
	return slices.Index([]Outcome{NotReady, Undetermined, Ready}, to)
}
