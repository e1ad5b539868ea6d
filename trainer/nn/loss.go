package nn

import (
	"math"

	"tuned/trainer/nn/kernel"
)

// Loss are the options of a loss.
type Loss struct {
	ClassWeights []float64 // CrossEntropy: a weight for each class, the loss is then the weighted mean; nil: all 1
	HuberDelta   float64   // Huber: where the loss turns linear; 0: 1
}

// target says which of the data's arrays a loss learns from.
type target int

const (
	labels target = iota
	numbers
)

// lossOp ends a graph.
type lossOp interface {
	name() string
	setup(c *compiler, n *Node)
	target() target
	outputs() int
	classes() int // labels are below it; 0 without labels
	// weight is a label's share in the mean.
	weight(label int32) float64
	// prepare sets a task's label smoothing, and the factor that makes the weighted sum a mean.
	prepare(smoothing, scale float32)
	// train writes the mean loss's gradient to the output node's gradient, and returns the weighted sum of the rows' losses.
	train(w *worker) float64
	// evaluate returns the weighted loss of the worker's row i.
	evaluate(w *worker, i int) float64
	// predict writes what Forward promises for the worker's rows.
	predict(w *worker, out []float32)
	cost() cost
}

// CrossEntropy ends the graph: softmax cross-entropy against Data.Labels, with the step's label smoothing.
func (g *Graph) CrossEntropy(logits *Node, o Loss) {
	l := &crossEntropy{}
	if o.ClassWeights != nil && len(o.ClassWeights) != logits.Columns() {
		g.fail("cross-entropy: %d class weights for %d classes", len(o.ClassWeights), logits.Columns())
	}
	for _, v := range o.ClassWeights {
		l.kernel.Weights = append(l.kernel.Weights, float32(v))
	}
	g.end(logits, l)
}

type crossEntropy struct {
	n      *Node
	kernel kernel.CrossEntropy
}

func (*crossEntropy) name() string                 { return "cross-entropy" }
func (l *crossEntropy) setup(_ *compiler, n *Node) { l.n = n }
func (*crossEntropy) target() target               { return labels }
func (l *crossEntropy) outputs() int               { return l.n.Columns() }
func (l *crossEntropy) classes() int               { return l.n.Columns() }
func (l *crossEntropy) cost() cost                 { return each(l.n, 6, 3) }

func (l *crossEntropy) weight(label int32) float64 {
	if l.kernel.Weights == nil {
		return 1
	}
	return float64(l.kernel.Weights[label])
}

func (l *crossEntropy) prepare(smoothing, scale float32) {
	l.kernel.Smoothing, l.kernel.Scale = smoothing, scale
}

func (l *crossEntropy) train(w *worker) float64 {
	return l.kernel.Loss(w.flatGrad(l.n), w.flat(l.n), w.labels[:w.n], l.n.Columns())
}

func (l *crossEntropy) evaluate(w *worker, i int) float64 {
	k := l.n.Columns()
	return l.kernel.Loss(nil, w.flat(l.n)[i*k:(i+1)*k], w.labels[i:i+1], k)
}

func (l *crossEntropy) predict(w *worker, out []float32) {
	kernel.Softmax(out, w.flat(l.n), l.n.Columns())
}

// SigmoidCrossEntropy ends the graph: one logit against labels 0 and 1. Forward yields the probability of 1.
func (g *Graph) SigmoidCrossEntropy(logit *Node) { g.pointLoss(logit, &sigmoidLoss{}) }

// MSE ends the graph: the squared error against Data.Values.
func (g *Graph) MSE(prediction *Node) { g.pointLoss(prediction, &squaredLoss{}) }

// Huber ends the graph: half the squared error up to HuberDelta, linear beyond, against Data.Values.
func (g *Graph) Huber(prediction *Node, o Loss) {
	if o.HuberDelta == 0 {
		o.HuberDelta = 1
	}
	g.pointLoss(prediction, &huberLoss{delta: float32(o.HuberDelta)})
}

// pointLoss ends the graph with a loss of one number.
func (g *Graph) pointLoss(x *Node, l lossOp) {
	if x.Columns() != 1 {
		g.fail("%s: %d columns, want 1", l.name(), x.Columns())
	}
	g.end(x, l)
}

// point is what losses of one number share.
type point struct {
	n         *Node
	smoothing float32
	scale     float32
}

func (p *point) setup(_ *compiler, n *Node)       { p.n = n }
func (*point) target() target                     { return numbers }
func (*point) outputs() int                       { return 1 }
func (*point) classes() int                       { return 0 }
func (*point) weight(int32) float64               { return 1 }
func (p *point) cost() cost                       { return each(p.n, 3, 2) }
func (p *point) prepare(smoothing, scale float32) { p.smoothing, p.scale = smoothing, scale }
func (p *point) predict(w *worker, out []float32) { copy(out, w.flat(p.n)) }

type squaredLoss struct{ point }

func (*squaredLoss) name() string { return "mse" }

func (l *squaredLoss) train(w *worker) (sum float64) {
	g, z := w.flatGrad(l.n), w.flat(l.n)
	for i := range z {
		sum += l.evaluate(w, i)
		g[i] = 2 * l.scale * (z[i] - w.targets[i])
	}
	return sum
}

func (l *squaredLoss) evaluate(w *worker, i int) float64 {
	d := float64(w.flat(l.n)[i] - w.targets[i])
	return d * d
}

type huberLoss struct {
	point
	delta float32
}

func (*huberLoss) name() string { return "huber" }

func (l *huberLoss) train(w *worker) (sum float64) {
	g, z := w.flatGrad(l.n), w.flat(l.n)
	for i := range z {
		sum += l.evaluate(w, i)
		g[i] = l.scale * max(-l.delta, min(l.delta, z[i]-w.targets[i]))
	}
	return sum
}

func (l *huberLoss) evaluate(w *worker, i int) float64 {
	d, delta := math.Abs(float64(w.flat(l.n)[i]-w.targets[i])), float64(l.delta)
	if d <= delta {
		return d * d / 2
	}
	return delta * (d - delta/2)
}

type sigmoidLoss struct{ point }

func (*sigmoidLoss) name() string   { return "sigmoid cross-entropy" }
func (*sigmoidLoss) target() target { return labels }
func (*sigmoidLoss) classes() int   { return 2 }

// smoothed moves the targets 0 and 1 towards 1/2.
func (l *sigmoidLoss) smoothed(w *worker, i int) []float32 {
	w.target[0] = float32(w.labels[i])*(1-l.smoothing) + l.smoothing/2
	return w.target[:]
}

func (l *sigmoidLoss) train(w *worker) (sum float64) {
	g, z := w.flatGrad(l.n), w.flat(l.n)
	for i := range z {
		sum += kernel.SigmoidCrossEntropy(g[i:i+1], z[i:i+1], l.smoothed(w, i), l.scale)
	}
	return sum
}

func (l *sigmoidLoss) evaluate(w *worker, i int) float64 {
	return kernel.SigmoidCrossEntropy(nil, w.flat(l.n)[i:i+1], l.smoothed(w, i), 1)
}

func (l *sigmoidLoss) predict(w *worker, out []float32) {
	kernel.Activate(kernel.Sigmoid, out, w.flat(l.n))
}
