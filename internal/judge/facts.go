package judge

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/traits"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// view is everything that one rule may read about one subject: values, and
// for what has none, why.
type view struct {
	values   map[string]any
	gaps     map[string]fact.Unknown // by path; a prefix stands for all below it
	seenAt   map[string]time.Time    // by check
	known    map[string]fact.Way     // by check
	toldBy   map[string]*fact.Teller // by check; of what is Reported
	from     inventory.Zone          // that it is the view from
	readings map[string]uint64       // numbers of the facts, by check
	lacked   []lacking
	memory   *Memory
	patterns []*cel.AttributePatternType
	told     int // of lacked, those that are in gaps and patterns
}

// lacking is a place that holds no value, and why.
type lacking struct {
	variable string
	path     []string
	why      fact.Unknown
}

func newView(at time.Time) *view {
	return &view{
		values:   map[string]any{varAt: at},
		gaps:     map[string]fact.Unknown{},
		seenAt:   map[string]time.Time{},
		known:    map[string]fact.Way{},
		toldBy:   map[string]*fact.Teller{},
		readings: map[string]uint64{},
	}
}

// lack says that variable.path… was not seen.
func (v *view) lack(u fact.Unknown, variable string, path ...string) {
	v.lacked = append(v.lacked, lacking{variable, path, u})
}

// tell brings what is lacking into the form that the evaluation asks for.
func (v *view) tell() {
	for ; v.told < len(v.lacked); v.told++ {
		l := v.lacked[v.told]
		pattern := cel.AttributePattern(l.variable)
		for _, field := range l.path {
			pattern = pattern.QualString(field)
		}
		v.patterns = append(v.patterns, pattern)
		v.gaps[strings.Join(append([]string{l.variable}, l.path...), ".")] = l.why
	}
}

// show adds a stored fact, with its gaps.
func (v *view) show(id string, t *fact.Type, o fact.Observation, oldest time.Time) {
	switch {
	case o.Unknown != nil:
		v.lack(*o.Unknown, id)
	case !oldest.IsZero() && o.At.Before(oldest):
		v.lack(*fact.Because(fact.Stale, "seen on "+o.At.In(inventory.Vietnam).Format(time.DateOnly)), id)
	default:
		r := v.memory.read(id, t, o.Known == fact.Reported, o.Value)
		for _, g := range r.gaps {
			v.lack(g.Unknown, id, g.Path...)
		}
		v.values[id], v.seenAt[id], v.known[id], v.toldBy[id], v.readings[id] = r.value, o.At, o.Known, o.ToldBy, r.number
	}
}

// tellers names the tools that told what the view holds.
func (v *view) tellers() string {
	var names []string
	for _, t := range v.toldBy {
		if t != nil && !slices.Contains(names, t.String()) {
			names = append(names, t.String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, "; ")
}

// ask evaluates an expression. answer is nil when it cannot be told; missing
// then lists what was lacking, or is empty when the evaluation itself failed.
func (v *view) ask(e cel.Program) (answer *bool, missing []string, err error) {
	known, is := e.(*expressionProgram)
	if v.memory == nil || !is {
		return v.evaluate(e)
	}
	r, ok := v.memory.recall(known, v)
	if !ok {
		key := string(v.memory.key)
		if r.answer, r.missing, err = v.evaluate(e); err != nil {
			return nil, nil, err
		}
		v.memory.answers[key] = r
	}
	return r.answer, slices.Clone(r.missing), nil
}

func (v *view) evaluate(e cel.Program) (answer *bool, missing []string, err error) {
	v.tell()
	vars, err := cel.PartialVars(v.values, v.patterns...)
	if err != nil {
		return nil, nil, err
	}
	out, _, err := e.Eval(vars)
	if err != nil {
		return nil, nil, err
	}
	switch out := out.(type) {
	case types.Bool:
		b := bool(out)
		return &b, nil, nil
	case *types.Unknown:
		return nil, trails(out), nil
	}
	return nil, nil, nil
}

// trails lists the paths that an Unknown names, without repeats.
func trails(u *types.Unknown) []string {
	var out []string
	have := map[string]bool{}
	for _, id := range u.IDs() {
		ts, _ := u.GetAttributeTrails(id)
		for _, t := range ts {
			path := t.Variable()
			for _, q := range t.QualifierPath() {
				if s, ok := q.(string); ok {
					path += "." + s
				}
			}
			if !have[path] {
				have[path] = true
				out = append(out, path)
			}
		}
	}
	return out
}

// why finds the reason for a missing path: its own gap, or that of a part of
// it.
func (v *view) why(path string) fact.Unknown {
	v.tell()
	for p := path; p != ""; {
		if u, ok := v.gaps[p]; ok {
			return u
		}
		i := strings.LastIndexByte(p, '.')
		if i < 0 {
			break
		}
		p = p[:i]
	}
	below := ""
	for p := range v.gaps { // a gap of a part; the first by name, so that it is always the same
		if strings.HasPrefix(p, path+".") && (below == "" || p < below) {
			below = p
		}
	}
	if below != "" {
		return v.gaps[below]
	}
	return *fact.Because(fact.Broken, "no reason is known for "+path)
}

// ports are the checks whose fact says in "open" whether a port is.
var ports = []string{"tcp.open", "http.redirect"}

// saw gives the value at a path that was read, if there is one.
func (v *view) saw(path string) (Saw, bool) {
	id, ok := factOf(path)
	if !ok {
		return Saw{}, false
	}
	value, ok := v.values[id]
	whole, _ := value.(map[string]any)
	for _, field := range strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, id), "."), ".") {
		m, isMap := value.(map[string]any)
		if !ok || !isMap {
			return Saw{}, false
		}
		value, ok = m[field]
	}
	return Saw{Path: path, Value: value, At: v.seenAt[id], Known: v.known[id], ToldBy: v.toldBy[id], Zone: v.from, closed: slices.Contains(ports, id) && whole["open"] == false}, ok
}

// shows evaluates what is to be told beside the answer; ok is false where there
// is nothing to tell.
func (v *view) shows(s shown) (saw Saw, ok bool) {
	v.tell()
	vars, err := cel.PartialVars(v.values, v.patterns...)
	if err != nil {
		return saw, false
	}
	out, _, err := s.program.Eval(vars)
	if err != nil || types.IsUnknownOrError(out) {
		return saw, false
	}
	saw = Saw{Path: s.Value, Label: s.Say, Value: out.Value(), Zone: v.from, aside: true}
	if list, is := out.(traits.Lister); is {
		all := []any{}
		for it := list.Iterator(); it.HasNext() == types.True; {
			all = append(all, it.Next().Value())
		}
		return Saw{Path: s.Value, Label: s.Say, Value: all, Zone: v.from, aside: true}, len(all) > 0
	}
	return saw, true
}

// label says to a person what a path is.
func (p *Policy) label(path string) lang.Text {
	switch path {
	case varAttest, varAttest + ".met":
		return lang.T("tài liệu chứng minh", "document as evidence")
	case varEndpoint + ".ports":
		return lang.T("các cổng được phép mở (mục ports của dải địa chỉ trong tệp đơn vị)", "the ports that are meant to be open (ports of the range in the unit file)")
	case varVantage, varVantage + ".zone":
		return vantageLabel
	}
	if _, whole := p.schema[path]; whole {
		return lang.Tf("kết quả kiểm tra %s", "what %s saw", path)
	}
	return p.schema.Label(path)
}
