package nn

import "tuned/trainer/nn/kernel"

// Columns is the columns from … to-1 of x.
func (g *Graph) Columns(x *Node, from, to int) *Node {
	if from < 0 || to > x.Columns() || from >= to {
		g.fail("columns: %d to %d of %d", from, to, x.Columns())
		from, to = 0, 1
	}
	return g.add(flat(to-from), &columnsOp{from: from}, x)
}

type columnsOp struct {
	n    *Node
	from int
}

func (*columnsOp) name() string                 { return "columns" }
func (*columnsOp) strided()                     {}
func (o *columnsOp) setup(_ *compiler, n *Node) { o.n = n }
func (o *columnsOp) cost() cost                 { return cost{} }

func (o *columnsOp) forward(w *worker) {
	x, y, k := w.value(o.n.in[0]), w.value(o.n), o.n.Columns()
	for i := range w.n {
		copy(y.row(i, k), x.data[i*x.ld+o.from:])
	}
}

func (o *columnsOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	dx, dy, k := w.grad(o.n.in[0]), w.grad(o.n), o.n.Columns()
	if !w.adds(o.n, 0) {
		clear(w.flatGrad(o.n.in[0]))
	}
	for i := range w.n {
		at := i*dx.ld + o.from
		kernel.Axpy(1, dy.row(i, k), dx.data[at:at+k])
	}
}

// Concat joins the columns of nodes. A table's embeddings and columns that go nowhere else are written in place.
func (g *Graph) Concat(xs ...*Node) *Node {
	width := 0
	for _, x := range xs {
		width += x.Columns()
	}
	return g.add(flat(width), &concatOp{}, xs...)
}

type concatOp struct {
	n       *Node
	inPlace []bool // by input
}

func (*concatOp) name() string                 { return "concat" }
func (o *concatOp) setup(c *compiler, n *Node) { o.n, o.inPlace = n, c.inPlace(n) }
func (o *concatOp) cost() cost                 { return cost{} }

func (o *concatOp) forward(w *worker) {
	y, at := w.value(o.n), 0
	for k, x := range o.n.in {
		width := x.Columns()
		if !o.inPlace[k] {
			v := w.value(x)
			for i := range w.n {
				copy(y.data[i*y.ld+at:][:width], v.row(i, width))
			}
		}
		at += width
	}
}

func (o *concatOp) backward(w *worker) {
	dy, at := w.grad(o.n), 0
	for k, x := range o.n.in {
		width := x.Columns()
		if !o.inPlace[k] && w.wants(o.n, k) {
			dx, adds := w.grad(x), w.adds(o.n, k)
			for i := range w.n {
				give(dx.row(i, width), dy.data[i*dy.ld+at:][:width], adds)
			}
		}
		at += width
	}
}

// give copies or adds a contribution to a gradient.
func give(dst, src []float32, add bool) {
	if add {
		kernel.Add(dst, dst, src)
		return
	}
	copy(dst, src)
}

// Reshape reads a row as another shape of the same size.
func (g *Graph) Reshape(x *Node, s Shape) *Node {
	if s.Size() != x.Columns() {
		g.fail("reshape: %v has not the size of %v", s, x.shape)
	}
	if _, again := x.op.(*reshapeOp); again {
		x = x.in[0]
	}
	return g.add(s, &reshapeOp{}, x)
}

// reshapeOp shares its input's memory.
type reshapeOp struct{}

func (*reshapeOp) name() string           { return "reshape" }
func (*reshapeOp) setup(*compiler, *Node) {}
func (*reshapeOp) forward(*worker)        {}
func (*reshapeOp) backward(*worker)       {}
func (*reshapeOp) cost() cost             { return cost{} }

// Add is a + b, of the same shape: a residual connection.
func (g *Graph) Add(a, b *Node) *Node {
	if a.shape != b.shape {
		g.fail("add: shapes %v and %v differ", a.shape, b.shape)
	}
	return g.add(a.shape, &addOp{}, a, b)
}

type addOp struct{ n *Node }

func (*addOp) name() string                 { return "add" }
func (o *addOp) setup(_ *compiler, n *Node) { o.n = n }
func (o *addOp) cost() cost                 { return each(o.n, 1, 2) }

func (o *addOp) forward(w *worker) {
	kernel.Add(w.flat(o.n), w.flat(o.n.in[0]), w.flat(o.n.in[1]))
}

func (o *addOp) backward(w *worker) {
	for k := range o.n.in {
		if w.wants(o.n, k) {
			w.contribute(o.n, k, w.flatGrad(o.n))
		}
	}
}

// Scale multiplies each column by its own factor, which begins at 1.
func (g *Graph) Scale(x *Node, group string) *Node {
	o := &scaleOp{}
	o.factor = g.newParam(g.layer("", "scale"), "factor", group, fillOne, x.Columns())
	return g.add(x.shape, o, x)
}

type scaleOp struct {
	n      *Node
	factor *param
}

func (*scaleOp) name() string           { return "scale" }
func (o *scaleOp) parameters() []*param { return []*param{o.factor} }
func (o *scaleOp) cost() cost           { return each(o.n, 1, 3) }

func (o *scaleOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
}

func (o *scaleOp) forward(w *worker) {
	kernel.ScaleColumns(w.flat(o.n), w.flat(o.n.in[0]), o.factor.value, nil)
}

func (o *scaleOp) backward(w *worker) {
	dy := w.flatGrad(o.n)
	kernel.ColumnDots(w.zeroed(o.factor), dy, w.flat(o.n.in[0]))
	if w.wants(o.n, 0) {
		dx := w.into(o.n, 0, dy)
		kernel.ScaleColumns(dx, dy, o.factor.value, nil)
		w.contribute(o.n, 0, dx)
	}
}
