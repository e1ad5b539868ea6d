package nn

import (
	"math"

	"tuned/trainer/nn/kernel"
)

// PBLD embeds each column x as [x, W cos(2π f x + c) + b], with its own frequencies f ~ N(0, sigma²) and c ~ U(-π, π);
// size values for each column, x included (arXiv 2407.04491).
func (g *Graph) PBLD(x *Node, frequencies, size int, sigma float64, group string) *Node {
	if frequencies < 1 || size < 2 {
		g.fail("pbld: %d frequencies and %d values for each column", frequencies, size)
		frequencies, size = 1, 2
	}
	k, layer, bound := x.Columns(), g.layer("", "pbld"), 1/math.Sqrt(float64(frequencies))
	o := &pbldOp{
		columns: k, frequencies: frequencies, size: size,
		frequency: g.newParam(layer, "frequency", group, fillNormal(sigma), k, frequencies),
		phase:     g.newParam(layer, "phase", group, fillUniform(math.Pi), k, frequencies),
		weight:    g.newParam(layer, "weight", group, fillUniform(bound), k, frequencies, size-1),
		bias:      g.newParam(layer, "bias", group, fillUniform(bound), k, size-1),
	}
	return g.add(flat(k*size), o, x)
}

// pbldOp works on a column at a time, with the rows side by side: all loops over rows are kernels.
type pbldOp struct {
	n                              *Node
	columns, frequencies, size     int
	frequency, phase, weight, bias *param
	sin, cos                       scratch // by column, frequency, row
	angle, input, output           scratch // of one column, in the forward pass: by frequency, 1, value; then row
	dAngle, back, gradient         scratch // the same in the backward pass
}

func (*pbldOp) name() string { return "pbld" }
func (*pbldOp) strided()     {}

func (o *pbldOp) parameters() []*param {
	return []*param{o.frequency, o.phase, o.weight, o.bias}
}

func (o *pbldOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
	all := o.columns * o.frequencies
	o.sin, o.cos = c.kept(n, all, 0), c.kept(n, all, 0)
	o.angle, o.dAngle = c.inForward(n, o.frequencies, 0), c.inBackward(n, o.frequencies, 0)
	o.input, o.back = c.inForward(n, 1, 0), c.inBackward(n, 1, 0)
	o.output, o.gradient = c.inForward(n, o.size-1, 0), c.inBackward(n, o.size-1, 0)
}

func (o *pbldOp) forward(w *worker) {
	for j := range o.columns {
		o.forwardColumn(w, j)
	}
}

func (o *pbldOp) forwardColumn(w *worker, j int) {
	n, f, m := w.n, o.frequencies, o.size-1
	turns, angle, output := w.rowsOf(o.input, 1), w.rowsOf(o.angle, f), w.rowsOf(o.output, m)
	o.turns(w, turns, j)
	phase := of(o.phase.value, f, j)
	for k, frequency := range of(o.frequency.value, f, j) {
		row, p := angle[k*n:(k+1)*n], phase[k]
		for i, t := range turns {
			row[i] = frequency*t + p
		}
	}
	cos := of(w.rowsOf(o.cos, o.columns*f), f*n, j)
	kernel.SinCos(of(w.rowsOf(o.sin, o.columns*f), f*n, j), cos, angle)
	w.product = kernel.Product{
		Form: kernel.ATB, M: m, N: n, K: f,
		A: kernel.Matrix{Data: of(o.weight.value, f*m, j), Stride: m},
		B: kernel.Matrix{Data: cos, Stride: n}, C: kernel.Matrix{Data: output, Stride: n},
	}
	kernel.Mul(&w.product, w.mul)
	o.join(w, output, j)
}

// of is the j-th of pieces of n numbers.
func of(all []float32, n, j int) []float32 { return all[j*n : (j+1)*n : (j+1)*n] }

// turns gathers 2π x of a column.
func (o *pbldOp) turns(w *worker, turns []float32, j int) {
	x := w.value(o.n.in[0])
	for i := range turns {
		turns[i] = 2 * math.Pi * x.data[i*x.ld+j]
	}
}

