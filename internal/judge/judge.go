package judge

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Judge gives the verdict on a case, with every reason.
func (p *Policy) Judge(c Case) Report {
	if c.Memory != nil {
		c.Memory.of(p)
	}
	c.sort()
	r := Report{Format: ReportFormat, Unit: c.Unit.Unit, Policy: p.Ref(), At: c.At, NotJudged: p.NotJudged, Dates: p.datesAt(c.At)}
	used := make([]bool, len(c.Unit.Waivers))
	for _, req := range p.Requirements {
		r.Requirements = append(r.Requirements, p.result(&c, req, used))
	}
	r.Waivers = idleWaivers(c, used)
	r.RunByOthers = runByOthers(c.Unit)
	r.Tally = p.tally(r.Requirements)
	r.Verdict, r.Because = p.unit(&c, r)
	if r.Verdict == Ready && p.base != nil {
		r.Verdict, r.Because = p.base.confirm(c)
	}
	return r
}

// result judges one requirement over everything that it concerns.
func (p *Policy) result(c *Case, req *Requirement, used []bool) Result {
	res := Result{ID: req.ID, Title: req.Title, Need: req.Need, Basis: req.InForce(c.At), Legacy: req.Legacy,
		Strength: req.Strength, Severity: req.Severity, Evidence: req.Evidence, Fix: req.Fix, Findings: []Finding{}}
	if slices.ContainsFunc(res.Basis, func(b Basis) bool { return strings.Contains(b.Article, oldStandard) }) {
		res.Legacy = "" // it is told as what is in force
	}
	due := !req.Due.IsZero() && c.At.Before(req.Due.End())
	if len(res.Basis) == 0 {
		res.Verdict, res.Note = NotApplicable, lang.T("không có văn bản nào còn hiệu lực vào ngày đánh giá", "no legal text is in force on this date")
		res.Lapsed = !due && req.wouldDecide(c)
		return res
	}
	if due {
		days := daysTo(req.Due, c.At)
		res.Note = lang.Tf("hạn thực hiện: %[1]s (còn %[3]d ngày); trước hạn chỉ cảnh báo", "due by %[2]s (%[3]d days left); until then it only warns", req.Due.Format("02/01/2006"), req.Due.Format(time.DateOnly), days)
	}
	var verdicts, deciding []Verdict
	for _, ru := range req.rules {
		for _, s := range c.subjects(ru.scope) {
			f := p.finding(c, req, ru, s, used)
			f.Decides = f.Decides && !due && req.Strength != StrengthC
			res.Findings = append(res.Findings, f)
			verdicts = append(verdicts, f.Verdict)
			if f.Decides {
				deciding = append(deciding, f.Verdict)
			}
		}
	}
	res.Verdict = Together(verdicts...)
	if res.Decides = len(deciding) > 0; res.Decides {
		res.Verdict = Together(deciding...)
	}
	return res
}

// wouldDecide tells whether the requirement decides of any system that is to
// connect, were a text in force that asks for it.
func (r *Requirement) wouldDecide(c *Case) bool {
	return r.Strength != StrengthC && slices.ContainsFunc(c.Unit.Systems, func(s inventory.System) bool {
		return s.IsToConnect() && (s.Level == 0 || r.Levels[levelKey(s.Level)] == Mandatory)
	})
}

// finding asks one rule of one subject.
func (p *Policy) finding(c *Case, req *Requirement, ru *rule, s subject, used []bool) Finding {
	f := Finding{Scope: s.scope, System: s.system.ID, Endpoint: s.endpoint.ID, Target: s.endpoint.Target, Level: s.level}
	if s.level == 0 { // no system says its level: nothing can be told
		f.Missing = []Missing{{Path: varSystem, Label: lang.T("hệ thống kết nối và cấp độ của nó", "a connecting system and its level"), Cause: fact.Skipped, Detail: "the unit declares no connecting system"}}
		f.Decides = s.connects()
		return f
	}
	force, applies := req.Levels[levelKey(s.level)]
	f.Force = force
	if !applies {
		f.Verdict = NotApplicable
		return f
	}
	if s.none {
		f.Decides = force == Mandatory
		f.Missing = []Missing{undeclared[s.scope]}
		return f
	}
	if ru.where != nil {
		switch yes, lacks := p.where(c, ru, s); {
		case lacks != nil:
			f.Missing = lacks
		case !yes:
			f.Verdict = NotApplicable
			return f
		}
	}
	f.Decides = force == Mandatory && s.connects()
	if len(f.Missing) == 0 {
		p.expect(c, req, ru, s, &f)
	}
	if ru.attests() && p.restsOnWord(c, req, ru, s, f) {
		f.Papers = c.papers(p, req, s)
		f.warnOfEnd()
		f.warnOfSignature()
	}
	if f.Verdict == Fail {
		excuse(c, req.ID, s, &f, used)
	}
	return f
}

// undeclared says what the unit file must say before anything can be seen.
var undeclared = map[Scope]Missing{
	PerHost: {Path: "hosts", Label: lang.T("các dải địa chỉ của đơn vị (mục hosts trong tệp đơn vị)", "the unit's address ranges (hosts in the unit file)"),
		Cause: fact.Skipped, Detail: "the unit file declares no hosts"},
	PerDomain: {Path: "domains", Label: lang.T("các tên miền của đơn vị (mục domains trong tệp đơn vị; không có thì viết domains: [])", "the unit's domain names (domains in the unit file; domains: [] when it has none)"),
		Cause: fact.Skipped, Detail: "the unit file does not say its domains"},
}

