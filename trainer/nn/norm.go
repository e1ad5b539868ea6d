package nn

import (
	"math"

	"tuned/trainer/nn/kernel"
)

// normEpsilon is added to variances, as is usual.
const normEpsilon = 1e-5

// LayerNorm normalises each row over its values (an image: over channels, at each place), with a gain and a bias.
func (g *Graph) LayerNorm(x *Node, group string) *Node {
	layer, k := g.layer("", "layernorm"), x.shape.Channels
	o := &layerNormOp{
		gain: g.newParam(layer, "gain", group, fillOne, k),
		bias: g.newParam(layer, "bias", group, fillZero, k),
	}
	return g.add(x.shape, o, x)
}

type layerNormOp struct {
	n          *Node
	gain, bias *param
	normal     scratch // x less its mean, over its deviation
	inverse    scratch // of the deviation, by row and place
}

func (*layerNormOp) name() string           { return "layer norm" }
func (o *layerNormOp) parameters() []*param { return []*param{o.gain, o.bias} }
func (o *layerNormOp) cost() cost           { return each(o.n, 7, 11) }

func (o *layerNormOp) setup(c *compiler, n *Node) {
	o.n = n
	o.normal = c.kept(n, n.Columns(), 0)
	o.inverse = c.kept(n, n.Columns()/n.shape.Channels, 0)
}

func (o *layerNormOp) forward(w *worker) {
	k := o.n.shape.Channels
	x, normal := w.flat(o.n.in[0]), w.rowsOf(o.normal, o.n.Columns())
	inverse := w.workspace[o.inverse]
	for i, at := 0, 0; at < len(x); i, at = i+1, at+k {
		inverse[i] = normalise(normal[at:at+k], x[at:at+k])
	}
	kernel.ScaleColumns(w.flat(o.n), normal, o.gain.value, o.bias.value)
}

// normalise stores x less its mean over its deviation and returns one over the deviation.
func normalise(dst, x []float32) float32 {
	mean := float32(kernel.Sum(x) / float64(len(x)))
	for i, v := range x {
		dst[i] = v - mean
	}
	inverse := float32(1 / math.Sqrt(kernel.SumSquares(dst)/float64(len(x))+normEpsilon))
	kernel.Scale(dst, inverse, dst)
	return inverse
}

func (o *layerNormOp) backward(w *worker) {
	dy, normal, k := w.flatGrad(o.n), w.rowsOf(o.normal, o.n.Columns()), o.n.shape.Channels
	kernel.ColumnDots(w.zeroed(o.gain), dy, normal)
	kernel.ColumnSums(w.zeroed(o.bias), dy)
	if !w.wants(o.n, 0) {
		return
	}
	kernel.ScaleColumns(dy, dy, o.gain.value, nil)
	for i, at := 0, 0; at < len(dy); i, at = i+1, at+k {
		d, x, inverse := dy[at:at+k], normal[at:at+k], w.workspace[o.inverse][i]
		mean, slope := float32(kernel.Sum(d)/float64(k)), float32(kernel.Dot(d, x)/float64(k))
		for j, v := range x {
			d[j] = inverse * (d[j] - mean - v*slope)
		}
	}
	w.contribute(o.n, 0, dy)
}
