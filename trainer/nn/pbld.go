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

// pbldOp works on a column at a time. Sines and cosines are computed again in the backward pass, which is faster than
// reading them from beyond the cache.
type pbldOp struct {
	n                              *Node
	columns, frequencies, size     int
	frequency, phase, weight, bias *param
	forwards, backwards            pbldSpace
}

// pbldSpace is workspace for one column.
type pbldSpace struct {
	x     scratch // the column's numbers
	table scratch // see kernel.Waves
	dx    scratch // their gradients, twice
	sums  scratch
}

func (*pbldOp) name() string { return "pbld" }
func (*pbldOp) strided()     {}

func (o *pbldOp) parameters() []*param {
	return []*param{o.frequency, o.phase, o.weight, o.bias}
}

func (o *pbldOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
	table := kernel.WaveFloats * o.frequencies
	o.forwards = pbldSpace{x: c.inForward(n, 1, 0), table: c.inForward(n, 0, table)}
	o.backwards = pbldSpace{
		x: c.inBackward(n, 1, 0), table: c.inBackward(n, 0, table),
		dx: c.inBackward(n, 2, 0), sums: c.inBackward(n, 0, kernel.WaveSpace(o.frequencies)),
	}
}

func (o *pbldOp) forward(w *worker) {
	y := w.value(o.n)
	for j := range o.columns {
		x := o.column(w, &o.forwards, j)
		for first := 0; first < o.size; first += 4 {
			o.waves(w, &o.forwards, j, first)
			if w.n > 0 {
				w.waves.Forward(y.data[j*o.size+first:], y.ld, min(4, o.size-first), x)
			}
		}
	}
}

// column gathers a column's numbers.
func (o *pbldOp) column(w *worker, s *pbldSpace, j int) []float32 {
	from, x := w.value(o.n.in[0]), w.rowsOf(s.x, 1)
	for i, at := 0, j; i < len(x); i, at = i+1, at+from.ld {
		x[i] = from.data[at]
	}
	return x
}

// waves describes four of a column's values, from first on. The first of all is x itself.
func (o *pbldOp) waves(w *worker, s *pbldSpace, j, first int) {
	table, m := w.workspace[s.table], o.size-1
	weights, biases := of(o.weight.value, o.frequencies*m, j), of(o.bias.value, m, j)
	phases := of(o.phase.value, o.frequencies, j)
	w.waves = kernel.Waves{Table: table}
	for k, f := range of(o.frequency.value, o.frequencies, j) {
		wave := table[kernel.WaveFloats*k:][:kernel.WaveFloats]
		clear(wave)
		wave[0], wave[1] = 2*math.Pi*f, phases[k]
		for e := max(first, 1); e < min(first+4, o.size); e++ {
			wave[2+e-first] = weights[k*m+e-1]
		}
	}
	for e := first; e < min(first+4, o.size); e++ {
		if e == 0 {
			w.waves.Slope[0] = 1
		} else {
			w.waves.Bias[e-first] = biases[e-1]
		}
	}
}

// of is the j-th of pieces of n numbers.
func of(all []float32, n, j int) []float32 { return all[j*n : (j+1)*n : (j+1)*n] }

func (o *pbldOp) backward(w *worker) {
	clear(w.gradient(o.phase))
	clear(w.gradient(o.frequency))
	dy := w.grad(o.n)
	for j := range o.columns {
		x, all := o.column(w, &o.backwards, j), w.rowsOf(o.backwards.dx, 2)
		dx, part := all[:w.n], all[w.n:]
		clear(dx)
		for first := 0; first < o.size; first += 4 {
			o.waves(w, &o.backwards, j, first)
			g := w.waves.Backward(w.workspace[o.backwards.sums], part, dy.data[j*o.size+first:], dy.ld, min(4, o.size-first), x)
			o.collect(w, &g, j, first)
			kernel.Add(dx, dx, part)
		}
		if w.wants(o.n, 0) {
			o.backwardInput(w, dx, j)
		}
	}
}

// collect stores the gradients of four of a column's values, and adds to those of its waves.
func (o *pbldOp) collect(w *worker, g *kernel.WaveGradients, j, first int) {
	m := o.size - 1
	dWeight, dBias := of(w.gradient(o.weight), o.frequencies*m, j), of(w.gradient(o.bias), m, j)
	dFrequency, dPhase := of(w.gradient(o.frequency), o.frequencies, j), of(w.gradient(o.phase), o.frequencies, j)
	from, to := max(first, 1), min(first+4, o.size)
	copy(dBias[from-1:to-1], g.Values[from-first:])
	for k := range o.frequencies {
		copy(dWeight[k*m+from-1:k*m+to-1], g.Weights(k)[from-first:])
		dFrequency[k] += 2 * math.Pi * g.Frequency(k)
		dPhase[k] += g.Phase(k)
	}
}

// backwardInput gives x its gradient: by the waves, and by the value that is x.
func (o *pbldOp) backwardInput(w *worker, byWaves []float32, j int) {
	dx, dy := w.grad(o.n.in[0]), w.grad(o.n)
	for i, v := range byWaves {
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
