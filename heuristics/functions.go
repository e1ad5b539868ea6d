package heuristics

import (
	"fmt"
	"math"
	"slices"

	"github.com/expr-lang/expr"

	"tuned/words"
)

// Function documents a function that expressions may call.
type Function struct {
	Name  string
	Usage string // "clamp(x, low, high)"
	Help  string
	types []any
	call  func(args []any) (any, error)
}

// Functions returns all that expressions may call.
func Functions() []Function { return slices.Clone(functions) }

var functions = []Function{
	extremum("min", "the smallest of the numbers", func(a, b float64) bool { return a < b }),
	extremum("max", "the largest of the numbers", func(a, b float64) bool { return a > b }),
	{
		Name: "clamp", Usage: "clamp(x, low, high)", Help: "x, but at least low and at most high",
		types: []any{new(func(int, int, int) int), new(func(float64, float64, float64) float64)}, call: clamp,
	},
	whole("round", "the nearest whole number; halves go away from zero", math.Round),
	whole("floor", "the whole number at or below x", math.Floor),
	whole("ceil", "the whole number at or above x", math.Ceil),
	whole("power_of_two", "the power of two nearest to x, by ratio; at least 1", nearestPower),
	real1("sqrt", "the square root of x", math.Sqrt),
	real1("exp", "e to the power of x", math.Exp),
	real1("log", "the natural logarithm of x", math.Log),
	real1("log2", "the logarithm of x to base 2", math.Log2),
	real1("log10", "the logarithm of x to base 10: its decades", math.Log10),
	{
		Name: "abs", Usage: "abs(x)", Help: "x without its sign",
		types: []any{new(func(int) int), new(func(float64) float64)}, call: absolute,
	},
	{
		Name: "pow", Usage: "pow(x, y)", Help: "x to the power of y; x ** y is the same", types: []any{new(func(float64, float64) float64)},
		call: func(args []any) (any, error) { return math.Pow(number(args[0]), number(args[1])), nil },
	},
	real1("figures", "x rounded to three figures: figures(0.022258) is 0.0223", words.ThreeFigures),
	formatted("percent", "x as text: percent(0.25) is 25 %", "share"),
	formatted("bytes", "x as text: bytes(2048) is 2.0 KiB", "bytes"),
	formatted("duration", "x seconds as text: duration(90) is 1.5 minutes", "seconds"),
}

// options makes the functions known to expr, and takes away all that it brings: nothing may read a clock or the
// environment, and a language of this size can be read by anyone.
var options = func() []expr.Option {
	opts := []expr.Option{expr.DisableAllBuiltins(), expr.DisableIfOperator()}
	for _, f := range functions {
		opts = append(opts, expr.Function(f.Name, func(args ...any) (any, error) { return f.call(args) }, f.types...))
	}
	return opts
}()

func functionNames() []string {
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.Name
	}
	return names
}

func number(v any) float64 {
	if i, ok := v.(int); ok {
		return float64(i)
	}
	f, _ := v.(float64)
	return f
}

// allInt tells whether a result can stay a whole number.
func allInt(args []any) bool {
	return !slices.ContainsFunc(args, func(v any) bool { _, ok := v.(int); return !ok })
}

func extremum(name, help string, better func(a, b float64) bool) Function {
	call := func(args []any) (any, error) {
		if len(args) == 0 {
			return nil, fmt.Errorf("%s() needs a number", name)
		}
		best := args[0]
		for _, v := range args[1:] {
			if better(number(v), number(best)) {
				best = v
			}
		}
		if allInt(args) {
			return best, nil
		}
		return number(best), nil
	}
	return Function{
		Name: name, Usage: name + "(x, y, …)", Help: help, call: call,
		types: []any{new(func(int, ...int) int), new(func(float64, ...float64) float64)},
	}
}

func clamp(args []any) (any, error) {
	x, low, high := number(args[0]), number(args[1]), number(args[2])
	if low > high {
		return nil, fmt.Errorf("clamp: low %g is above high %g", low, high)
	}
	v := min(max(x, low), high)
	if allInt(args) {
		return int(v), nil
	}
	return v, nil
}

func absolute(args []any) (any, error) {
	if allInt(args) {
		return int(math.Abs(number(args[0]))), nil
	}
	return math.Abs(number(args[0])), nil
}

func nearestPower(x float64) float64 { return math.Exp2(max(0, math.Round(math.Log2(x)))) }

func whole(name, help string, f func(float64) float64) Function {
	call := func(args []any) (any, error) {
		v := f(number(args[0]))
		if math.IsNaN(v) || math.Abs(v) > 1<<53 {
			return nil, fmt.Errorf("%s(%g) is not a whole number that can be counted with", name, number(args[0]))
		}
		return int(v), nil
	}
	return Function{Name: name, Usage: name + "(x)", Help: help, types: []any{new(func(float64) int)}, call: call}
}

func real1(name, help string, f func(float64) float64) Function {
	call := func(args []any) (any, error) { return f(number(args[0])), nil }
	return Function{Name: name, Usage: name + "(x)", Help: help, types: []any{new(func(float64) float64)}, call: call}
}

func formatted(name, help, unit string) Function {
	call := func(args []any) (any, error) { return words.Format(number(args[0]), unit), nil }
	return Function{Name: name, Usage: name + "(x)", Help: help, types: []any{new(func(float64) string)}, call: call}
}
