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

type pbldOp struct {
	n                              *Node
	columns, frequencies, size     int
	frequency, phase, weight, bias *param
	sin, cos                       scratch // by column, then row, then frequency
	angle                          scratch // of one column
}

func (*pbldOp) name() string { return "pbld" }
func (*pbldOp) strided()     {}

func (o *pbldOp) parameters() []*param {
	return []*param{o.frequency, o.phase, o.weight, o.bias}
}

func (o *pbldOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
	o.sin = c.kept(n, o.columns*o.frequencies, 0)
	o.cos = c.kept(n, o.columns*o.frequencies, 0)
	o.angle = c.inForward(n, o.frequencies, 0)
}

func (o *pbldOp) forward(w *worker) {
	for j := range o.columns {
		o.forwardColumn(w, j)
	}
}

func (o *pbldOp) forwardColumn(w *worker, j int) {
	f := o.frequencies
	x, angle := w.value(o.n.in[0]), w.rowsOf(o.angle, f)
	frequency, phase := o.frequency.value[j*f:(j+1)*f], o.phase.value[j*f:(j+1)*f]
	for i := range w.n {
		v, row := 2*math.Pi*x.data[i*x.ld+j], angle[i*f:(i+1)*f]
		for k, p := range phase {
			row[k] = v*frequency[k] + p
		}
	}
	cos := o.block(w, o.cos, j)
	kernel.SinCos(o.block(w, o.sin, j), cos, angle)
	o.project(w, j, cos)
}

// block is a column's part of a workspace.
func (o *pbldOp) block(w *worker, s scratch, j int) []float32 {
	n := w.n * o.frequencies
	return w.workspace[s][j*n : (j+1)*n]
}

// project writes [x, W cos + b].
func (o *pbldOp) project(w *worker, j int, cos []float32) {
	x, y, m, f := w.value(o.n.in[0]), w.value(o.n), o.size-1, o.frequencies
	weight, bias := o.weight.value[j*f*m:(j+1)*f*m], o.bias.value[j*m:(j+1)*m]
	for i := range w.n {
		row := y.data[i*y.ld+j*o.size:][:o.size]
		row[0] = x.data[i*x.ld+j]
		out := row[1:]
		copy(out, bias)
		for k, c := range cos[i*f : (i+1)*f] {
			for s, v := range weight[k*m : (k+1)*m] {
				out[s] += c * v
			}
		}
	}
}

func (o *pbldOp) backward(w *worker) {
	for _, p := range o.parameters() {
		w.zeroed(p)
	}
	for j := range o.columns {
		o.backwardColumn(w, j)
	}
}

// backwardColumn turns the column's cosines into the gradient of its angles on the way.
func (o *pbldOp) backwardColumn(w *worker, j int) {
	dy, m, f := w.grad(o.n), o.size-1, o.frequencies
	weight := o.weight.value[j*f*m : (j+1)*f*m]
	dWeight, dBias := w.gradient(o.weight)[j*f*m:(j+1)*f*m], w.gradient(o.bias)[j*m:(j+1)*m]
	sin, cos := o.block(w, o.sin, j), o.block(w, o.cos, j)
	for i := range w.n {
		d := dy.data[i*dy.ld+j*o.size+1:][:m]
		for s, v := range d {
			dBias[s] += v
		}
		row := cos[i*f : (i+1)*f]
		for k, c := range row {
			var sum float32
			wk, gk := weight[k*m:(k+1)*m], dWeight[k*m:(k+1)*m]
			for s, v := range d {
				gk[s] += c * v
				sum += wk[s] * v
			}
			row[k] = -sum * sin[i*f+k]
		}
	}
	o.backwardAngles(w, j, cos)
}

// backwardAngles takes the gradient of a column's angles to frequencies, phases and x.
func (o *pbldOp) backwardAngles(w *worker, j int, dAngle []float32) {
	f := o.frequencies
	x := w.value(o.n.in[0])
	dFrequency, dPhase := w.gradient(o.frequency)[j*f:(j+1)*f], w.gradient(o.phase)[j*f:(j+1)*f]
	for i := range w.n {
		v := 2 * math.Pi * x.data[i*x.ld+j]
		for k, d := range dAngle[i*f : (i+1)*f] {
			dPhase[k] += d
			dFrequency[k] += d * v
		}
	}
	if w.wants(o.n, 0) {
		o.backwardInput(w, j, dAngle)
	}
}

func (o *pbldOp) backwardInput(w *worker, j int, dAngle []float32) {
	f := o.frequencies
	dx, dy, frequency := w.grad(o.n.in[0]), w.grad(o.n), o.frequency.value[j*f:(j+1)*f]
	for i := range w.n {
		var sum float32
		for k, d := range dAngle[i*f : (i+1)*f] {
			sum += d * frequency[k]
		}
		sum = 2*math.Pi*sum + dy.data[i*dy.ld+j*o.size]
		if w.adds(o.n, 0) {
			sum += dx.data[i*dx.ld+j]
		}
		dx.data[i*dx.ld+j] = sum
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
