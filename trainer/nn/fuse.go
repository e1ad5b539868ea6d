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
	summed bool // the user sums the bias's gradient as well, and needs no more of the layer's value
}

// fromOutput reports whether the derivative follows from y: without activation, or with ReLU, whose sign y still has.
func (e *end) fromOutput() bool { return e.f == kernel.Identity || e.f == kernel.ReLU }

// setup keeps what the backward pass needs.
func (e *end) setup(c *compiler, n *Node) {
	e.n = n
	switch {
	case !e.fromOutput():
		e.before = c.kept(n, n.Columns(), 0)
	case e.f == kernel.ReLU && !e.summed:
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

// clear prepares the bias's gradient for sums.
func (e *end) clear(w *worker) {
	if e.bias != nil && !e.summed {
		w.zeroed(e.bias)
	}
}

// apply adds the bias to sums y, from row first on, and activates them, where that did not happen in a product.
func (e *end) apply(w *worker, y []float32, first int) {
	if e.bias != nil {
		for at := 0; at < len(y); at += e.bias.size() {
			kernel.Add(y[at:], e.bias.value, y[at:])
		}
	}
	if !e.fromOutput() {
		copy(w.rowsOf(e.before, e.n.Columns())[first*e.n.Columns():], y)
	}
	if e.f != kernel.Identity {
		kernel.Activate(e.f, y, y)
	}
}

// backward turns the gradient of y, from row first on, into that of the pre-activations, in place.
func (e *end) backward(w *worker, dy []float32, first int) {
	if !e.eased {
		e.derive(w, dy, first)
	}
}

// derive multiplies the gradient of y, from row first on, by the derivative.
func (e *end) derive(w *worker, dy []float32, first int) {
	if e != nil && e.f != kernel.Identity {
		kernel.ActivateGrad(e.f, dy, dy, e.at(w)[first*e.n.Columns():][:len(dy)])
	}
}

// sumBias adds rows of the pre-activations' gradient to the bias's.
func (e *end) sumBias(w *worker, dz []float32) {
	if e.bias != nil && !e.summed {
		kernel.ColumnSums(w.gradient(e.bias), dz)
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
		if pool, conv := pooled(n); conv != nil {
			pool.inside, conv.after = true, pool
			c.goTogether(n.in[0], n, conv.groupOf(c.rows)*conv.to.Size())
		}
	}
}

// goTogether lets a convolution run the pooling behind it, both ways; of its own value and gradient it needs a group's at a time.
func (c *compiler) goTogether(conv, pool *Node, groupFloats int) {
	x, y, at := c.places[conv.id], c.places[pool.id], c.backwardTime(conv)
	x.value.perRow, x.value.fixed, x.value.last = 0, groupFloats, c.forwardTime(conv)
	x.grad.perRow, x.grad.fixed, x.grad.first = 0, groupFloats, at
	y.value.touch(c.forwardTime(conv))
	y.grad.touch(at)
}

// pooled tells whether a node pools what a convolution yields, so that the two can go group by group.
func pooled(n *Node) (*maxPoolOp, *convOp) {
	pool, ok := n.op.(*maxPoolOp)
	if !ok {
		return nil, nil
	}
	conv, _ := n.in[0].op.(*convOp)
	return pool, conv
}

// easing is implemented by operations that can take over the end of the layer before them.
type easing interface{ take(e *end) }
