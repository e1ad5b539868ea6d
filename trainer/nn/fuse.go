package nn

import "tuned/trainer/nn/kernel"

// end is the end of a dense layer or a convolution. Its backward pass costs as much as reading and writing
// all values; where the only user of the layer is one that can do it on the way, that one does.
type end struct {
	n      *Node
	f      kernel.Activation
	before scratch // pre-activations, where backward needs them
	bias   *param
	eased  bool // the user multiplies by the derivative
	summed bool // the user sums the bias's gradient as well
}

// fromOutput reports whether the derivative follows from y: without activation, or with ReLU, whose sign y still has.
func (e *end) fromOutput() bool { return e.f == kernel.Identity || e.f == kernel.ReLU }

// setup keeps what the backward pass needs.
func (e *end) setup(c *compiler, n *Node) {
	e.n = n
	switch {
	case !e.fromOutput():
		e.before = c.kept(n, n.Columns(), 0)
	case e.f == kernel.ReLU:
		c.keepOutput(n)
	}
}

// finish makes a product that computes the worker's rows from first on end with bias and activation.
func (e *end) finish(w *worker, p *kernel.Product, first int) {
	p.Activation = e.f
	if e.bias != nil {
		p.Bias = e.bias.value
	}
	if !e.fromOutput() {
		p.Before = kernel.Matrix{Data: w.rowsOf(e.before, e.n.Columns())[first*e.n.Columns():], Stride: p.N}
	}
}

// at is what the derivative is taken at.
func (e *end) at(w *worker) []float32 {
	if e.fromOutput() {
		return w.flat(e.n)
	}
	return w.rowsOf(e.before, e.n.Columns())
}

// backward turns the gradient of y into that of the pre-activations, in place, and sums the bias's.
func (e *end) backward(w *worker, dy []float32) {
	if !e.eased && e.f != kernel.Identity {
		kernel.ActivateGrad(e.f, dy, dy, e.at(w))
	}
	if e.bias != nil && !e.summed {
		kernel.ColumnSums(w.zeroed(e.bias), dy)
	}
}

// ease makes a product that computes the gradient of the layer's y, from row first on, multiply by the derivative.
func (e *end) ease(w *worker, p *kernel.Product, first int) {
	if e != nil {
		p.Gradient = e.f
		p.At = kernel.Matrix{Data: e.at(w)[first*e.n.Columns():], Stride: p.N}
	}
}

// ended is implemented by layers that end in an activation of their own; nil when this one does not.
type ended interface{ ending() *end }

// fuse lets operations take over the ends of the layers that nothing else uses.
func (c *compiler) fuse() {
	for _, n := range c.nodes {
		u, ok := n.op.(easing)
		if !ok || c.users[n.in[0].id] != 1 {
			continue
		}
		if x, ok := n.in[0].op.(ended); ok && x.ending() != nil {
			u.take(x.ending())
		}
	}
}

// easing is implemented by operations that can take over the end of the layer before them.
type easing interface{ take(e *end) }
