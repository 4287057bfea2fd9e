package judge

import (
	"fmt"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
)

// A trace tells which values each condition had, and changes no answer.
func TestTraceNotesConditions(t *testing.T) {
	schema := fact.Schema{"a.b": {Kind: fact.Struct, Fields: []fact.Field{
		{Name: "x", Type: &fact.Type{Kind: fact.Bool}},
		{Name: "n", Type: &fact.Type{Kind: fact.List, Elem: &fact.Type{Kind: fact.Int}}},
	}}}
	env, err := newEnvs(schema)
	if err != nil {
		t.Fatal(err)
	}
	r := Rule{Scope: PerEndpoint, Expect: `!a.b.x && a.b.n.all(i, i > 1 || a.b.x) && (a.b.n.size() > 1 ? true : a.b.x)`}
	ru, bad := env.rule(r)
	if bad != nil {
		t.Fatal(bad)
	}
	req := &Requirement{ID: "X-01", Rule: r, rules: []*rule{ru}}
	p := &Policy{Requirements: []*Requirement{req}, schema: schema}
	traced, tr, err := p.Traced()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []bool{false, true} {
		for _, n := range [][]any{{}, {int64(1)}, {int64(2), int64(3)}} {
			ask := func(p *Policy) string {
				v := newView(time.Time{})
				v.values["a.b"] = map[string]any{"x": x, "n": n}
				yes, missing, err := v.ask(p.Requirements[0].rules[0].expect.program)
				if yes == nil {
					t.Fatal(missing, err)
				}
				return fmt.Sprint(*yes)
			}
			if a, b := ask(p), ask(traced); a != b {
				t.Errorf("x=%v n=%v: %s, traced %s", x, n, a, b)
			}
		}
	}
	var rest []string
	for _, b := range tr.Rest() {
		rest = append(rest, fmt.Sprint(b.Field, " ", b.Text, " ", b.Unseen()))
	}
	// i > 1 || a.b.x is asked only where x is false, and so is the last.
	want := "[expect a.b.x [true] expect a.b.x [true]]"
	if got := fmt.Sprint(rest); got != want {
		t.Errorf("never seen: %s\nwant %s", got, want)
	}
	if len(tr.Branches) != 8 {
		t.Errorf("%d branches, want 8", len(tr.Branches))
	}
}
