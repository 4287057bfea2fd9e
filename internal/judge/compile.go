package judge

import (
	"slices"
	"sort"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/lang"
)

// rule is a Rule ready to be asked.
type rule struct {
	scope  Scope
	from   []inventory.Zone
	where  cel.Program // nil: always
	expect expression
	warns  []warning
	show   []shown
	checks []string // whose facts it reads, sorted
}

// shown is a Show ready to be evaluated.
type shown struct {
	Show
	program cel.Program
}

type warning struct {
	when expression
	say  lang.Text
}

// expression is a compiled expression over facts, with the paths it reads.
type expression struct {
	program cel.Program
	reads   []string // "tls.versions.tls10", "attest.met", in the order written
}

// flaw is a mistake in an expression: which field of the rule, and what.
type flaw struct {
	field         string
	what, instead lang.Text
}

func (e *envs) rule(r Rule) (*rule, *flaw) {
	out := &rule{scope: r.Scope, from: r.From}
	if r.For != "" {
		where, _, bad := e.compile(e.inventory[r.Scope], "for", r.For, cel.BoolType)
		if bad != nil {
			return nil, bad
		}
		out.where = where
	}
	var bad *flaw
	if out.expect, bad = e.expression(r.Scope, "expect", r.Expect); bad != nil {
		return nil, bad
	}
	if !slices.ContainsFunc(out.expect.reads, func(p string) bool { return p != varAt && !strings.HasPrefix(p, varVantage+".") }) {
		return nil, &flaw{"expect", lang.T("biểu thức không đọc dữ kiện nào", "the expression reads no fact"),
			lang.T("hãy đọc kết quả của một phép kiểm tra (sansang list checks) hoặc attest.met", "read what a check saw (sansang list checks) or attest.met")}
	}
	for _, w := range r.Warn {
		when, bad := e.expression(r.Scope, "warn", w.When)
		if bad != nil {
			return nil, bad
		}
		out.warns = append(out.warns, warning{when, w.Say})
	}
	if out.checks = out.factsRead(); len(out.from) > 0 && len(out.checks) == 0 {
		return nil, &flaw{"from", lang.T("biểu thức không đọc điều gì nhìn thấy được từ một vùng mạng", "the expression reads nothing that is seen from any zone"),
			lang.T("bỏ from, hoặc đọc kết quả của một phép kiểm tra (sansang list checks)", "remove from, or read what a check saw (sansang list checks)")}
	}
	for _, show := range r.Show {
		program, reads, bad := e.compile(e.facts[r.Scope], "show", show.Value, nil)
		if bad != nil {
			return nil, bad
		}
		for _, path := range reads {
			if id, ok := factOf(path); ok && !slices.Contains(out.checks, id) {
				return nil, &flaw{"show", lang.Tf("đọc %s, là phép kiểm tra mà expect và warn không đọc", "reads %s, a check that neither expect nor warn reads", id),
					lang.T("chỉ nêu điều thuộc các phép kiểm tra đã đọc", "show what belongs to the checks that are read")}
			}
		}
		out.show = append(out.show, shown{Show: show, program: program})
	}
	return out, nil
}

// programs lists everything that the rule evaluates over facts.
func (r *rule) programs() []cel.Program {
	out := []cel.Program{r.expect.program}
	for _, w := range r.warns {
		out = append(out, w.when.program)
	}
	for _, s := range r.show {
		out = append(out, s.program)
	}
	return out
}

