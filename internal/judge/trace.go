package judge

import (
	"fmt"
	"slices"
	"sync/atomic"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Branch is a condition inside an expression of a requirement: a whole
// expression, an operand of && || ! ?:, or what all, exists and filter ask of
// each element. Trials of a policy make each true and false.
type Branch struct {
	Requirement string
	Rule        int    // 0: the requirement's own; n: the n-th of also
	Field       string // "for", "expect" or "warn"
	Text        string // the condition, as CEL writes it
	Want        []bool // what it can be: both, but for the words true and false

	was [2]atomic.Bool // came out false, true
}

// Unseen lists the values that the condition was to have and never had.
func (b *Branch) Unseen() []bool {
	var out []bool
	for _, v := range b.Want {
		if !b.was[index(v)].Load() {
			out = append(out, v)
		}
	}
	return out
}

func index(v bool) int {
	if v {
		return 1
	}
	return 0
}

// Trace notes how the conditions of a policy come out while cases are judged.
// What is Unknown is neither true nor false.
type Trace struct {
	Branches []*Branch

	requirement string
	rule        int
	told        map[*cel.Env][2]*cel.Env
}

// Traced gives a copy of the policy that notes in the trace how its conditions
// come out. It judges as the policy does, more slowly.
func (p *Policy) Traced() (*Policy, *Trace, error) {
	env, err := newEnvs(p.schema)
	if err != nil {
		return nil, nil, err
	}
	tr := &Trace{told: map[*cel.Env][2]*cel.Env{}}
	env.trace = tr
	out := *p
	out.Requirements = nil
	for _, r := range p.Requirements {
		traced := *r
		traced.rules = nil
		for n, rule := range append([]Rule{r.Rule}, r.Also...) {
			tr.requirement, tr.rule = r.ID, n
			compiled, bad := env.rule(rule)
			if bad != nil {
				return nil, nil, fmt.Errorf("%s: %s", r.ID, bad.what.En)
			}
			traced.rules = append(traced.rules, compiled)
		}
		out.Requirements = append(out.Requirements, &traced)
	}
	return &out, tr, nil
}

// noting is the function that stands around each condition of a traced
// expression. No policy can write it: @ begins no name of CEL.
const noting = "@note"

// wrap puts every condition of an expression into a call of noting, and gives
// the environment that has it.
func (tr *Trace) wrap(env *cel.Env, checked *cel.Ast, field string) (*cel.Env, *cel.Ast, error) {
	if field == "show" {
		return env, checked, nil
	}
	envs, err := tr.envs(env)
	if err != nil {
		return nil, nil, err
	}
	told, issues := envs[0].Compile(checked.Source().Content())
	if issues.Err() != nil {
		return nil, nil, issues.Err()
	}
	first := len(tr.Branches)
	for _, c := range conditions(told.NativeRep()) {
		text, err := cel.ExprToString(c, told.NativeRep().SourceInfo())
		if err != nil {
			return nil, nil, err
		}
		b := &Branch{Requirement: tr.requirement, Rule: tr.rule, Field: field, Text: text, Want: []bool{true, false}}
		if text == "true" || text == "false" {
			b.Want = []bool{text == "true"}
		}
		tr.Branches = append(tr.Branches, b)
	}
	optimizer, err := cel.NewStaticOptimizer(&wrapper{first: first})
	if err != nil {
		return nil, nil, err
	}
	out, issues := optimizer.Optimize(envs[1], checked)
	return envs[1], out, issues.Err()
}

// envs gives the environment with two extensions: one that keeps macros as
// they were written, for the texts, and one that has the noting function.
func (tr *Trace) envs(env *cel.Env) ([2]*cel.Env, error) {
	if have, ok := tr.told[env]; ok {
		return have, nil
	}
	told, err := env.Extend(cel.EnableMacroCallTracking())
	if err != nil {
		return [2]*cel.Env{}, err
	}
	notes, err := env.Extend(cel.ExpressionNodeLimit(4*mostNodes), cel.Function(noting, cel.Overload(noting+"_int_bool", []*cel.Type{cel.IntType, cel.BoolType}, cel.BoolType, cel.BinaryBinding(tr.note))))
	tr.told[env] = [2]*cel.Env{told, notes}
	return tr.told[env], err
}

func (tr *Trace) note(which, value ref.Val) ref.Val {
	n, isInt := which.(types.Int)
	v, isBool := value.(types.Bool)
	if isInt && isBool && int(n) < len(tr.Branches) {
		tr.Branches[n].was[index(bool(v))].Store(true)
	}
	return value
}

// Rest lists the branches of which a value was never seen.
func (tr *Trace) Rest() []*Branch {
	return slices.DeleteFunc(slices.Clone(tr.Branches), func(b *Branch) bool { return len(b.Unseen()) == 0 })
}
