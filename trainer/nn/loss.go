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

// Members says, before the loss is named, that its input holds the outputs of n networks side by side. Each learns by itself:
// a row's loss is the mean of theirs. What is predicted is the mean of their predictions.
func (g *Graph) Members(n int) {
	if n < 1 {
		g.fail("%d members, want 1 or more", n)
		return
	}
	g.members = n
}

// ensemble is what losses know of the networks side by side that they end.
type ensemble struct {
	n       *Node
	members int
}

// columns are those of one member's output.
func (e *ensemble) columns() int { return e.n.Columns() / e.members }

// mean stores the mean of the members' columns of each row of src.
func (e *ensemble) mean(dst, src []float32) {
	if e.members == 1 {
		copy(dst, src)
		return
	}
	k, share := e.columns(), 1/float32(e.members)
	for i := range len(src) / (e.members * k) {
		row, out := src[i*e.members*k:], dst[i*k:(i+1)*k]
		for c := range out {
			sum := float32(0)
			for m := range e.members {
				sum += row[m*k+c]
			}
			out[c] = share * sum
		}
	}
}

// CrossEntropy ends the graph: softmax cross-entropy against Data.Labels, with the step's label smoothing.
func (g *Graph) CrossEntropy(logits *Node, o Loss) {
	l := &crossEntropy{ensemble: ensemble{logits, g.members}}
	switch {
	case logits.Columns()%g.members != 0:
		g.fail("cross-entropy: %d columns for %d members", logits.Columns(), g.members)
	case o.ClassWeights != nil && len(o.ClassWeights) != l.columns():
		g.fail("cross-entropy: %d class weights for %d classes", len(o.ClassWeights), l.columns())
	}
	for _, v := range o.ClassWeights {
		l.kernel.Weights = append(l.kernel.Weights, float32(v))
	}
	g.end(logits, l)
}

type crossEntropy struct {
	ensemble
	kernel kernel.CrossEntropy
}

func (*crossEntropy) name() string   { return "cross-entropy" }
func (*crossEntropy) target() target { return labels }
func (l *crossEntropy) outputs() int { return l.columns() }
func (l *crossEntropy) classes() int { return l.columns() }
func (l *crossEntropy) cost() cost   { return each(l.n, 6, 3) }

func (l *crossEntropy) weight(label int32) float64 {
	if l.kernel.Weights == nil {
		return 1
	}
	return float64(l.kernel.Weights[label])
}

func (l *crossEntropy) prepare(smoothing, scale float32) {
	l.kernel.Smoothing, l.kernel.Scale = smoothing, scale/float32(l.members)
}

func (l *crossEntropy) train(w *worker) (sum float64) {
	if l.members == 1 {
		return l.kernel.Loss(w.flatGrad(l.n), w.flat(l.n), w.labels[:w.n], l.n.Columns())
	}
	for i := range w.n {
		sum += l.row(w, i, w.flatGrad(l.n))
	}
	return sum
}

// row is the mean of the members' losses of the worker's row i; it stores their gradients.
func (l *crossEntropy) row(w *worker, i int, grads []float32) (loss float64) {
	for m := range l.members {
		loss += l.member(w, i, m, grads)
	}
	return loss / float64(l.members)
}

// member is one member's loss of row i; unless grads, the whole gradient, is nil, its part is stored there.
func (l *crossEntropy) member(w *worker, i, m int, grads []float32) float64 {
	k, at := l.columns(), i*l.n.Columns()+m*l.columns()
	if grads != nil {
		grads = grads[at : at+k]
	}
	return l.kernel.Loss(grads, w.flat(l.n)[at:at+k], w.labels[i:i+1], k)
}

// evaluate judges the mean of the members' probabilities: each gives its label's as exp(-loss).
func (l *crossEntropy) evaluate(w *worker, i int) float64 {
	label := w.labels[i]
	if l.members == 1 || label < 0 || l.weight(label) == 0 {
		return l.member(w, i, 0, nil)
	}
	sum := 0.0
	for m := range l.members {
		sum += math.Exp(-l.member(w, i, m, nil) / l.weight(label))
	}
	return -l.weight(label) * math.Log(max(sum/float64(l.members), math.SmallestNonzeroFloat64))
}

// predict spoils the logits.
func (l *crossEntropy) predict(w *worker, out []float32) {
	z := w.flat(l.n)
	kernel.Softmax(z, z, l.columns())
	l.mean(out, z)
}

// SigmoidCrossEntropy ends the graph: one logit against labels 0 and 1. Forward yields the probability of 1.
func (g *Graph) SigmoidCrossEntropy(logit *Node) {
	g.pointLoss(logit, &sigmoidLoss{point{ensemble: ensemble{logit, g.members}}})
}