func (r *rule) factsRead() []string {
	var ids []string
	add := func(e expression) {
		for _, p := range e.reads {
			if id, ok := factOf(p); ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	add(r.expect)
	for _, w := range r.warns {
		add(w.when)
	}
	sort.Strings(ids)
	return ids
}

func (e *envs) expression(s Scope, field, source string) (expression, *flaw) {
	program, reads, bad := e.compile(e.facts[s], field, source, cel.BoolType)
	return expression{program, reads}, bad
}

// compile type-checks an expression, which must give what is wanted, if that
// is not nil.
func (e *envs) compile(env *cel.Env, field, source string, want *cel.Type) (cel.Program, []string, *flaw) {
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		at := first.Location.Column() + 1
		if strings.Contains(first.Message, "undeclared reference to 'templates") {
			return nil, nil, &flaw{field,
				lang.Tf("biểu thức %s đọc một bộ mẫu không có ở đây", "the expression %s reads a set of templates that is not here", field),
				lang.T("khai bộ mẫu ở mục templates của tệp chính sách, rồi kiểm tra tệp chính sách", "declare it under templates in the policy file, and lint the policy file")}
		}
		if tooLarge(first.Message) {
			return nil, nil, &flaw{field, lang.Tf("biểu thức %s quá lớn hoặc lồng quá sâu: %s", "the expression %s is too large or nested too deep: %s", field, first.Message),
				lang.T("chia thành các quy tắc ngắn hơn ở mục also", "split it into shorter rules under also")}
		}
		return nil, nil, &flaw{field,
			lang.Tf("biểu thức %s sai ở cột %d: %s", "the expression %s is wrong at column %d: %s", field, at, first.Message),
			lang.T("xem các dữ kiện đọc được bằng: sansang explain <phép kiểm tra>", "see what can be read with: sansang explain <check>")}
	}
	if want != nil && checked.OutputType() != want {
		return nil, nil, &flaw{field,
			lang.Tf("biểu thức %s cho ra %s", "the expression %s gives %s", field, checked.OutputType()),
			lang.T("viết thành câu hỏi đúng hoặc sai", "make it true or false")}
	}
	if bad := unbounded(checked.NativeRep(), field); bad != nil {
		return nil, nil, bad
	}
	reads := pathsRead(checked.NativeRep())
	if e.trace != nil {
		var err error
		env, checked, err = e.trace.wrap(env, checked, field)
		if err != nil {
			return nil, nil, &flaw{field, lang.Tf("biểu thức %s không theo dõi được: %v", "the expression %s cannot be traced: %v", field, err), lang.Text{}}
		}
	}
	program, err := env.Program(checked, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(costLimit), trueCosts)
	if err != nil {
		return nil, nil, &flaw{field, lang.Tf("biểu thức %s không dùng được: %v", "the expression %s cannot be used: %v", field, err), lang.Text{}}
	}
	if e.trace == nil { // what is traced is evaluated each time
		program = knowing(program, checked.NativeRep())
	}
	return program, reads, nil
}

// pathsRead finds what an expression reads of what was seen.
func pathsRead(a *ast.AST) []string { return readsOf(a, readable) }

// readsOf finds the variables that an expression reads, each with the longest
// chain of fields after it, in the order written.
func readsOf(a *ast.AST, wanted func(name string) bool) []string {
	var out []string
	add := func(p string) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	refs := a.ReferenceMap()
	var walk func(e ast.NavigableExpr, chain []string)
	walk = func(e ast.NavigableExpr, chain []string) {
		if ref, ok := refs[e.ID()]; ok && ref.Name != "" && wanted(ref.Name) {
			add(strings.Join(append([]string{ref.Name}, chain...), "."))
			return
		}
		if e.Kind() == ast.SelectKind {
			walk(e.Children()[0], append([]string{e.AsSelect().FieldName()}, chain...))
			return
		}
		for _, c := range e.Children() {
			walk(c, nil)
		}
	}
	walk(ast.NavigateAST(a), nil)
	return out
}

// readable tells whether a name is something seen, not inventory and not a
// variable of a comprehension.
func readable(name string) bool {
	_, isFact := checkOf(name)
	return isFact || name == varAttest || name == varVantage || name == varAt
}

// factOf gives the check of a path: "tls.versions" of "tls.versions.tls10".
// Check IDs have two parts.
func factOf(path string) (string, bool) {
	parts := strings.SplitN(path, ".", 3)
	if len(parts) < 2 || slices.Contains([]string{varAttest, varVantage, varAt}, parts[0]) {
		return "", false
	}
	return parts[0] + "." + parts[1], true
}
