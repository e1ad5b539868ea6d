package nn

import "tuned/trainer/nn/kernel"

// worker computes one part of the rows of each batch in its own memory.
type worker struct {
	program   *Program
	id        int
	values    []matrix // by node
	grads     []matrix
	workspace [][]float32 // by scratch handle
	gradients []float32   // of the parameters
	mul       *kernel.Workspace
	product   kernel.Product // the one in work: kept here so that it need not be allocated
	labels    []int32        // of the task's rows, for losses that learn from labels
	targets   []float32      // of the task's rows, for losses that learn from numbers
	target    [1]float32
	waves     kernel.Waves // in work

	segments []segment // of the weights that it updates
	adam     kernel.AdamW
	sgd      kernel.SGD

	// Of the task at hand.
	rows    []int32 // of the data
	first   int     // position of rows[0] in the batch
	n       int     // len(rows)
	train   bool    // dropout and batch statistics are on
	augment bool    // images are changed
	mirror  bool    // the mirror images are evaluated
	loss    float64 // sum over rows
	squares float64 // of the reduced gradient in this worker's range
}

// begin gives the worker its part of a batch.
func (w *worker) begin(rows []int32, train bool) {
	t := len(w.program.workers)
	from := len(rows) * w.id / t
	w.first = w.program.first + from
	w.rows = rows[from : len(rows)*(w.id+1)/t]
	w.n, w.train = len(w.rows), train
	w.gather()
}

// gather copies the rows' targets, where they are known.
func (w *worker) gather() {
	d := &w.program.data
	if d.Labels != nil && w.program.loss.target() == labels {
		for i, r := range w.rows {
			w.labels[i] = d.Labels[r]
		}
	}
	if d.Values != nil && w.program.loss.target() == numbers {
		for i, r := range w.rows {
			w.targets[i] = d.Values[r]
		}
	}
}

// forward runs nodes from … to-1.
func (w *worker) forward(from, to int) {
	for _, n := range w.program.nodes[from:to] {
		n.op.forward(w)
	}
}

func (w *worker) backward() {
	nodes := w.program.nodes
	for i := len(nodes) - 1; i >= 0; i-- {
		if nodes[i].behind {
			nodes[i].op.backward(w)
		}
	}
}

func (w *worker) value(n *Node) matrix { return w.values[n.id] }
func (w *worker) grad(n *Node) matrix  { return w.grads[n.id] }

// flat is a node's whole value as one slice; the node must not lie in a Concat.
func (w *worker) flat(n *Node) []float32 { return w.values[n.id].data[:w.n*n.Columns()] }

func (w *worker) flatGrad(n *Node) []float32 { return w.grads[n.id].data[:w.n*n.Columns()] }

func (w *worker) matrix(n *Node) kernel.Matrix {
	m := w.values[n.id]
	return kernel.Matrix{Data: m.data, Stride: m.ld}
}

func (w *worker) gradMatrix(n *Node) kernel.Matrix {
	m := w.grads[n.id]
	return kernel.Matrix{Data: m.data, Stride: m.ld}
}

// rowsOf is workspace as this task's rows of width.
func (w *worker) rowsOf(s scratch, width int) []float32 { return w.workspace[s][:w.n*width] }

// gradient is a parameter's gradient on this worker, to be overwritten.
func (w *worker) gradient(p *param) []float32 { return w.gradients[p.offset : p.offset+p.size()] }

// zeroed is a parameter's gradient, cleared, to be added to.
func (w *worker) zeroed(p *param) []float32 {
	g := w.gradient(p)
	clear(g)
	return g
}

// wants reports whether the node's k-th input needs a gradient.
func (w *worker) wants(n *Node, k int) bool { return n.in[k].behind }

// adds reports whether the contribution to the k-th input's gradient must be added, not stored.
func (w *worker) adds(n *Node, k int) bool { return n.adds[k] }

// into is where a contribution to the k-th input's gradient is best computed: in its place, unless it must be added, in own.
func (w *worker) into(n *Node, k int, own []float32) []float32 {
	if n.adds[k] {
		return own
	}
	return w.flatGrad(n.in[k])
}

// contribute stores or adds a contribution to the k-th input's gradient, unless it is in its place; neither may lie in a Concat.
func (w *worker) contribute(n *Node, k int, src []float32) {
	if dst := w.flatGrad(n.in[k]); len(src) > 0 && &dst[0] != &src[0] {
		give(dst, src, n.adds[k])
	}
}

// drops reports whether dropout is on.
func (w *worker) drops() bool { return w.train && w.program.step.Dropout > 0 }

// half tells whether products may be of bfloat16.
func (w *worker) half() bool { return w.train && w.program.half }

// drop applies the step's mask of a node. The mask is a function of seed, step, layer and position in the batch.
func (w *worker) drop(n *Node, dst, src []float32) {
	s := kernel.NewStream(w.program.seed, w.program.steps, n.id)
	kernel.Dropout(dst, src, n.Columns(), w.first, s, float32(w.program.step.Dropout))
}