// join writes [x, output + b] of a column.
func (o *pbldOp) join(w *worker, output []float32, j int) {
	x, y, bias := w.value(o.n.in[0]), w.value(o.n), of(o.bias.value, o.size-1, j)
	for i := range w.n {
		row := y.data[i*y.ld+j*o.size:][:o.size]
		row[0] = x.data[i*x.ld+j]
		for s, b := range bias {
			row[1+s] = output[s*w.n+i] + b
		}
	}
}

func (o *pbldOp) backward(w *worker) {
	for j := range o.columns {
		o.backwardColumn(w, j)
	}
}

func (o *pbldOp) backwardColumn(w *worker, j int) {
	n, f, m := w.n, o.frequencies, o.size-1
	d, dAngle := w.rowsOf(o.gradient, m), w.rowsOf(o.dAngle, f)
	o.split(w, d, j)
	dBias := of(w.gradient(o.bias), m, j)
	for s := range dBias {
		dBias[s] = float32(kernel.Sum(of(d, n, s)))
	}
	dOut := kernel.Matrix{Data: d, Stride: n}
	w.product = kernel.Product{
		Form: kernel.ABT, M: f, N: m, K: n,
		A: kernel.Matrix{Data: of(w.rowsOf(o.cos, o.columns*f), f*n, j), Stride: n}, B: dOut,
		C: kernel.Matrix{Data: of(w.gradient(o.weight), f*m, j), Stride: m},
	}
	kernel.Mul(&w.product, w.mul)
	w.product = kernel.Product{
		Form: kernel.AB, M: f, N: n, K: m, Alpha: -1,
		A: kernel.Matrix{Data: of(o.weight.value, f*m, j), Stride: m}, B: dOut,
		C: kernel.Matrix{Data: dAngle, Stride: n},
	}
	kernel.Mul(&w.product, w.mul)
	kernel.Mul2(dAngle, dAngle, of(w.rowsOf(o.sin, o.columns*f), f*n, j))
	o.backwardAngles(w, dAngle, j)
}

// split gathers the gradient of a column's outputs, value by value.
func (o *pbldOp) split(w *worker, d []float32, j int) {
	dy := w.grad(o.n)
	for i := range w.n {
		for s, v := range dy.data[i*dy.ld+j*o.size+1:][:o.size-1] {
			d[s*w.n+i] = v
		}
	}
}

// backwardAngles takes the gradient of a column's angles to frequencies, phases and x.
func (o *pbldOp) backwardAngles(w *worker, dAngle []float32, j int) {
	f, turns := o.frequencies, w.rowsOf(o.back, 1)
	o.turns(w, turns, j)
	dFrequency, dPhase := of(w.gradient(o.frequency), f, j), of(w.gradient(o.phase), f, j)
	for k := range f {
		row := of(dAngle, w.n, k)
		dPhase[k] = float32(kernel.Sum(row))
		dFrequency[k] = float32(kernel.Dot(row, turns))
	}
	if w.wants(o.n, 0) {
		o.backwardInput(w, dAngle, turns, j)
	}
}

// backwardInput adds up what the frequencies give to x; sum is workspace.
func (o *pbldOp) backwardInput(w *worker, dAngle, sum []float32, j int) {
	clear(sum)
	for k, frequency := range of(o.frequency.value, o.frequencies, j) {
		kernel.Axpy(2*math.Pi*frequency, of(dAngle, w.n, k), sum)
	}
	dx, dy := w.grad(o.n.in[0]), w.grad(o.n)
	for i, v := range sum {
		v += dy.data[i*dy.ld+j*o.size]
		if w.adds(o.n, 0) {
			v += dx.data[i*dx.ld+j]
		}
		dx.data[i*dx.ld+j] = v
	}
}

func (o *pbldOp) cost() cost {
	per := int64(o.columns) * int64(o.frequencies)
	c := cost{forward: per * (2 + 2 + 2*int64(o.size-1)), backward: per * (5 + 4*int64(o.size-1))}
	if o.n.in[0].behind {
		c.backward += 2 * per
	}
	return c
}
