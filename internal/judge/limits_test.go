package judge

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/interpreter"

	"github.com/sansang/sansang/internal/fact"
)

// hostile are the facts that hostile expressions are asked of: a list of
// 3,000 texts, one of as many numbers, a text of 1 MB, and one field unseen.
func hostile(t *testing.T) (*envs, *view) {
	t.Helper()
	list := func(k fact.Kind) *fact.Type { return &fact.Type{Kind: fact.List, Elem: &fact.Type{Kind: k}} }
	env, err := newEnvs(fact.Schema{"a.b": {Kind: fact.Struct, Fields: []fact.Field{
		{Name: "l", Type: list(fact.String)}, {Name: "n", Type: list(fact.Int)},
		{Name: "s", Type: &fact.Type{Kind: fact.String}}, {Name: "u", Type: &fact.Type{Kind: fact.Bool}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var l, n []any
	for i := range 3000 {
		l, n = append(l, fmt.Sprintf("%d%s", i, strings.Repeat("x", 100))), append(n, int64(i))
	}
	v := newView(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	v.values["a.b"] = map[string]any{"l": l, "n": n, "s": strings.Repeat("a", 1<<20)}
	v.lack(*fact.Because(fact.Timeout, ""), "a.b", "u")
	return env, v
}

// What is too large, too deep or hides its types is refused when a policy is
// loaded.
func TestHostileExpressionsAreRefused(t *testing.T) {
	env, _ := hostile(t)
	ones := strings.Repeat("1,", 900) + "1"
	for name, e := range map[string]string{
		"brackets":            strings.Repeat("(", 500) + "a.b.u" + strings.Repeat(")", 500),
		"conditions":          strings.Repeat("a.b.u ? true : (", 100) + "true" + strings.Repeat(")", 100),
		"alternatives":        "a.b.u" + strings.Repeat(" || a.b.u", 700),
		"list":                "1 in [" + ones + "] && 1 in [" + ones + "]",
		"map":                 "{" + strings.Repeat("1:1,", 900) + "2:2}.size() > 0",
		"long text":           `a.b.s == "` + strings.Repeat("x", 5000) + `"`,
		"loops":               "a.b.n.all(w, a.b.n.all(x, a.b.n.all(y, a.b.n.all(z, w+x+y+z > 0))))",
		"macro bomb":          strings.Repeat("[1,2].map(x, ", 12) + "1" + strings.Repeat(")", 12) + ".size() > 0",
		"pattern repeats":     `a.b.s.matches("((a{30}){30})")`,
		"pattern beyond RE2":  `a.b.s.matches("(((a{100}){100}){100})")`,
		"pattern is none":     `a.b.s.matches("(")`,
		"pattern from a fact": `a.b.s.matches(a.b.l[0])`,
		"pattern built":       `a.b.s.matches("(" + a.b.s + ")*")`,
		"dyn":                 `dyn(a.b.s) == 1`,
		"dyn of a field":      `dyn(a.b).nothing == 1`,
		"no moment":           `at < timestamp("2026-13-01T00:00:00Z")`,
		"no duration":         `at - at < duration("9e99h")`,
		"many mistakes":       strings.Repeat("+ ) ", 900),
	} {
		ru, bad := env.rule(Rule{Scope: PerEndpoint, Expect: e})
		if bad == nil {
			t.Errorf("%s: compiled to %v", name, ru.expect.reads)
		} else if !bad.what.Whole() || len(bad.what.En) > 500 {
			t.Errorf("%s: told as %.200q", name, bad.what.En)
		}
	}
}

// What is not refused ends: with an answer, an Unknown, or an error that makes
// the finding Inconclusive; never beyond its cost.
func TestHostileExpressionsEnd(t *testing.T) {
	env, v := hostile(t)
	const costly, fails, tells, unknown = "cost", "error", "answer", "unknown"
	for e, want := range map[string]string{
		`a.b.l.all(x, a.b.l.all(y, x != y || true))`:                                       costly,
		`a.b.l.all(x, a.b.u || a.b.l.all(y, a.b.u || x != y))`:                             costly,
		`a.b.n.all(x, a.b.n.all(y, a.b.n.all(z, x+y+z > -1)))`:                             costly,
		`a.b.l.map(x, a.b.s + a.b.s + x).size() > 0`:                                       costly,
		`a.b.l.map(x, a.b.l.map(y, x + y)).size() > 0`:                                     costly,
		`a.b.l.map(x, a.b.l.filter(y, y != x)).size() > 0`:                                 costly,
		`a.b.n.map(x, a.b.n.map(y, {"abc": x, "def": y})).size() > 0`:                      costly,
		`a.b.l.map(x, a.b.n).map(y, y.map(z, z)).size() > 0`:                               costly,
		`a.b.l.all(x, a.b.l == a.b.l)`:                                                     costly,
		`a.b.l.all(x, a.b.l in [a.b.l])`:                                                   costly,
		`a.b.l.all(x, [a.b.l, a.b.l] == [a.b.l, a.b.l])`:                                   costly,
		`a.b.l.all(x, {"k": a.b.l} == {"k": a.b.l})`:                                       costly,
		`a.b.l.all(x, "z" in a.b.l || true)`:                                               costly,
		`a.b.l.all(x, size(a.b.s) > 0)`:                                                    costly,
		`a.b.l.all(x, a.b.s.size() > 0)`:                                                   costly,
		`a.b.l.all(x, a.b.s.contains(a.b.s))`:                                              costly,
		`a.b.l.all(x, a.b.s == a.b.s)`:                                                     costly,
		`a.b.l.all(x, a.b.s + "b" > a.b.s)`:                                                costly,
		`a.b.l.all(x, bytes(a.b.s).size() > 0)`:                                            costly,
		`a.b.l.all(x, string(bytes(a.b.s)).size() > 0)`:                                    costly,
		`a.b.l.all(x, a.b.s.matches("(a*)*b") || true)`:                                    costly,
		`a.b.l.all(x, a.b.s.matches("(a|aa|aaa|aaaa)*(b|c|d)(a?){50}") || true)`:           costly,
		`(a.b.l + a.b.l + a.b.l).all(x, x in (a.b.l + a.b.l + a.b.l))`:                     costly,
		`a.b.l.all(x, x.matches("(x+x+)+y") || true)`:                                      tells,
		`a.b.n.map(x, [x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x]).size() > 0`:                       tells,
		`a.b.n.all(x, string(x).size() > 0)`:                                               tells,
		`a.b.n.all(x, 1 / x > 0)`:                                                          tells, // 1/2 > 0 is false, and that decides
		`a.b.n.exists(x, 1 / x > 5)`:                                                       fails,
		`a.b.n.all(x, x % 0 == 1)`:                                                         fails,
		`a.b.n.map(x, x * 9223372036854775807).size() > 0`:                                 fails,
		`at - timestamp("0001-01-01T00:00:00Z") > duration("1h")`:                          fails,
		`at + duration("2562047h") + duration("2562047h") > at || a.b.n.size() == 0`:       tells,
		`a.b.n.map(x, timestamp("9999-12-31T23:59:59Z") + duration("2h") > at).size() > 0`: fails,
		`int(a.b.s) > 0`:                   fails,
		`timestamp(a.b.s) > at`:            fails,
		`duration(a.b.s) > duration("1h")`: fails,
		`a.b.l[5000] == "x"`:               fails,
		`a.b.u || a.b.n.size() > 5000`:     unknown,
		`a.b.l.exists(x, a.b.u)`:           unknown,
	} {
		program, _, bad := env.compile(env.facts[PerEndpoint], "expect", e, cel.BoolType)
		if bad != nil {
			t.Errorf("%s: refused: %s", e, bad.what.En)
			continue
		}
		vars, err := v.prepare()
		if err != nil {
			t.Fatal(err)
		}
		_, details, _ := program.Eval(vars)
		spent := *details.ActualCost()
		told, missing, err := v.ask(program)
		got := tells
		switch stop := (interpreter.EvalCancelledError{}); {
		case errors.As(err, &stop) && stop.Cause == interpreter.CostLimitExceeded:
			got = costly
		case err != nil:
			got = fails
		case told == nil && len(missing) > 0:
			got = unknown
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", e, got, err, want)
		}
		if (got == costly) != (spent > costLimit) {
			t.Errorf("%s: ended by %s at a cost of %d", e, got, spent)
		}
	}
}

// FuzzLoad reads policies and requirements that anybody may have written: a
// sentence for every mistake, and no policy that cannot be judged by.
func FuzzLoad(f *testing.F) {
	const policy = "id: p\nversion: \"1\"\ntitle: {vi: p, en: p}\nabout: {vi: p, en: p}\nrequirements: [FZ-01]\n"
	const head = "- id: FZ-01\n  title: {vi: t, en: t}\n  need: {vi: n, en: n}\n  basis: [{law: L, status: verified, from: 2026-01-01}]\n" +
		"  strength: A\n  severity: high\n  levels: {3: mandatory}\n  scope: endpoint\n  fix: {vi: f, en: f}\n  expect: '"
	f.Add([]byte(policy), []byte(head), "a.b.x")
	f.Add([]byte(policy), []byte(head), `a.b.l.all(x, x.matches("(a*)*"))`)
	f.Add([]byte(policy), []byte(head), strings.Repeat("(", 300))
	f.Add([]byte(policy), []byte(head), strings.Repeat("[a.b.l].map(x, ", 20))
	f.Add([]byte(policy+"extends: p\n"), []byte(head), "attest.met ? 1 : 2")
	f.Add([]byte("requirements: [FZ-01, FZ-01]"), []byte("- {}"), "")
	schema := fact.Schema{"a.b": {Kind: fact.Struct, Fields: []fact.Field{
		{Name: "x", Type: &fact.Type{Kind: fact.Bool}},
		{Name: "l", Type: &fact.Type{Kind: fact.List, Elem: &fact.Type{Kind: fact.String}}},
	}}}
	f.Fuzz(func(t *testing.T, policy, requirements []byte, expression string) {
		src := fstest.MapFS{"p.yaml": {Data: policy},
			"requirements/r.yaml": {Data: []byte(string(requirements) + strings.ReplaceAll(expression, "'", "''") + "'\n")}}
		lib, err := ReadLibrary(src)
		if err != nil {
			return
		}
		p, err := Load(src, "p.yaml", lib, schema)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("refused without a word")
			}
			return
		}
		if _, _, err := p.Traced(); err != nil {
			t.Fatalf("loads, and cannot be traced: %v", err)
		}
		r := p.Judge(Case{At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)})
		if r.Verdict == Ready {
			t.Fatal("nothing was seen, and the unit is ready")
		}
	})
}
