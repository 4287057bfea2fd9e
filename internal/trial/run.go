package trial

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/judge"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/yamldoc"
)

// Outcome is what the trial of a policy came to.
type Outcome struct {
	Cases, Hidden int              // how many were judged
	Outside       int              // how many were left out, for the policy does not hold at their moment
	Failures      yamldoc.Problems // cases that came out otherwise than they say
	Lacking       []Lack           // requirements without a case that passes or without one that fails
	Branches      []*judge.Branch  // conditions, with the values that were seen
}

// Lack is a requirement that no case shows passing, or failing.
type Lack struct {
	Requirement string
	Pass, Fail  bool // which are lacking
}

// Trial is a policy to try. Changed tells which requirements ask more than the
// library does, nil: none. A case that does not name the policy was written for
// the library: of a changed requirement it shows only that what failed there
// fails here.
type Trial struct {
	Policy  *judge.Policy
	Applies Applies
	Changed func(*judge.Requirement) bool
	Whole   bool // hide nothing: it was hidden elsewhere
}

// Run judges those cases that are of the policy's requirements, whole and with
// each part hidden.
func (t Trial) Run(cases []Case) (Outcome, error) {
	traced, trace, err := t.Policy.Traced()
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Branches: trace.Branches}
	passed, failed := map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		one, req := Only(t.Policy, c.Requirement)
		if one == nil || c.Policy != "" && c.Policy != t.Policy.ID {
			continue
		}
		if !t.Policy.InForce(c.At) {
			out.Outside++
			continue
		}
		noting, _ := Only(traced, c.Requirement)
		noting.Judge(c.Judged(req, t.Applies))
		if c.Policy == "" && t.Changed != nil && t.Changed(req) {
			if c.Want != judge.Fail {
				continue
			}
		} else {
			passed[req.ID] = passed[req.ID] || c.Want == judge.Pass
			failed[req.ID] = failed[req.ID] || c.Want == judge.Fail
		}
		t.judge(&out, one, req, c)
	}
	for _, r := range t.Policy.Requirements {
		if !passed[r.ID] || !failed[r.ID] {
			out.Lacking = append(out.Lacking, Lack{r.ID, !passed[r.ID], !failed[r.ID]})
		}
	}
	return out, nil
}

// judge judges one case by the one requirement that it is of.
func (t Trial) judge(out *Outcome, one *judge.Policy, req *judge.Requirement, c Case) {
	whole := c.Judged(req, t.Applies)
	out.Cases++
	out.Failures = append(out.Failures, c.nowhere(whole, t.Applies)...)
	res := one.Judge(whole).Requirements[0]
	was := Verdict(res)
	if was != c.Want {
		out.Failures = append(out.Failures, c.problem(lang.Tf("ra %[1]s, cần %[2]s", "came to %[1]s, wanted %[2]s", was, c.Want), rests(res)))
	}
	if t.Whole {
		return
	}
	for _, h := range hide(whole, t.Policy.Schema()) {
		out.Hidden++
		res := one.Judge(h.c).Requirements[0]
		if got := Verdict(res); got != was && got != judge.Inconclusive && got != judge.Manual {
			out.Failures = append(out.Failures, c.problem(lang.Tf("giấu %[3]s thì %[1]s thành %[2]s", "with %[4]s hidden, %[1]s became %[2]s", was, got, h.what.Vi, h.what.En), rests(res)))
		}
	}
}

// Only gives the policy with one of its requirements, or nil if it lacks it.
func Only(p *judge.Policy, id string) (*judge.Policy, *judge.Requirement) {
	for _, r := range p.Requirements {
		if r.ID == id {
			one := *p
			one.Requirements = []*judge.Requirement{r}
			return &one, r
		}
	}
	return nil, nil
}

// Verdict is the worst finding: what a requirement of several rules comes to,
// whether or not it decides.
func Verdict(r judge.Result) judge.Verdict {
	if len(r.Findings) == 0 {
		return r.Verdict
	}
	var vs []judge.Verdict
	for _, f := range r.Findings {
		vs = append(vs, f.Verdict)
	}
	return judge.Together(vs...)
}

func (c Case) problem(what, rests lang.Text) yamldoc.Problem {
	what = lang.T(fmt.Sprintf("%s «%s»: %s", c.Requirement, c.Name, what.Vi), fmt.Sprintf("%s “%s”: %s", c.Requirement, c.Name, what.En))
	return c.doc.Problem([]any{c.index, "want"}, what, rests)
}

// nowhere tells of facts that are of no place of the case, and so of nothing.
func (c Case) nowhere(whole judge.Case, applies Applies) yamldoc.Problems {
	var out yamldoc.Problems
	places := whole.Unit.Places()
	for n, v := range append([]View{{Facts: c.Facts}}, c.Views...) {
		for _, id := range slices.Sorted(maps.Keys(v.Facts)) {
			if slices.ContainsFunc(places, func(p inventory.Endpoint) bool { return applies(id, p) }) {
				continue
			}
			at := []any{c.index, "facts", id}
			if n > 0 {
				at = []any{c.index, "views", n - 1, "facts", id}
			}
			out = append(out, c.doc.Problem(at, lang.Tf("phép kiểm tra %s không xét nơi nào của trường hợp này", "the check %s looks at no place of this case", id),
				lang.T("sửa kind của endpoint, hoặc thêm host hay domain", "correct kind of endpoint, or add host or domain")))
		}
	}
	return out
}

// most bounds what is told of one finding.
const most = 6

// rests says what the finding that gave the verdict rests on.
func rests(res judge.Result) lang.Text {
	worst := Verdict(res)
	i := slices.IndexFunc(res.Findings, func(f judge.Finding) bool { return f.Verdict == worst })
	if i < 0 {
		return res.Note
	}
	var vi, en []string
	f := res.Findings[i]
	for n, s := range f.Saw {
		if n == most {
			vi, en = append(vi, "…"), append(en, "…")
			break
		}
		b, _ := json.Marshal(s.Value)
		told := s.Path + " = " + cut(string(b))
		vi, en = append(vi, told), append(en, told)
	}
	for n, m := range f.Missing {
		if n == most {
			vi, en = append(vi, "…"), append(en, "…")
			break
		}
		vi, en = append(vi, "thiếu "+m.Path+" ("+m.Cause.Text().Vi+")"), append(en, m.Path+" lacking ("+m.Cause.Text().En+")")
	}
	if len(vi) == 0 {
		return lang.T("không dựa vào dữ kiện nào", "it rests on no fact")
	}
	return lang.T("dựa vào: "+strings.Join(vi, "; "), "it rests on: "+strings.Join(en, "; "))
}

// cut shortens a value to what fits on a line.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
