package nuclei

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/Knetic/govaluate"
	other "github.com/projectdiscovery/dsl"
	"github.com/projectdiscovery/nuclei/v3/pkg/operators/common/dsl"
)

// forbidden are the functions that go out (resolve, public_ip, llm_prompt,
// jarm) or sleep (wait_for). What a target answers may come to be evaluated
// (CVE-2026-41645), so they are closed for everybody. print_debug writes.
var forbidden = []string{"resolve", "public_ip", "llm_prompt", "jarm", "wait_for", "print_debug"}

// sized are the functions whose argument is the length of what they give.
var sized = map[string]int{
	"repeat": 1, "padding": 2, "rand_base": 0, "rand_text_alphanumeric": 0, "rand_text_alpha": 0, "rand_text_numeric": 0,
}

// mostText bounds what one function gives, in bytes.
const mostText = 1 << 20

var errForbidden = errors.New("the function is closed")

// quench closes, bounds and saves from panics the functions of expressions.
func quench() {
	for _, functions := range []map[string]govaluate.ExpressionFunction{dsl.HelperFunctions, other.DefaultHelperFunctions} {
		for name, f := range functions {
			functions[name] = tame(name, f)
		}
		for _, name := range forbidden {
			for _, alias := range []string{name, strings.ReplaceAll(name, "_", "")} {
				functions[alias] = func(...any) (any, error) { return nil, errForbidden }
			}
		}
	}
}

func tame(name string, f govaluate.ExpressionFunction) govaluate.ExpressionFunction {
	length, bounded := -1, false
	for n, at := range sized {
		if name == n || name == strings.ReplaceAll(n, "_", "") {
			length, bounded = at, true
		}
	}
	return func(args ...any) (result any, err error) {
		defer func() {
			if p := recover(); p != nil {
				result, err = nil, fmt.Errorf("%s: %v", name, p)
			}
		}()
		if bounded && length < len(args) {
			n, err := strconv.ParseFloat(fmt.Sprint(args[length]), 64)
			if err == nil && name == "repeat" {
				n *= math.Max(1, float64(len(fmt.Sprint(args[0]))))
			}
			if err != nil || n < 0 || n > mostText {
				return nil, fmt.Errorf("%s: a length of %v", name, args[length])
			}
		}
		return f(args...)
	}
}
