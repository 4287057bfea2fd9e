package judge

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// conditions lists the conditions of an expression: the whole of it, then what
// its operators and comprehensions ask, the outer before the inner.
func conditions(a *ast.AST) []ast.Expr {
	w := conditionWalk{types: a, out: []ast.Expr{a.Expr()}}
	w.walk(a.Expr(), false)
	return w.out
}

type conditionWalk struct {
	types *ast.AST
	out   []ast.Expr
}

// walk visits an expression; asked tells that an operator asks whether it is
// true. What is joined by operators is asked by its parts.
func (w *conditionWalk) walk(e ast.Expr, asked bool) {
	if e.Kind() == ast.CallKind {
		args := e.AsCall().Args()
		switch e.AsCall().FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
			for _, arg := range args {
				w.walk(arg, true)
			}
			return
		case operators.Conditional:
			w.walk(args[0], true)
			for _, arg := range args[1:] {
				w.walk(arg, w.types.GetType(arg.ID()) == types.BoolType)
			}
			return
		}
	}
	if e.Kind() == ast.IdentKind && strings.HasPrefix(e.AsIdent(), "@") {
		return // what a comprehension has come to so far
	}
	if asked {
		w.out = append(w.out, e)
	}
	switch e.Kind() {
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			w.walk(e.AsCall().Target(), false)
		}
		for _, arg := range e.AsCall().Args() {
			w.walk(arg, false)
		}
	case ast.SelectKind:
		w.walk(e.AsSelect().Operand(), false)
	case ast.ListKind:
		for _, elem := range e.AsList().Elements() {
			w.walk(elem, false)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.walk(entry.AsMapEntry().Key(), false)
			w.walk(entry.AsMapEntry().Value(), false)
		}
	case ast.ComprehensionKind:
		w.walk(e.AsComprehension().IterRange(), false)
		w.walk(e.AsComprehension().LoopStep(), false)
	default: // names and literals hold nothing
	}
}

// wrapper rewrites an expression so that each condition is noted by its number.
type wrapper struct{ first int }

// Optimize wraps the inner conditions first: an outer one is then copied with
// them in it.
func (w *wrapper) Optimize(ctx *cel.OptimizerContext, a *ast.AST) *ast.AST {
	all := conditions(a)
	for n := len(all) - 1; n >= 0; n-- {
		copied, _ := ctx.CopyAST(ast.NewAST(all[n], ast.NewSourceInfo(nil))) // without its places, of which each copy would add as many again
		number := ctx.NewLiteral(types.Int(w.first + n))
		ctx.UpdateExpr(all[n], ctx.NewCall(noting, number, copied))
	}
	return ctx.NewAST(a.Expr())
}