// MSE ends the graph: the squared error against Data.Values.
func (g *Graph) MSE(prediction *Node) {
	g.pointLoss(prediction, &squaredLoss{point{ensemble: ensemble{prediction, g.members}}})
}

// Huber ends the graph: half the squared error up to HuberDelta, linear beyond, against Data.Values.
func (g *Graph) Huber(prediction *Node, o Loss) {
	if o.HuberDelta == 0 {
		o.HuberDelta = 1
	}
	g.pointLoss(prediction, &huberLoss{point{ensemble: ensemble{prediction, g.members}}, float32(o.HuberDelta)})
}

// pointLoss ends the graph with a loss of one number for each member.
func (g *Graph) pointLoss(x *Node, l lossOp) {
	if x.Columns() != g.members {
		g.fail("%s: %d columns, want %d", l.name(), x.Columns(), g.members)
	}
	g.end(x, l)
}

// point is what losses of one number share.
type point struct {
	ensemble
	smoothing float32
	scale     float32
}

func (*point) target() target       { return numbers }
func (*point) outputs() int         { return 1 }
func (*point) classes() int         { return 0 }
func (*point) weight(int32) float64 { return 1 }
func (p *point) cost() cost         { return each(p.n, 3, 2) }
func (p *point) prepare(smoothing, scale float32) {
	p.smoothing, p.scale = smoothing, scale/float32(p.members)
}
func (p *point) predict(w *worker, out []float32) { p.mean(out, w.flat(p.n)) }

// of is the outputs of the worker's row i, one for each member.
func (p *point) of(w *worker, i int) []float32 { return w.flat(p.n)[i*p.members : (i+1)*p.members] }

// predicted is the mean of a row's outputs.
func (p *point) predicted(w *worker, i int) float32 {
	var out [1]float32
	p.mean(out[:], p.of(w, i))
	return out[0]
}

// each trains every member: loss returns an output's loss against a target, and its derivative.
func (p *point) each(w *worker, loss func(z, target float32) (float64, float32)) (sum float64) {
	g := w.flatGrad(p.n)
	for i := range w.n {
		for m, z := range p.of(w, i) {
			value, slope := loss(z, w.targets[i])
			g[i*p.members+m] = p.scale * slope
			sum += value
		}
	}
	return sum / float64(p.members)
}

type squaredLoss struct{ point }

func (*squaredLoss) name() string { return "mse" }

func (l *squaredLoss) train(w *worker) float64 { return l.point.each(w, squared) }

func (l *squaredLoss) evaluate(w *worker, i int) float64 {
	loss, _ := squared(l.predicted(w, i), w.targets[i])
	return loss
}

func squared(z, target float32) (loss float64, slope float32) {
	d := z - target
	return float64(d) * float64(d), 2 * d
}

type huberLoss struct {
	point
	delta float32
}

func (*huberLoss) name() string { return "huber" }

func (l *huberLoss) train(w *worker) float64 { return l.point.each(w, l.huber) }

func (l *huberLoss) evaluate(w *worker, i int) float64 {
	loss, _ := l.huber(l.predicted(w, i), w.targets[i])
	return loss
}

func (l *huberLoss) huber(z, target float32) (loss float64, slope float32) {
	d, delta := float64(z-target), float64(l.delta)
	slope = max(-l.delta, min(l.delta, z-target))
	if math.Abs(d) <= delta {
		return d * d / 2, slope
	}
	return delta * (math.Abs(d) - delta/2), slope
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
	g := w.flatGrad(l.n)
	for i := range w.n {
		for m := range l.members {
			j := i*l.members + m
			sum += kernel.SigmoidCrossEntropy(g[j:j+1], w.flat(l.n)[j:j+1], l.smoothed(w, i), l.scale)
		}
	}
	return sum / float64(l.members)
}

// evaluate judges the mean of the members' probabilities: each gives the truth's as exp(-loss).
func (l *sigmoidLoss) evaluate(w *worker, i int) float64 {
	z, sum := l.of(w, i), 0.0
	for m := range z {
		loss := kernel.SigmoidCrossEntropy(nil, z[m:m+1], l.smoothed(w, i), 1)
		if l.members == 1 {
			return loss
		}
		sum += math.Exp(-loss)
	}
	return -math.Log(max(sum/float64(l.members), math.SmallestNonzeroFloat64))
}

// predict spoils the logits.
func (l *sigmoidLoss) predict(w *worker, out []float32) {
	z := w.flat(l.n)
	kernel.Activate(kernel.Sigmoid, z, z)
	l.mean(out, z)
}
