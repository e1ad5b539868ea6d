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

// pbldOp works on a column at a time, with the rows side by side: its loops over rows are kernels. Sines and cosines are
// computed again in the backward pass, which is as fast as reading them from beyond the cache.
type pbldOp struct {
	n                              *Node
	columns, frequencies, size     int
	frequency, phase, weight, bias *param
	forwards, backwards            pbldSpace
}

// pbldSpace is workspace for one column: rows side by side.
type pbldSpace struct {
	turns    scratch // 2π x, then ones
	waves    scratch // frequencies, then phases
	angle    scratch // by frequency
	sin, cos scratch // by frequency
	values   scratch // by value
}

func (*pbldOp) name() string { return "pbld" }
func (*pbldOp) strided()     {}

func (o *pbldOp) parameters() []*param {
	return []*param{o.frequency, o.phase, o.weight, o.bias}
}

func (o *pbldOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
	o.forwards, o.backwards = o.space(n, c.inForward), o.space(n, c.inBackward)
}

func (o *pbldOp) space(n *Node, reserve func(n *Node, rowFloats, floats int) scratch) pbldSpace {
	return pbldSpace{
		turns: reserve(n, 2, 0), waves: reserve(n, 0, 2*o.frequencies), angle: reserve(n, o.frequencies, 0),
		sin: reserve(n, o.frequencies, 0), cos: reserve(n, o.frequencies, 0), values: reserve(n, o.size-1, 0),
	}
}

func (o *pbldOp) forward(w *worker) {
	s := &o.forwards
	o.ones(w, s)
	for j := range o.columns {
		o.wave(w, s, j)
		o.project(w, s, j)
	}
}

// ones prepares the second row that angles are products with.
func (o *pbldOp) ones(w *worker, s *pbldSpace) { fillOne(0, w.rowsOf(s.turns, 2)[w.n:]) }

// wave computes sines and cosines of the angles 2π f x + c of a column, the angles as a product of two terms.
func (o *pbldOp) wave(w *worker, s *pbldSpace, j int) {
	f, turns, waves := o.frequencies, w.rowsOf(s.turns, 2), w.workspace[s.waves]
	copy(waves[:f], of(o.frequency.value, f, j))
	copy(waves[f:], of(o.phase.value, f, j))
	x := w.value(o.n.in[0])
	for i, at := 0, j; i < w.n; i, at = i+1, at+x.ld {
		turns[i] = 2 * math.Pi * x.data[at]
	}
	angle := w.rowsOf(s.angle, f)
	w.product = kernel.Product{
		Form: kernel.ATB, M: f, N: w.n, K: 2,
		A: kernel.Matrix{Data: waves, Stride: f}, B: kernel.Matrix{Data: turns, Stride: w.n},
		C: kernel.Matrix{Data: angle, Stride: w.n},
	}
	kernel.Mul(&w.product, w.mul)
	kernel.SinCos(w.rowsOf(s.sin, f), w.rowsOf(s.cos, f), angle)
}

// project writes [x, W cos + b] of a column.
func (o *pbldOp) project(w *worker, s *pbldSpace, j int) {
	n, m, output := w.n, o.size-1, w.rowsOf(s.values, o.size-1)
	w.product = kernel.Product{
		Form: kernel.ATB, M: m, N: n, K: o.frequencies,
		A: kernel.Matrix{Data: of(o.weight.value, o.frequencies*m, j), Stride: m},
		B: kernel.Matrix{Data: w.rowsOf(s.cos, o.frequencies), Stride: n}, C: kernel.Matrix{Data: output, Stride: n},
	}
	kernel.Mul(&w.product, w.mul)
	x, y := w.value(o.n.in[0]), w.value(o.n)
	for i := range n {
		y.data[i*y.ld+j*o.size] = x.data[i*x.ld+j]
	}
	for k, b := range of(o.bias.value, m, j) {
		at := j*o.size + 1 + k
		for _, v := range of(output, n, k) {
			y.data[at] = v + b
			at += y.ld
		}
	}
}

// of is the j-th of pieces of n numbers.
func of(all []float32, n, j int) []float32 { return all[j*n : (j+1)*n : (j+1)*n] }

func (o *pbldOp) backward(w *worker) {
	s := &o.backwards
	o.ones(w, s)
	for j := range o.columns {
		o.wave(w, s, j)
		o.backwardOutput(w, s, j)
		o.backwardAngles(w, s, j)
	}
}

// backwardOutput takes the gradient of a column's values to bias, weights and angles.
func (o *pbldOp) backwardOutput(w *worker, s *pbldSpace, j int) {
	n, f, m, d := w.n, o.frequencies, o.size-1, w.rowsOf(s.values, o.size-1)
	o.split(w, d, j)
	cos, angle := w.rowsOf(s.cos, f), w.rowsOf(s.angle, f)
	dBias, dWeight := of(w.gradient(o.bias), m, j), of(w.gradient(o.weight), f*m, j)
	for e := range m {
		dBias[e] = float32(kernel.Sum(of(d, n, e)))
		for k := range f {
			dWeight[k*m+e] = float32(kernel.Dot(of(cos, n, k), of(d, n, e)))
		}
	}
	w.product = kernel.Product{
		Form: kernel.AB, M: f, N: n, K: m, Alpha: -1,
		A: kernel.Matrix{Data: of(o.weight.value, f*m, j), Stride: m}, B: kernel.Matrix{Data: d, Stride: n},
		C: kernel.Matrix{Data: angle, Stride: n},
	}
	kernel.Mul(&w.product, w.mul)
	kernel.Mul2(angle, angle, w.rowsOf(s.sin, f))
}

// split gathers the gradient of a column's values, value by value.
func (o *pbldOp) split(w *worker, d []float32, j int) {
	dy := w.grad(o.n)
	for e := range o.size - 1 {
		at, to := j*o.size+1+e, of(d, w.n, e)
		for i := range to {
			to[i] = dy.data[at]
			at += dy.ld
		}
	}
}

// backwardAngles takes the gradient of a column's angles to frequencies, phases and x.
func (o *pbldOp) backwardAngles(w *worker, s *pbldSpace, j int) {
	f, dAngle, turns := o.frequencies, w.rowsOf(s.angle, o.frequencies), w.rowsOf(s.turns, 2)[:w.n]
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
	c := cost{forward: per * (4 + 2*int64(o.size-1)), backward: per * (4 + 6 + 4*int64(o.size-1))}
	if o.n.in[0].behind {
		c.backward += 2 * per
	}
	return c
}
