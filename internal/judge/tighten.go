package judge

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// Tightening asks more of a requirement than the policy that is extended.
type Tightening struct {
	ID       string           `json:"id"`
	Need     lang.Text        `json:"need,omitzero"` // what more is asked
	Basis    []Basis          `json:"basis,omitempty"`
	Severity Severity         `json:"severity,omitempty"`
	Levels   map[string]Force `json:"levels,omitempty"`
	MaxAge   int              `json:"max_age,omitempty"`
	Due      inventory.Date   `json:"due,omitzero"`
	Strength Strength         `json:"strength,omitempty"`
	Known    []fact.Way       `json:"known,omitempty"`
	Evidence *EvidenceTighter `json:"evidence,omitempty"`
	Also     []Rule           `json:"also,omitempty"`
	Fix      lang.Text        `json:"fix,omitzero"` // what more there is to do
}

// EvidenceTighter makes a document count for fewer months after it was issued.
type EvidenceTighter struct {
	ValidMonths        int            `json:"valid_months,omitempty"` // at every level that is not named
	ValidMonthsByLevel map[string]int `json:"valid_months_by_level,omitempty"`
}

// tightener applies one item to a copy of a requirement.
type tightener struct {
	*loading
	base *Policy
	item Tightening
	at   int
	r    *Requirement
}

// tighten applies what the file says under tighten to copies of the base's
// requirements.
func (l *loading) tighten(env *envs, base *Policy) {
	p := l.policy
	if base == nil {
		if len(p.Tighten) > 0 {
			l.say(lang.T("tighten mà không có extends", "there is tighten and no extends"), lang.T("thêm extends: tên chính sách gốc, ví dụ population-db", "add extends: the name of a policy, such as population-db"), "tighten")
		}
		return
	}
	seen := map[string]bool{}
	for i, item := range p.Tighten {
		n := slices.IndexFunc(base.Requirements, func(r *Requirement) bool { return r.ID == item.ID })
		switch {
		case n < 0:
			l.say(lang.Tf("chính sách gốc %s không đánh giá yêu cầu %s", "the policy %s, which this extends, does not judge %s", base.ID, item.ID), nearestOf(item.ID, slices.Clone(base.IDs)), "tighten", i, "id")
			continue
		case seen[item.ID]:
			l.say(lang.Tf("mã %s viết hai lần", "%s is there twice", item.ID), lang.T("ghép làm một", "join the two"), "tighten", i, "id")
			continue
		}
		seen[item.ID] = true
		r := *p.Requirements[n]
		t := tightener{l, base, item, i, &r}
		t.apply(env)
		p.Requirements[n] = &r
	}
}

func (t *tightener) apply(env *envs) {
	t.r.Need, t.r.Fix = more(t.r.Need, t.item.Need, " "), more(t.r.Fix, t.item.Fix, "\n")
	t.basis()
	t.rank()
	t.levels()
	t.limits()
	t.evidence()
	t.known()
	t.also(env)
}

// more adds a text to another, in both languages.
func more(have, add lang.Text, between string) lang.Text {
	if add.Empty() {
		return have
	}
	return lang.T(trimmed(have.Vi)+between+add.Vi, trimmed(have.En)+between+add.En)
}

func trimmed(s string) string {
	for len(s) > 0 && (s[len(s)-1] == '\n' || s[len(s)-1] == ' ') {
		s = s[:len(s)-1]
	}
	return s
}

// loosen refuses a field that asks for less than the requirement does.
func (t *tightener) loosen(does, instead lang.Text, at ...any) {
	does = lang.T(t.r.ID+" "+does.Vi, t.r.ID+" "+does.En)
	t.loosens(t.base, does, instead, append([]any{"tighten", t.at}, at...)...)
}

func (t *tightener) basis() {
	own := slices.Clone(t.item.Basis)
	for n := range own {
		t.lib.Laws.date(&own[n], func(what, instead lang.Text, field string) {
			t.say(what, instead, "tighten", t.at, "basis", n, field)
		})
	}
	t.r.Basis = slices.Concat(t.r.Basis, own)
}

func (t *tightener) rank() {
	if s := t.item.Severity; s != "" {
		if slices.Index(Severities, s) > slices.Index(Severities, t.r.Severity) {
			t.loosen(lang.Tf("có mức nghiêm trọng %s", "is of severity %s", t.r.Severity), lang.T("viết mức này hoặc nặng hơn, hoặc bỏ dòng này", "write this or a graver one, or remove the line"), "severity")
		}
		t.r.Severity = s
	}
	if s := t.item.Strength; s != "" {
		if s > t.r.Strength {
			t.loosen(lang.Tf("có độ mạnh %s", "is of strength %s", t.r.Strength), lang.T("viết độ mạnh này hoặc mạnh hơn (A mạnh nhất), hoặc bỏ dòng này", "write this or a firmer one (A is the firmest), or remove the line"), "strength")
		}
		t.r.Strength = s
	}
}

