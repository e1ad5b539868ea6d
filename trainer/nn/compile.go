package nn

import (
	"errors"
	"fmt"
	"unsafe"

	"tuned/trainer/model"
)

// compiler turns a graph into a flat program: instruction i is the forward pass of node i, instruction
// 2n-1-i its backward pass, with the loss in front of instruction n.
type compiler struct {
	nodes   []*Node
	rows    int // the most that one worker has
	threads int
	places  []place // by node id
	buffers []*buffer
	scratch []*buffer // by handle
	shared  int64     // bytes that operations hold for all workers together
	users   []int     // by node id: how many inputs it is

	mirrors  bool // see Program
	straight scratch
}

// place is where a node's value and gradient lie: columns of the rows of a buffer.
type place struct {
	value, grad *buffer // grad is nil where none is needed
	column, ld  int
}

// scratch is a handle of workspace.
type scratch int

func (c *compiler) forwardTime(n *Node) int  { return n.id }
func (c *compiler) backwardTime(n *Node) int { return 2*len(c.nodes) - 1 - n.id }

// keepInput says that backward reads the node's k-th input.
func (c *compiler) keepInput(n *Node, k int) {
	c.places[n.in[k].id].value.touch(c.backwardTime(n))
}

// keepOutput says that backward reads the node's value.
func (c *compiler) keepOutput(n *Node) { c.places[n.id].value.touch(c.backwardTime(n)) }

// keepForward says that the node's value is read after all others, or some, have run forward.
func (c *compiler) keepForward(n *Node) { c.places[n.id].value.touch(len(c.nodes) - 1) }

// kept is workspace that lives from the node's forward to its backward pass: rowFloats for each row, and floats besides.
func (c *compiler) kept(n *Node, rowFloats, floats int) scratch {
	return c.space(rowFloats, floats, c.forwardTime(n), c.backwardTime(n))
}

// inForward is workspace for the node's forward pass alone.
func (c *compiler) inForward(n *Node, rowFloats, floats int) scratch {
	return c.space(rowFloats, floats, c.forwardTime(n), c.forwardTime(n))
}

// inBackward is workspace for the node's backward pass alone.
func (c *compiler) inBackward(n *Node, rowFloats, floats int) scratch {
	return c.space(rowFloats, floats, c.backwardTime(n), c.backwardTime(n))
}

func (c *compiler) space(perRow, fixed, first, last int) scratch {
	c.scratch = append(c.scratch, c.buffer(perRow, fixed, first, last))
	return scratch(len(c.scratch) - 1)
}

func (c *compiler) buffer(perRow, fixed, first, last int) *buffer {
	b := &buffer{perRow: perRow, fixed: fixed, first: first, last: last}
	c.buffers = append(c.buffers, b)
	return b
}

// inPlace tells which inputs of a Concat lie in it.
func (c *compiler) inPlace(n *Node) []bool {
	in := make([]bool, len(n.in))
	for k, x := range n.in {
		in[k] = c.places[x.id].value == c.places[n.id].value
	}
	return in
}

// check finds what cannot be compiled.
func (g *Graph) check(c Config) error {
	switch {
	case g.err != nil:
		return g.err
	case g.compiled:
		return errors.New("compile: the graph has been compiled before")
	case g.loss == nil:
		return errors.New("compile: the graph has no loss")
	case c.MaxBatch < 1 || c.Threads < 1:
		return fmt.Errorf("compile: %d rows on %d threads", c.MaxBatch, c.Threads)
	case len(g.params) == 0:
		return errors.New("compile: the graph has no parameters")
	case g.tooLarge(c.MaxBatch):
		return fmt.Errorf("compile: %w: no machine holds this network at %d rows a batch", model.ErrOutOfMemory, c.MaxBatch)
	}
	return g.optimizer.check()
}

// newCompiler finds out which nodes need gradients, lays out values and gradients, and lets every operation say what it
// needs besides.
func newCompiler(g *Graph, rows, threads int) (*compiler, error) {
	c := &compiler{nodes: g.nodes, rows: rows, threads: threads, users: make([]int, len(g.nodes))}
	if err := c.connect(g.output); err != nil {
		return nil, err
	}
	c.places = make([]place, len(c.nodes))
	for i := len(c.nodes) - 1; i >= 0; i-- {
		c.layOut(c.nodes[i])
	}
	c.live(g.output)
	c.fuse()
	for _, n := range c.nodes {
		n.op.setup(c, n)
	}
	c.mirror(g.output)
	c.order(g.output)
	return c, nil
}

