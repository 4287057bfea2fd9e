package judge

import (
	"maps"
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
// for what has none, why. There are thousands of them to a case, and most are
// answered from memory: what only an evaluation asks for is made when it does.
type view struct {
	vars     map[string]any // of the inventory; not to be written to
	own      []seenValue    // the others, without repeats
	from     inventory.Zone // that it is the view from
	lacked   []lacking
	memory   *Memory
	values   map[string]any          // all of them, by prepare
	gaps     map[string]fact.Unknown // by path; a prefix stands for all below it
	patterns []*cel.AttributePatternType
	told     int // of lacked, those that are in gaps and patterns
}

// seenValue is the value of a variable, and of a fact when it was seen, how it
// is known, and its number in the memory.
type seenValue struct {
	name  string
	value any
	at    time.Time
	known fact.Way
	read  uint64
	told  *fact.Teller // of what is Reported
}

// lacking is a place that holds no value, and why.
type lacking struct {
	variable string
	path     []string
	why      fact.Unknown
}

func newView(at time.Time) *view {
	return &view{own: append(make([]seenValue, 0, 6), seenValue{name: varAt, value: at}), values: map[string]any{}}
}

// get gives the value of a variable.
func (v *view) get(name string) (seenValue, bool) {
	for _, s := range v.own {
		if s.name == name {
			return s, true
		}
	}
	if x, ok := v.vars[name]; ok {
		return seenValue{value: x}, true
	}
	x, ok := v.values[name]
	return seenValue{value: x}, ok
}

// set gives a variable its value.
func (v *view) set(s seenValue) { v.own = append(v.own, s) }

// prepare makes what an evaluation asks for.
func (v *view) prepare() (cel.PartialActivation, error) {
	v.tell()
	if v.values == nil {
		v.values = make(map[string]any, len(v.vars)+len(v.own))
	}
	maps.Copy(v.values, v.vars)
	for _, s := range v.own {
		v.values[s.name] = s.value
	}
	return cel.PartialVars(v.values, v.patterns...)
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
		if v.gaps == nil {
			v.gaps = map[string]fact.Unknown{}
		}
		v.gaps[strings.Join(append([]string{l.variable}, l.path...), ".")] = l.why
	}
}

// show adds a stored fact, with its gaps.
func (v *view) show(id string, o fact.Observation, oldest time.Time, read func() *factRead) {
	switch {
	case o.Unknown != nil:
		v.lack(*o.Unknown, id)
	case !oldest.IsZero() && o.At.Before(oldest):
		v.lack(*fact.Because(fact.Stale, "seen on "+o.At.In(inventory.Vietnam).Format(time.DateOnly)), id)
	default:
		r := read()
		for _, g := range r.gaps {
			v.lack(g.Unknown, id, g.Path...)
		}
		v.set(seenValue{id, r.value, o.At, o.Known, r.number, o.ToldBy})
	}
}

// tellers names the tools that told what the view holds.
func (v *view) tellers() string {
	var names []string
	for _, s := range v.own {
		if s.told != nil && !slices.Contains(names, s.told.String()) {
			names = append(names, s.told.String())
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
		v.memory.answers.put(key, r)
	}
	return r.answer, slices.Clone(r.missing), nil
}

func (v *view) evaluate(e cel.Program) (answer *bool, missing []string, err error) {
	vars, err := v.prepare()
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
	seen, ok := v.get(id)
	value := seen.value
	whole, _ := value.(map[string]any)
	for _, field := range strings.Split(strings.TrimPrefix(strings.TrimPrefix(path, id), "."), ".") {
		m, isMap := value.(map[string]any)
		if !ok || !isMap {
			return Saw{}, false
		}
		value, ok = m[field]
	}
	return Saw{Path: path, Value: value, At: seen.at, Known: seen.known, ToldBy: seen.told, Zone: v.from, closed: slices.Contains(ports, id) && whole["open"] == false}, ok
}

// shows evaluates what is to be told beside the answer; ok is false where there
// is nothing to tell.
func (v *view) shows(s shown) (saw Saw, ok bool) {
	vars, err := v.prepare()
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
