package linear

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn/session"
)

const (
	maxClosed     = 4096 // columns up to which second moments are worked out
	maxIterations = 500
	tolerance     = 1e-6 // of the gradient, whose scale is that of the rows' losses
	history       = 10   // L-BFGS's pairs
)

// problem is the objective: the sum over the rows of half the squared error, of the absolute error (that of nn's Huber), or of
// the softmax cross-entropy, plus l2/2 times the sum of squared weights. The biases are free.
type problem struct {
	*design
	outputs  int
	softmax  bool
	absolute bool
	l2       float64
	threads  int
	flops    int64
	pieces   []piece
}

// solution are weights, columns × outputs, and biases.
type solution struct {
	weights, bias []float64
	outputs       int
}

func newProblem(r session.FitRequest) (*problem, error) {
	if r.View.Target == nil {
		return nil, fmt.Errorf("%w: the view has no target to fit", model.ErrInvalid)
	}
	p := &problem{
		design: newDesign(r), outputs: plugins.Outputs(r.View),
		softmax: r.View.Task == model.Classification, l2: plugins.Float(r.Settings, "linear.l2"),
		absolute: plugins.LossOf(r.Settings, "linear") == model.Absolute,
		threads:  max(1, r.Threads),
	}
	n := pieces(len(p.rows), p.columns)
	if r.FreeBytes > 0 && p.bytes(n) > r.FreeBytes {
		n = 1
	}
	if need := p.bytes(n); r.FreeBytes > 0 && need > r.FreeBytes {
		return nil, fmt.Errorf("%w: solving for %d columns needs %d bytes, and %d are free", model.ErrOutOfMemory, p.columns, need, r.FreeBytes)
	}
	p.divide(n)
	return p, nil
}

// bytes is what the iterative solution needs with so many pieces; the closed form is only used where it fits as well.
func (p *problem) bytes(pieces int) int64 {
	parameters := int64(p.columns+1) * int64(p.outputs)
	return 8 * (2*history + 14 + int64(pieces-1)) * parameters
}

// closes reports whether there is memory for columns × columns matrices, the second moments and their factor, and for a block.
func (p *problem) closes(free int64) bool {
	d := int64(p.columns)
	return d > 0 && d <= maxClosed && (free == 0 || p.bytes(len(p.pieces))+8*(2*d*d+blockRows*d) <= free)
}

func (p *problem) solve(ctx context.Context, free int64) (solution, error) {
	if !p.softmax && !p.absolute && p.closes(free) {
		return p.ridge(ctx)
	}
	return p.iterate(ctx, free)
}

// ridge solves the normal equations of the centred problem by Cholesky's decomposition.
func (p *problem) ridge(ctx context.Context) (solution, error) {
	m, err := p.moments(ctx)
	if err != nil {
		return solution{}, err
	}
	c, err := m.factorize(1, p.l2)
	if err != nil {
		return solution{}, err
	}
	w := mat.NewVecDense(max(p.columns, 1), nil)
	if p.columns > 0 {
		if err := c.SolveVecTo(w, mat.NewVecDense(p.columns, m.cross)); err != nil {
			return solution{}, fmt.Errorf("solve the normal equations: %w", err)
		}
	}
	weights := w.RawVector().Data[:p.columns]
	return solution{weights, []float64{m.target - dot(weights, m.mean)}, 1}, nil
}

// iterate minimises by L-BFGS, from zero weights and the biases of a model without inputs, over variables in which the
// curvature is about the same in all directions.
func (p *problem) iterate(ctx context.Context, free int64) (solution, error) {
	b, err := p.basis(ctx, free)
	if err != nil {
		return solution{}, err
	}
	k := p.outputs
	begin := make([]float64, (p.columns+1)*k)
	for i, c := range p.constant() {
		begin[p.columns*k+i] = c * b.bias
	}
	o := &objective{problem: p, basis: b, w: make([]float64, len(begin)), g: make([]float64, len(begin)), value: math.NaN()}
	result, err := optimize.Minimize(o.minimised(), begin, &optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: maxIterations, Recorder: interruption{ctx},
		Converger: &optimize.FunctionConverge{Relative: 1e-10, Iterations: 10},
	}, &optimize.LBFGS{Store: history})
	if ctx.Err() != nil {
		return solution{}, ctx.Err()
	}
	if math.IsNaN(o.value) || result == nil {
		return solution{}, fmt.Errorf("%w: the data has values that are not finite (%w)", model.ErrInvalid, err)
	}
	// An error of the line search near the minimum is as close as the arithmetic gets: the best point stands.
	b.weights(o.w, result.X, k)
	return solution{o.w[:p.columns*k], o.w[p.columns*k:], k}, nil
}

// objective is the mean over the rows, by the variables of a basis, at a point and its gradient there: a search along a line asks for
// both, one after the other.
type objective struct {
	*problem
	basis *basis
	v     []float64 // the point
	w, g  []float64 // its weights; the gradient
	value float64
}

// minimised is the objective as the optimiser asks for it.
func (o *objective) minimised() optimize.Problem {
	return optimize.Problem{
		Func: func(v []float64) float64 {
			o.look(v)
			return o.value
		},
		Grad: func(g, v []float64) {
			o.look(v)
			copy(g, o.g)
		},
	}
}

// look works them out, unless v is where it looked last.
func (o *objective) look(v []float64) {
	if slices.Equal(v, o.v) {
		return
	}
	o.v = append(o.v[:0], v...)
	k, n := o.outputs, float64(len(o.rows))
	o.basis.weights(o.w, v, k)
	o.value = o.evaluate(o.w, o.g) / n
	o.basis.gradient(o.g, k, n)
	o.flops += 2 * o.basis.cost(k)
}

// interruption ends a minimisation when its context does.
type interruption struct{ ctx context.Context }

func (interruption) Init() error { return nil }

func (i interruption) Record(*optimize.Location, optimize.Operation, *optimize.Stats) error {
	return i.ctx.Err()
}

// constant are the best biases of a model without inputs: the log of the class frequencies, or the mean.
func (p *problem) constant() []float64 {
	b := make([]float64, p.outputs)
	n := float64(len(p.rows))
	for _, r := range p.rows {
		if p.softmax {
			b[p.data.Labels[r]] += 1 / n
		} else {
			b[0] += float64(p.data.Values[r]) / n
		}
	}
	if p.softmax {
		for i, share := range b {
			b[i] = math.Log(math.Max(share, 0.5/n))
		}
	}
	return b
}
