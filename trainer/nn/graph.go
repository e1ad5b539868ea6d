package nn

import "fmt"

// Shape is the shape of a node's value for one row: channels are innermost. A flat value of n columns is {1, 1, n}.
type Shape struct{ Height, Width, Channels int }

// Size is the number of values in a row.
func (s Shape) Size() int { return s.Height * s.Width * s.Channels }

// flat is the shape of n columns.
func flat(n int) Shape { return Shape{1, 1, n} }

// Graph is a network under construction. Its methods never fail: the first mistake is kept, and Compile returns it.
// A Graph is used by one goroutine, and compiled once.
type Graph struct {
	nodes     []*Node
	params    []*param
	groups    []Group
	loss      lossOp
	output    *Node
	members   int  // networks side by side
	half      bool // see HalfProducts
	optimizer Optimizer
	compiled  bool
	err       error
}

// Node is a value in a graph: one row of numbers for each row of a batch.
type Node struct {
	graph *Graph
	id    int
	shape Shape
	op    op
	in    []*Node

	// Filled in by Compile.
	behind bool   // a parameter lies behind it, so that it needs a gradient
	adds   []bool // by input: whether its contribution to the gradient comes on top of an earlier one
}

// Shape returns the shape of one row.
func (n *Node) Shape() Shape { return n.shape }

// Columns returns the number of values in a row.
func (n *Node) Columns() int { return n.shape.Size() }

// Group is a set of parameters with its own factors on the learning rate and the weight decay.
type Group struct {
	Name        string
	LRFactor    float64
	DecayFactor float64
	Parameters  int64 // counted by Compile
}

// Groups names the groups that the parameters of one layer belong to. The zero value is the default group.
type Groups struct{ Weight, Bias, Activation string }

// New returns an empty graph with AdamW as its optimizer and the default group "" at factors 1, 1.
func New() *Graph {
	return &Graph{members: 1, groups: []Group{{LRFactor: 1, DecayFactor: 1}}}
}

// HalfProducts allows that dense layers multiply numbers rounded to bfloat16, 8 significant bits, while they train and where the
// processor is quicker at that (kernel.Halves). Weights, sums, activations and all that is predicted stay float32.
func (g *Graph) HalfProducts() { g.half = true }

// Group sets the factors of a parameter group, before or after parameters name it.
func (g *Graph) Group(name string, lrFactor, decayFactor float64) {
	gr := &g.groups[g.group(name)]
	gr.LRFactor, gr.DecayFactor = lrFactor, decayFactor
}

// group returns the index of a group, which it makes with factors 1, 1 when it is new.
func (g *Graph) group(name string) int {
	for i := range g.groups {
		if g.groups[i].Name == name {
			return i
		}
	}
	g.groups = append(g.groups, Group{Name: name, LRFactor: 1, DecayFactor: 1})
	return len(g.groups) - 1
}

// Optimizer sets the optimizer and the running averages that it tracks.
func (g *Graph) Optimizer(o Optimizer) { g.optimizer = o }

// add appends a node whose inputs exist already: creation order is execution order.
func (g *Graph) add(s Shape, o op, in ...*Node) *Node {
	_, embeds := o.(*embedOp)
	for _, x := range in {
		if x.graph != g {
			g.fail("%s: an input belongs to another graph", o.name())
		}
		if _, codes := x.op.(*codesOp); codes && !embeds {
			g.fail("%s: codes can only be embedded", o.name())
		}
	}
	if s.Height < 1 || s.Width < 1 || s.Channels < 1 {
		g.fail("%s: shape %v holds no values", o.name(), s)
	}
	n := &Node{graph: g, id: len(g.nodes), shape: s, op: o, in: in}
	g.nodes = append(g.nodes, n)
	return n
}

// end makes a loss of a node's value the objective.
func (g *Graph) end(x *Node, l lossOp) {
	if g.loss != nil {
		g.fail("%s: the graph has a loss already", l.name())
	}
	g.loss, g.output = l, x
}

// fail keeps the first mistake.
func (g *Graph) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf("build graph: "+format, args...)
	}
}

// layer returns the name of a new layer's parameters: the author's, or the kind and the place in the graph.
func (g *Graph) layer(name, kind string) string {
	if name == "" {
		name = fmt.Sprintf("%s%d", kind, len(g.nodes))
	}
	for _, p := range g.params {
		if p.layer == name {
			g.fail("two layers are named %q", name)
		}
	}
	return name
}
