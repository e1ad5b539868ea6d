package heuristics

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	exprfile "github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// expression is a compiled formula over facts and settings. Each name in it is read by a call at the moment that the
// evaluation reaches it, so a name behind a false "&&" is never read.
type expression struct {
	value   value
	program *vm.Program
	result  Type     // Int, Float, Bool or Text
	reads   []string // every fact and setting that it names, sorted
	single  string   // the one name that it consists of, or ""
	texts   []leaf   // text constants that it can result in
}

// leaf is a constant that an expression can result in.
type leaf struct {
	text string
	at   place
}

// scope says which names an expression may read.
type scope struct {
	catalogue *Catalogue
	training  bool         // the facts of DuringTraining too
	config    *conf.Config // what all expressions are checked by: making one takes as long as compiling
}

func newScope(c *Catalogue, training bool) scope {
	s := scope{catalogue: c, training: training}
	s.config = conf.CreateNew()
	for _, option := range options {
		option(s.config)
	}
	s.config.WithEnv(s.environment())
	return s
}

// configure is an option that takes everything over.
func (s scope) configure(c *conf.Config) { *c = *s.config }

// compile checks and compiles the text of a value.
func (s scope) compile(v value) (*expression, *Error) {
	names := &resolver{scope: s, value: v, namespaces: map[ast.Node]string{}, bare: map[ast.Node]string{}}
	program, err := expr.Compile(v.text, s.configure, expr.Patch(names))
	if mistake := names.mistake(); mistake != nil {
		return nil, mistake
	}
	if err != nil {
		return nil, compileError(v, err)
	}
	e := &expression{value: v, program: program, reads: names.reads()}
	if e.result, err = resultType(program.Node()); err != nil {
		return nil, v.place(0).errorf("", "%s", err)
	}
	if call, ok := program.Node().(*ast.CallNode); ok {
		e.single = names.calls[call]
	}
	e.texts = textLeaves(v, program.Node())
	return e, nil
}

// compileError turns a mistake that expr found into ours, in words that do not need a programmer.
func compileError(v value, err error) *Error {
	mistake := (*exprfile.Error)(nil)
	if !errors.As(err, &mistake) {
		return v.place(0).errorf("", "%s", plainWords.Replace(err.Error()))
	}
	return v.place(byteOffset(v.text, mistake.From)).errorf("", "%s", plainWords.Replace(mistake.Message))
}

var plainWords = strings.NewReplacer("runtime error: integer divide by zero", "division by zero", "unexpected token EOF", "the expression ends too early", "invalid operation: ", "", "mismatched types", "cannot combine", "mismatched type", "cannot use",
	"float64", "number", "string", "text", "bool", "yes/no", " int", " whole number", "func ", "function ")

// byteOffset of the n-th character.
func byteOffset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// The names of the calls that read a fact or setting: no expression can spell them.
var accessors = map[Type]string{Int: "read int", Float: "read float", Bool: "read bool", Text: "read text", Choice: "read text"}

var exprTypes = map[Type]types.Type{Int: types.Int, Float: types.Float64, Bool: types.Bool, Text: types.String, Choice: types.String}

// environment declares every name with its type, and the accessors.
func (s scope) environment() types.Map {
	env := types.Map{
		"read int":   types.TypeOf(func(string) (int, error) { return 0, nil }),
		"read float": types.TypeOf(func(string) (float64, error) { return 0, nil }),
		"read bool":  types.TypeOf(func(string) (bool, error) { return false, nil }),
		"read text":  types.TypeOf(func(string) (string, error) { return "", nil }),
	}
	declare := func(name string, t Type) {
		group, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			env[name] = exprTypes[t]
			return
		}
		if _, ok := env[group]; !ok {
			env[group] = types.Map{}
		}
		env[group].(types.Map)[rest] = exprTypes[t]
	}
	for _, f := range s.catalogue.facts {
		declare(f.Name, f.Type)
	}
	for _, t := range s.catalogue.settings {
		declare(t.Name, t.Type)
	}
	return env
}

var kinds = map[reflect.Kind]Type{reflect.Int: Int, reflect.Float64: Float, reflect.Bool: Bool, reflect.String: Text}

// resultType is the type of an expression's value. Branches that are whole and fractional numbers make a Float.
func resultType(n ast.Node) (Type, error) {
	c, ok := n.(*ast.ConditionalNode)
	if !ok {
		if t, ok := kinds[n.Type().Kind()]; ok {
			return t, nil
		}
		return "", fmt.Errorf("the result should be a number, a text, or true or false")
	}
	a, err := resultType(c.Exp1)
	if err != nil {
		return "", err
	}
	b, err := resultType(c.Exp2)
	if err != nil || a == b {
		return a, err
	}
	if (a == Int || a == Float) && (b == Int || b == Float) {
		return Float, nil
	}
	return "", fmt.Errorf("the two branches of ? : have different types")
}

// textLeaves finds the text constants that an expression can result in.
func textLeaves(v value, n ast.Node) []leaf {
	switch n := n.(type) {
	case *ast.ConditionalNode:
		return append(textLeaves(v, n.Exp1), textLeaves(v, n.Exp2)...)
	case *ast.StringNode:
		return []leaf{{n.Value, v.place(byteOffset(v.text, n.Location().From))}}
	}
	return nil
}

// constant tells whether the expression reads nothing.
func (e *expression) constant() bool { return len(e.reads) == 0 }

// reading gives an expression the values of the names that it reads. An error ends the evaluation and is returned from it.
type reading func(name string) (any, error)

// eval computes the value: an int, float64, bool or string.
func (e *expression) eval(read reading) (any, error) {
	result, err := expr.Run(e.program, map[string]any{
		"read int":   func(name string) (int, error) { return readAs[int](read, name) },
		"read float": func(name string) (float64, error) { return readAs[float64](read, name) },
		"read bool":  func(name string) (bool, error) { return readAs[bool](read, name) },
		"read text":  func(name string) (string, error) { return readAs[string](read, name) },
	})
	if err == nil {
		return result, nil
	}
	if stopped := (*readError)(nil); errors.As(err, &stopped) {
		return nil, stopped.err
	}
	mistake := (*exprfile.Error)(nil)
	if errors.As(err, &mistake) {
		return nil, e.value.place(byteOffset(e.value.text, mistake.From)).errorf("", "%s", plainWords.Replace(mistake.Message))
	}
	return nil, e.value.place(0).errorf("", "%s", err)
}

// readError carries an error of a reading through expr.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

func readAs[T any](read reading, name string) (T, error) {
	var zero T
	v, err := read(name)
	if err != nil {
		return zero, &readError{err}
	}
	if i, ok := v.(int64); ok {
		v = int(i)
	}
	t, ok := v.(T)
	if !ok {
		return zero, &readError{fmt.Errorf("%s is %v (%T), not a %T", name, v, v, zero)}
	}
	return t, nil
}