func (t *tightener) levels() {
	t.r.Levels = maps.Clone(t.r.Levels)
	for _, level := range slices.Sorted(maps.Keys(t.item.Levels)) {
		if force := t.item.Levels[level]; t.r.Levels[level] != Mandatory || force == Mandatory {
			t.r.Levels[level] = force
			continue
		}
		t.loosen(lang.Tf("bắt buộc ở cấp độ %s", "is mandatory at level %s", level), lang.T("viết mandatory, hoặc bỏ dòng này", "write mandatory, or remove the line"), "levels", level)
	}
}

func (t *tightener) limits() {
	if days := t.item.MaxAge; days > 0 {
		if t.r.MaxAge > 0 && days > t.r.MaxAge {
			t.loosen(lang.Tf("chỉ nhận dữ kiện cũ nhiều nhất %d ngày", "takes facts that are %d days old at most", t.r.MaxAge), lang.T("viết số này hoặc nhỏ hơn", "write this number or a smaller one"), "max_age")
		}
		t.r.MaxAge = days
	}
	switch due := t.item.Due; {
	case due.IsZero():
	case t.r.Due.IsZero():
		t.loosen(lang.T("đã bắt buộc ngay, không chờ hạn", "decides at once, without a day to wait for"), lang.T("bỏ dòng due", "remove the line due"), "due")
	case due.After(t.r.Due.Time):
		t.loosen(lang.Tf("có hạn %s", "is due by %s", t.r.Due.Format(time.DateOnly)), lang.T("viết ngày này hoặc sớm hơn", "write this day or an earlier one"), "due")
	default:
		t.r.Due = due
	}
}

// evidence shortens how long documents count. A number for all levels leaves
// alone those at which they count for less already.
func (t *tightener) evidence() {
	item := t.item.Evidence
	if item == nil {
		return
	}
	if t.r.Evidence == nil {
		t.say(lang.Tf("%s không dựa vào tài liệu nào", "%s rests on no document", t.r.ID), lang.T("bỏ mục evidence", "remove evidence"), "tighten", t.at, "evidence")
		return
	}
	e := *t.r.Evidence
	e.ValidMonthsByLevel = maps.Clone(e.ValidMonthsByLevel)
	if m := item.ValidMonths; m > 0 {
		if e.ValidMonths > 0 && m > e.ValidMonths {
			t.loosen(lang.Tf("nhận tài liệu trong %d tháng", "takes a document for %d months", e.ValidMonths), lang.T("viết số này hoặc nhỏ hơn", "write this number or a smaller one"), "evidence", "valid_months")
		}
		e.ValidMonths = m
		for level, have := range e.ValidMonthsByLevel {
			e.ValidMonthsByLevel[level] = min(have, m)
		}
	}
	for _, level := range slices.Sorted(maps.Keys(item.ValidMonthsByLevel)) {
		m := item.ValidMonthsByLevel[level]
		if have := cmp.Or(t.r.Evidence.ValidMonthsByLevel[level], t.r.Evidence.ValidMonths); have > 0 && m > have {
			t.loosen(lang.Tf("nhận tài liệu trong %d tháng", "takes a document for %d months", have), lang.T("viết số này hoặc nhỏ hơn", "write this number or a smaller one"), "evidence", "valid_months_by_level", level)
		}
		if e.ValidMonthsByLevel == nil {
			e.ValidMonthsByLevel = map[string]int{}
		}
		e.ValidMonthsByLevel[level] = m
	}
	t.r.Evidence = &e
}

func (t *tightener) known() {
	if len(t.item.Known) == 0 {
		return
	}
	for i, w := range t.item.Known {
		if len(t.r.Known) > 0 && !slices.Contains(t.r.Known, w) {
			t.loosen(lang.Tf("chỉ nhận dữ kiện %s", "takes only facts that are %s", words(t.r.Known, ", ")), lang.T("viết trong số đó", "write some of these"), "known", i)
		}
	}
	t.r.Known = t.item.Known
	for _, ru := range t.r.rules {
		if bad := t.r.never(ru, t.policy.schema); bad != nil {
			t.say(lang.T(t.r.ID+": "+bad.what.Vi, t.r.ID+": "+bad.what.En), bad.instead, "tighten", t.at, "known")
			return
		}
	}
}

// also adds rules beside those of the base. The worst of all is what the
// requirement comes to, so they can only ask for more.
func (t *tightener) also(env *envs) {
	t.r.rules = slices.Clone(t.r.rules)
	t.r.Also = slices.Concat(t.r.Also, t.item.Also)
	for n, rule := range t.item.Also {
		compiled, bad := env.rule(rule)
		if bad == nil {
			bad = t.r.never(compiled, t.policy.schema)
		}
		if bad != nil {
			t.say(lang.T(t.r.ID+": "+bad.what.Vi, t.r.ID+": "+bad.what.En), bad.instead, "tighten", t.at, "also", n, bad.field)
			continue
		}
		t.r.rules = append(t.r.rules, compiled)
	}
}
