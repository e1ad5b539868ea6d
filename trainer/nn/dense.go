package nn

import (
	"math"

	"tuned/trainer/nn/kernel"
)

// Init is how a layer's weights begin.
type Init int

// The initialisations. Biases begin at 0 unless said otherwise.
const (
	InitKaiming Init = iota // N(0, 2/fan_in) before ReLU, GELU, SiLU and Mish, N(0, 1/fan_in) otherwise
	InitNormal              // N(0, 1); with NTK that is N(0, 1/fan_in) in effect
	InitData                // InitNormal, then columns rescaled to unit pre-activation SD on the init rows; bias "he+5"
	InitZero
)

// fill is the initialisation as a function; scale is what the weights are multiplied by when they are stored.
func (i Init) fill(fanIn int, f Activation, scale float64) func(stream, []float32) {
	switch i {
	case InitZero:
		return fillZero
	case InitNormal, InitData:
		return fillNormal(scale)
	}
	switch f {
	case ReLU, GELU, SiLU, Mish:
		return fillNormal(math.Sqrt(2 / float64(fanIn)))
	}
	return fillNormal(math.Sqrt(1 / float64(fanIn)))
}

// Dense are the options of a dense layer: y = f(x W + b).
type Dense struct {
	Name string // of its parameters: Name.weight [in, units], Name.bias, Name.slope; "" takes a number
	// NTK is y = f(x W / √fan_in + b): learning rates keep their meaning across widths. Parameters holds W / √fan_in,
	// and the optimizer moves it exactly as it would move W.
	NTK        bool
	Bias       bool       // add b
	BiasInit   []float64  // initial b, one for each unit; overrules Init
	Activation Activation // f
	Parametric bool       // f becomes x + a (f(x) - x), a for each unit, beginning at 1
	Dropout    bool       // the step's dropout applies to y
	Init       Init
	Groups     Groups
}

// Dense adds a fully connected layer with units outputs; an image is read as one long row.
func (g *Graph) Dense(x *Node, units int, o Dense) *Node {
	name := g.layer(o.Name, "dense")
	d := &denseOp{in: x.Columns(), units: units, options: o}
	d.f = g.activation(name, o.Activation)
	scale := 1.0
	if o.NTK {
		scale = 1 / math.Sqrt(float64(d.in))
	}
	d.weight = g.newParam(name, "weight", o.Groups.Weight, o.Init.fill(d.in, o.Activation, scale), d.in, units)
	d.weight.scale = scale
	if o.Bias {
		d.bias = g.newParam(name, "bias", o.Groups.Bias, fillValues(o.BiasInit), units)
	}
	if o.Parametric {
		d.slope = g.newParam(name, "slope", o.Groups.Activation, fillOne, units)
	}
	if o.BiasInit != nil && (!o.Bias || len(o.BiasInit) != units) {
		g.fail("%s: %d initial biases for %d units", name, len(o.BiasInit), units)
	}
	return g.add(flat(units), d, x)
}

// fillValues begins with given values; with none, at 0.
func fillValues(values []float64) func(stream, []float32) {
	return func(_ stream, v []float32) {
		clear(v)
		for i, x := range values {
			v[i] = float32(x)
		}
	}
}

type denseOp struct {
	end
	in, units     int
	options       Dense
	weight, slope *param
	behind        *end // of the layer before, if this one takes it over
}

func (*denseOp) name() string { return "dense" }

func (d *denseOp) parameters() []*param { return present(d.weight, d.bias, d.slope) }

// present leaves out the parameters that a layer does not have.
func present(ps ...*param) []*param {
	var have []*param
	for _, p := range ps {
		if p != nil {
			have = append(have, p)
		}
	}
	return have
}

// ending is nil for a parametric activation, whose slopes have gradients of their own, and under dropout.
func (d *denseOp) ending() *end {
	if d.slope != nil || d.options.Dropout {
		return nil
	}
	return &d.end
}

func (d *denseOp) take(e *end) {
	if e.f != kernel.Identity {
		d.behind, e.eased = e, true
	}
}

func (d *denseOp) setup(c *compiler, n *Node) {
	c.keepInput(n, 0)
	if d.options.Init == InitData {
		c.keepForward(n)
	}
	if d.slope != nil {
		d.n, d.before = n, c.kept(n, d.units, 0)
		return
	}
	d.end.setup(c, n)
}

func (d *denseOp) forward(w *worker) {
	y := w.flat(d.n)
	p := d.product(w, y)
	if d.slope == nil {
		d.finish(w, p, 0)
		kernel.Mul(p, w.mul)
	} else {
		d.forwardParametric(w, p, y)
	}
	if d.options.Dropout && w.drops() {
		w.drop(d.n, y, y)
	}
}

// product is x W.
func (d *denseOp) product(w *worker, y []float32) *kernel.Product {
	w.product = kernel.Product{
		Form: kernel.AB, M: w.n, N: d.units, K: d.in, Half: w.half(),
		A: w.matrix(d.n.in[0]),
		B: kernel.Matrix{Data: d.weight.value, Stride: d.units},
		C: kernel.Matrix{Data: y, Stride: d.units},
	}
	return &w.product
}

func (d *denseOp) forwardParametric(w *worker, p *kernel.Product, y []float32) {
	z := w.rowsOf(d.before, d.units)
	p.C.Data = z
	if d.bias != nil {
		p.Bias = d.bias.value
	}
	kernel.Mul(p, w.mul)
	kernel.ActivateParametric(d.f, y, z, d.slope.value)
}

func (d *denseOp) backward(w *worker) {
	dy := w.flatGrad(d.n)
	if d.options.Dropout && w.drops() {
		w.drop(d.n, dy, dy)
	}
	d.end.clear(w)
	if d.slope == nil {
		d.end.backward(w, dy, 0)
	} else { // in place too
		kernel.ActivateParametricGrad(d.f, dy, dy, w.rowsOf(d.before, d.units), d.slope.value, w.zeroed(d.slope))
	}
	d.end.sumBias(w, dy)
	dz := kernel.Matrix{Data: dy, Stride: d.units}
	w.product = kernel.Product{
		Form: kernel.ATB, M: d.in, N: d.units, K: w.n, Half: w.half(),
		A: w.matrix(d.n.in[0]), B: dz,
		C: kernel.Matrix{Data: w.gradient(d.weight), Stride: d.units},
	}
	kernel.Mul(&w.product, w.mul)
	if !w.wants(d.n, 0) {
		return
	}
	w.product = kernel.Product{
		Form: kernel.ABT, M: w.n, N: d.in, K: d.units, Half: w.half(),
		A: dz, B: kernel.Matrix{Data: d.weight.value, Stride: d.units},
		C: w.gradMatrix(d.n.in[0]), Accumulate: w.adds(d.n, 0),
	}
	d.behind.ease(w, &w.product, 0)
	kernel.Mul(&w.product, w.mul)
}

func (d *denseOp) cost() cost {
	mul := 2 * int64(d.in) * int64(d.units)
	c := cost{forward: mul, backward: mul}
	if d.n.in[0].behind {
		c.backward += mul
	}
	extra := each(d.n, int64(len(d.parameters())), 2*int64(len(d.parameters())))
	return cost{c.forward + extra.forward, c.backward + extra.backward}
}
