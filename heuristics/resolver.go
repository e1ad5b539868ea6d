package heuristics

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"tuned/words"
)

// resolver visits an expression's tree, children first: it replaces each name by a call that reads it, and notes the
// first name that nothing declares and the first construct that the language of rules leaves out.
type resolver struct {
	scope
	value      value
	calls      map[*ast.CallNode]string
	namespaces map[ast.Node]string // "data" on the way to data.rows
	bare       map[ast.Node]string // unknown so far: may be the start of a longer name
	first      *Error
}

var _ ast.Visitor = (*resolver)(nil)

// Visit implements ast.Visitor.
func (r *resolver) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		r.identifier(node, n)
	case *ast.MemberNode:
		r.member(node, n)
	case *ast.CallNode:
		r.call(n)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.UnaryNode, *ast.BinaryNode, *ast.ConditionalNode,
		*ast.ArrayNode, *ast.ConstantNode:
	default:
		r.fail(n, "see the list of operators and functions in docs/rules.md", "this is not part of the language of rules")
	}
}

func (r *resolver) fail(n ast.Node, hint, format string, args ...any) {
	if r.first == nil {
		r.first = r.value.place(byteOffset(r.value.text, n.Location().From)).errorf(hint, format, args...)
	}
}

// mistake returns the first one, or nil.
func (r *resolver) mistake() *Error {
	if r.first != nil {
		return r.first
	}
	for _, n := range slices.SortedFunc(maps.Keys(r.namespaces), byPlace) {
		r.fail(n, "", "%q is a group of names: it needs a dot and a name", r.namespaces[n])
	}
	for _, n := range slices.SortedFunc(maps.Keys(r.bare), byPlace) {
		r.unknown(n, r.bare[n])
	}
	return r.first
}

func byPlace(a, b ast.Node) int { return a.Location().From - b.Location().From }

func (r *resolver) identifier(node *ast.Node, n *ast.IdentifierNode) {
	switch {
	case r.known(n.Value):
		r.replace(node, n.Value)
	case r.isGroup(n.Value):
		r.namespaces[n] = n.Value
	case !slices.Contains(functionNames(), n.Value) && !slices.Contains(slices.Collect(maps.Values(accessors)), n.Value):
		r.bare[n] = n.Value
	}
}

func (r *resolver) isGroup(name string) bool {
	return r.catalogue.isNamespace(name) || name == r.catalogue.architecture && len(r.catalogue.architectureSettings()) > 0
}

func (r *resolver) member(node *ast.Node, n *ast.MemberNode) {
	property, ok := n.Property.(*ast.StringNode)
	base, isName := n.Node.(*ast.IdentifierNode)
	if !ok || !isName || n.Optional {
		r.fail(n, "", "only names like data.train_rows can have a dot")
		return
	}
	delete(r.namespaces, base)
	delete(r.bare, base)
	name := base.Value + "." + property.Value
	if !r.known(name) {
		r.unknown(base, name)
		return
	}
	r.replaceAt(node, name, base)
}

func (r *resolver) call(n *ast.CallNode) {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		r.fail(n, "", "only functions can be called")
		return
	}
	if _, unknown := r.bare[callee]; unknown {
		delete(r.bare, callee)
		r.fail(callee, words.DidYouMean(callee.Value, functionNames()), "unknown function %q", callee.Value)
	}
}

// known tells whether a name is declared and may be read here; if it is declared only, it says so.
func (r *resolver) known(name string) bool {
	if _, ok := r.catalogue.setting[name]; ok {
		return true
	}
	f, ok := r.catalogue.fact[name]
	return ok && (r.training || f.Probe != DuringTraining)
}

func (r *resolver) unknown(n ast.Node, name string) {
	if f, ok := r.catalogue.fact[name]; ok && f.Probe == DuringTraining {
		r.fail(n, "read it in a [[watch]]", "%q is known only during training", name)
		return
	}
	group, _, dotted := strings.Cut(name, ".")
	if r.catalogue.isForeign(name) && r.first == nil {
		r.fail(n, "", "%q belongs to another architecture than %q", name, r.catalogue.architecture)
		r.first.foreign = true
		return
	}
	what := "fact or setting"
	if dotted && r.catalogue.isNamespace(group) {
		what = "fact"
	}
	names := r.catalogue.names()
	if !dotted {
		names = append(names, functionNames()...)
	}
	r.fail(n, words.DidYouMean(name, names), "unknown %s %q", what, name)
}

func (r *resolver) replace(node *ast.Node, name string) { r.replaceAt(node, name, *node) }

func (r *resolver) replaceAt(node *ast.Node, name string, at ast.Node) {
	t := r.catalogue.typeOf(name)
	callee, argument := &ast.IdentifierNode{Value: accessors[t]}, &ast.StringNode{Value: name}
	call := &ast.CallNode{Callee: callee, Arguments: []ast.Node{argument}}
	for _, n := range []ast.Node{callee, argument, call} {
		n.SetLocation(at.Location())
	}
	*node = call
	if r.calls == nil {
		r.calls = map[*ast.CallNode]string{}
	}
	r.calls[call] = name
}

// reads are the names that the expression reads, sorted, each once.
func (r *resolver) reads() []string {
	return slices.Compact(slices.Sorted(maps.Values(r.calls)))
}

// typeOf a declared fact or setting.
func (c *Catalogue) typeOf(name string) Type {
	if s, ok := c.setting[name]; ok {
		return s.Type
	}
	return c.fact[name].Type
}