// mirror finds out whether evaluation sees mirror images too, and makes room for what the images themselves yield.
func (c *compiler) mirror(output *Node) {
	for _, n := range c.nodes {
		if o, ok := n.op.(*pixelsOp); ok && o.augment.Both {
			c.mirrors = true
		}
	}
	if c.mirrors {
		c.straight = c.space(output.Columns(), 0, 0, len(c.nodes))
	}
}

// connect counts users and marks the nodes with parameters behind them. A node that nothing uses is a mistake.
func (c *compiler) connect(output *Node) error {
	c.users[output.id]++
	for _, n := range c.nodes {
		_, n.behind = n.op.(parametric)
		for _, x := range n.in {
			c.users[x.id]++
			n.behind = n.behind || x.behind
		}
	}
	for i, n := range c.nodes {
		if _, alias := n.op.(*reshapeOp); c.users[i] == 0 && !alias {
			return fmt.Errorf("compile: nothing uses the %s at place %d", n.op.name(), i)
		}
	}
	return nil
}

// layOut finds the place of a node whose users, all later, have theirs.
func (c *compiler) layOut(n *Node) {
	p := &c.places[n.id]
	switch n.op.(type) {
	case *codesOp:
		return
	case *reshapeOp:
		defer c.share(n, n.in[0])
		if c.places[n.in[0].id].value != nil {
			return
		}
	case *concatOp:
		defer c.layIn(n)
	}
	if p.value != nil {
		return
	}
	p.ld = n.Columns()
	p.value = c.buffer(p.ld, 0, c.forwardTime(n), c.forwardTime(n))
	if n.behind {
		p.grad = c.buffer(p.ld, 0, c.backwardTime(n), c.backwardTime(n))
	}
}

// layIn places the inputs of a Concat in it that have no other user and can be written at a stride.
func (c *compiler) layIn(n *Node) {
	column := 0
	for _, x := range n.in {
		if _, ok := x.op.(strided); ok && c.users[x.id] == 1 {
			p := c.places[n.id]
			p.column += column
			if !x.behind {
				p.grad = nil
			}
			c.places[x.id] = p
		}
		column += x.Columns()
	}
}

// share gives a Reshape and its input the same memory.
func (c *compiler) share(n, x *Node) {
	if c.places[x.id].value == nil {
		c.places[x.id] = c.places[n.id]
		return
	}
	c.places[n.id] = c.places[x.id]
}

// live extends the lives of values and gradients to their users.
func (c *compiler) live(output *Node) {
	for _, n := range c.nodes {
		p := c.places[n.id]
		if p.value == nil {
			continue
		}
		p.value.touch(c.forwardTime(n))
		if p.grad != nil {
			p.grad.touch(c.backwardTime(n))
		}
		for _, x := range n.in {
			c.liveInput(n, c.places[x.id])
		}
	}
	c.places[output.id].value.touch(c.backwardTime(output))
}

func (c *compiler) liveInput(n *Node, x place) {
	if x.value != nil {
		x.value.touch(c.forwardTime(n))
	}
	if x.grad != nil {
		x.grad.touch(c.backwardTime(n))
	}
}

// order decides which contribution to a gradient is the first: it is stored, the others are added.
func (c *compiler) order(output *Node) {
	written := map[*buffer]bool{c.places[output.id].grad: true}
	for i := len(c.nodes) - 1; i >= 0; i-- {
		n := c.nodes[i]
		n.adds = make([]bool, len(n.in))
		for k, x := range n.in {
			grad := c.places[x.id].grad
			if grad == nil || grad == c.places[n.id].grad {
				continue
			}
			n.adds[k], written[grad] = written[grad], true
		}
	}
}

// newArena returns n zeros that begin at a multiple of 64 bytes.
func newArena(n int) []float32 {
	a := make([]float32, n+align)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(a)))
	skip := int((64 - at%64) % 64 / 4)
	return a[skip : skip+n : skip+n]
}