// where evaluates "for", over the inventory alone, or says what it lacks: what
// the unit file leaves open excuses from nothing.
func (p *Policy) where(c *Case, ru *rule, s subject) (yes bool, lacks []Missing) {
	v := c.declared(s)
	told, missing, err := v.ask(ru.where)
	if told != nil {
		return *told, nil
	}
	for _, path := range missing {
		u := v.why(path)
		lacks = append(lacks, Missing{Path: path, Label: v.memory.label(p, path), Cause: u.Cause, Detail: u.Detail})
	}
	if lacks == nil {
		lacks = []Missing{defect("for", err)}
	}
	return false, lacks
}

// expect evaluates the rule over what was seen from each vantage that it asks.
func (p *Policy) expect(c *Case, req *Requirement, ru *rule, s subject, f *Finding) {
	if len(ru.checks) == 0 { // it asks for documents, which are seen from nowhere
		f.together([]answer{p.ask(c.view(p, req, ru, s, 0, nil), ru, counts)}, s.endpoint.Zone)
		return
	}
	asked := c.standings(ru, s)
	var as []answer
	sure := false
	for i := range c.vantages {
		if st, ok := asked[i]; ok {
			as, sure = append(as, p.ask(c.view(p, req, ru, s, i, nil), ru, st)), sure || st == counts
		}
	}
	if len(ru.from) > 0 && !sure {
		as = []answer{p.unlooked(c, req, ru, s, len(as) > 0)}
	}
	f.together(as, s.endpoint.Zone)
}

// unlooked is the answer where nobody is known to have looked from the zones
// that a rule asks for: what the unit file alone decides, or what to do.
func (p *Policy) unlooked(c *Case, req *Requirement, ru *rule, s subject, perhaps bool) answer {
	a := p.ask(c.view(p, req, ru, s, -1, elsewhere(ru.from)), ru, counts)
	if perhaps && len(a.missing) > 0 { // somebody looked, and did not say from where
		a.missing = []Missing{whence()}
	}
	for i := range a.missing {
		if a.missing[i].Cause == fact.Elsewhere {
			a.missing[i].From = ru.from
		}
	}
	return a
}

// ask evaluates the rule over what was seen from one vantage.
func (p *Policy) ask(v *view, ru *rule, st standing) answer {
	a := answer{zone: v.from, standing: st, told: v.tellers()}
	for _, s := range ru.show {
		if saw, ok := v.shows(s); ok {
			a.saw = append(a.saw, saw)
		}
	}
	for _, path := range ru.expect.reads {
		if saw, ok := v.saw(path); ok {
			saw.Label = v.memory.label(p, path)
			a.saw = append(a.saw, saw)
		}
	}
	told, missing, err := v.ask(ru.expect.program)
	switch {
	case told != nil && *told:
		a.verdict = Pass
	case told != nil:
		a.verdict = Fail
	case len(missing) > 0:
		sort.Strings(missing)
		for _, path := range missing {
			u := v.why(path)
			m := Missing{Path: path, Label: v.memory.label(p, path), Cause: u.Cause, Detail: u.Detail, Zone: v.from}
			if isAttested(path) { // a document is seen from no zone
				m.Zone = ""
			}
			a.missing = append(a.missing, m)
		}
		if !slices.ContainsFunc(missing, func(m string) bool { return !isAttested(m) }) {
			a.verdict = Manual
		}
	default:
		a.missing = []Missing{defect("expect", err)}
	}
	for _, w := range ru.warns {
		if yes, _, _ := v.ask(w.when.program); yes != nil && *yes {
			a.warnings = append(a.warnings, w.say)
		}
	}
	return a
}

// isAttested tells a path that a document answers from one that is looked at.
func isAttested(path string) bool { return path == varAttest || strings.HasPrefix(path, varAttest+".") }

// defect is an expression that could not be evaluated: Inconclusive, and ours
// or the policy's to mend.
func defect(field string, err error) Missing {
	detail := "the expression gave no answer"
	if err != nil {
		detail = err.Error()
	}
	return Missing{Path: field, Label: lang.T("biểu thức của chính sách", "the policy's expression"), Cause: fact.Broken, Detail: detail}
}

// excuse turns a fail into Waived where a waiver in force covers it.
func excuse(c *Case, id string, s subject, f *Finding, used []bool) {
	for i, w := range c.Unit.Waivers {
		if w.Requirement != id || !concerns(w.System, s.system.ID) || !concerns(w.Endpoint, s.endpoint.ID) || expired(w, c.At) {
			continue
		}
		used[i] = true
		if f.Waiver == nil {
			f.Verdict, f.Waiver = Waived, &c.Unit.Waivers[i]
		}
	}
}

func expired(w inventory.Waiver, at time.Time) bool { return !at.Before(w.Expires.End()) }

func idleWaivers(c Case, used []bool) []WaiverNote {
	var out []WaiverNote
	for i, w := range c.Unit.Waivers {
		if !used[i] {
			out = append(out, WaiverNote{Waiver: w, Expired: expired(w, c.At)})
		}
	}
	return out
}
