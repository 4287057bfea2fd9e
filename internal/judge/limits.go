package judge

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/sansang/sansang/internal/lang"
)

// Bounds on what an expression may be and do, each several times what those of
// the shipped policies need. A policy may come from anywhere, and facts hold
// what targets say, so neither may choose how long judging takes.
const (
	mostText    = 4_000 // code points of an expression; the schema of requirements takes 2,000
	mostNodes   = 1_500 // of its syntax tree, macros written out
	mostDepth   = 40    // of brackets and operators inside each other
	mostLoops   = 3     // comprehensions inside each other
	mostPattern = 250   // instructions of a compiled regular expression

	// costLimit bounds one evaluation, in CEL's units: about a step, or ten
	// bytes looked at. Facts are bounded, so an expression that reaches it is a
	// mistake; the answer is then Inconclusive.
	costLimit = 1_000_000
)

// bounds refuses on loading what is larger, and literals that cannot be read.
func bounds(env *cel.Env) (*cel.Env, error) {
	for _, opt := range []cel.EnvOption{
		cel.ParserExpressionSizeLimit(mostText), cel.ParserRecursionLimit(mostDepth), cel.ParserErrorRecoveryLimit(4),
		cel.ExpressionNodeLimit(mostNodes), cel.RegexProgramSizeLimit(mostPattern),
		cel.ASTValidators(cel.ValidateComprehensionNestingLimit(mostLoops), cel.ValidateRegexLiterals(),
			cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals()),
	} {
		var err error
		if env, err = opt(env); err != nil {
			return nil, err
		}
	}
	return env, nil
}

// tooLarge knows the messages of those bounds that are of size.
func tooLarge(message string) bool {
	for _, of := range []string{"recursion", "size", "limit", "nesting"} {
		if strings.Contains(message, of) {
			return true
		}
	}
	return false
}

// unbounded finds what could not be held to its bounds or types before it is
// evaluated: a pattern that is not written out, and dyn, which hides from
// loading what a fact is.
func unbounded(a *ast.AST, field string) (bad *flaw) {
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		switch call.FunctionName() {
		case overloads.Matches:
			if args := call.Args(); len(args) > 0 && args[len(args)-1].Kind() != ast.LiteralKind {
				bad = &flaw{field, lang.Tf("biểu thức %s dùng mẫu biểu thức chính quy không viết sẵn", "the expression %s uses a regular expression that is not written out", field),
					lang.T(`viết mẫu trong ngoặc kép, ví dụ matches("^TLS")`, `write the pattern in quotes, such as matches("^TLS")`)}
			}
		case overloads.TypeConvertDyn:
			bad = &flaw{field, lang.Tf("biểu thức %s dùng dyn", "the expression %s uses dyn", field), lang.T("bỏ dyn: dữ kiện nào cũng có kiểu", "leave out dyn: every fact has a type")}
		}
	}))
	return bad
}

// trueCosts counts what CEL takes for cheap and is not: the length of a text
// is found by reading it, and two lists are compared element by element.
var trueCosts = cel.CostTrackerOptions(
	cost.OverloadTracker(overloads.SizeString, costOf(0)), cost.OverloadTracker(overloads.SizeStringInst, costOf(0)),
	cost.OverloadTracker(overloads.Equals, costOf(0, 1)), cost.OverloadTracker(overloads.NotEquals, costOf(0, 1)),
	cost.OverloadTracker(overloads.InList, searching),
)

// costOf is the cost of reading arguments to their end.
func costOf(which ...int) cost.FunctionTracker {
	return func(args []ref.Val, _ ref.Val) *uint64 {
		total := uint64(1)
		for _, n := range which {
			if n < len(args) {
				total += weight(args[n])
			}
		}
		return &total
	}
}

// searching is the cost of looking for a value in a list: that of holding it
// against each element.
func searching(args []ref.Val, _ ref.Val) *uint64 {
	total := uint64(1)
	if list, ok := args[len(args)-1].(traits.Lister); ok {
		n, _ := list.Size().(types.Int)
		total += uint64(max(n, 0)) * (1 + weight(args[0]))
	}
	return &total
}

// weight is a unit for each value, and one for every ten bytes of a text.
func weight(v ref.Val) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(len(v) / 10)
	case types.Bytes:
		return uint64(len(v) / 10)
	case traits.Lister:
		n := uint64(0)
		for it := v.Iterator(); it.HasNext() == types.True && n < costLimit; {
			n += 1 + weight(it.Next())
		}
		return n
	case traits.Mapper:
		n := uint64(0)
		for it := v.Iterator(); it.HasNext() == types.True && n < costLimit; {
			key := it.Next()
			n += 1 + weight(key) + weight(v.Get(key))
		}
		return n
	}
	return 0
}
