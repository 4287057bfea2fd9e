package judge

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/sansang/sansang/internal/fact"
)

// provider teaches CEL the types of the inventory and of the facts, so that a
// misspelt field is found when a policy is loaded.
type provider struct {
	types.Provider
	structs map[string]map[string]*types.Type
}

func newProvider() (*provider, error) {
	reg, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	return &provider{reg, map[string]map[string]*types.Type{}}, nil
}

// add declares a struct type and gives it.
func (p *provider) add(name string, fields map[string]*types.Type) *types.Type {
	p.structs[name] = fields
	return types.NewObjectType(name)
}

// addFact declares the type of a fact, and of every struct inside it.
func (p *provider) addFact(name string, t *fact.Type) *types.Type {
	switch t.Kind {
	case fact.Bool:
		return types.BoolType
	case fact.Int:
		return types.IntType
	case fact.Double:
		return types.DoubleType
	case fact.String:
		return types.StringType
	case fact.Time:
		return types.TimestampType
	case fact.List:
		return types.NewListType(p.addFact(name+".element", t.Elem))
	case fact.Map:
		return types.NewMapType(types.StringType, p.addFact(name+".element", t.Elem))
	case fact.Struct:
	}
	fields := make(map[string]*types.Type, len(t.Fields))
	for _, f := range t.Fields {
		fields[f.Name] = p.addFact(name+"."+f.Name, f.Type)
	}
	return p.add(name, fields)
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.structs[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if fields, ok := p.structs[name]; ok {
		t, ok := fields[field]
		if !ok {
			return nil, false
		}
		return &types.FieldType{Type: t}, true
	}
	return p.Provider.FindStructFieldType(name, field)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if fields, ok := p.structs[name]; ok {
		names := make([]string, 0, len(fields))
		for f := range fields {
			names = append(names, f)
		}
		return names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

// The variables of expressions, beside the facts.
const (
	varUnit     = "unit"
	varSystem   = "system"
	varEndpoint = "endpoint"
	varAttest   = "attest"
	varVantage  = "vantage"
	varAt       = "at"
)

// envs holds what expressions may use: the inventory alone for "for", and the
// facts too for "expect" and "warn".
type envs struct {
	inventory, facts map[Scope]*cel.Env
	trace            *Trace // notes how conditions come out; nil: nobody asks
}

func newEnvs(schema fact.Schema) (*envs, error) {
	p, err := newProvider()
	if err != nil {
		return nil, err
	}
	base, err := cel.NewCustomEnv(cel.StdLib(), bounds, cel.CustomTypeProvider(p),
		// no has(): whether a field is there is never a question of policy
		cel.ClearMacros(), cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.FilterMacro),
		cel.Variable(varUnit, p.add("inventory.unit", map[string]*types.Type{
			"id": types.StringType, "gso": types.StringType, "name": types.StringType, "kind": types.StringType, "parent": types.StringType})))
	if err != nil {
		return nil, err
	}
	e := &envs{inventory: map[Scope]*cel.Env{PerUnit: base}, facts: map[Scope]*cel.Env{}}
	system := cel.Variable(varSystem, p.add("inventory.system", map[string]*types.Type{
		"id": types.StringType, "name": types.StringType, "level": types.IntType, "connects": types.BoolType}))
	if e.inventory[PerSystem], err = base.Extend(system); err != nil {
		return nil, err
	}
	endpoint := cel.Variable(varEndpoint, p.add("inventory.endpoint", map[string]*types.Type{
		"id": types.StringType, "system": types.StringType, "kind": types.StringType, "zone": types.StringType,
		"host": types.StringType, "public": types.BoolType, "port": types.IntType,
		"ports": types.NewListType(types.IntType), "udp": types.NewListType(types.IntType), "mail": types.BoolType, "speaks": types.NewListType(types.StringType),
		"labels": types.NewMapType(types.StringType, types.StringType)}))
	if e.inventory[PerEndpoint], err = e.inventory[PerSystem].Extend(endpoint); err != nil {
		return nil, err
	}
	e.inventory[PerHost], e.inventory[PerDomain] = e.inventory[PerEndpoint], e.inventory[PerEndpoint]
	seen := []cel.EnvOption{
		cel.Variable(varAttest, p.add("fact.attest", map[string]*types.Type{"met": types.BoolType})),
		cel.Variable(varVantage, p.add("fact.vantage", map[string]*types.Type{"zone": types.StringType})),
		cel.Variable(varAt, types.TimestampType),
	}
	var facts []cel.EnvOption
	for _, id := range schema.IDs() {
		facts = append(facts, cel.Variable(id, p.addFact("fact."+id, schema[id])))
	}
	for scope, env := range e.inventory {
		opts := seen
		if scope.isPlace() {
			opts = append(opts[:len(opts):len(opts)], facts...)
		}
		if e.facts[scope], err = env.Extend(opts...); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// checkOf gives the check whose fact a variable is, if it is one.
func checkOf(variable string) (string, bool) { return variable, strings.Contains(variable, ".") }
