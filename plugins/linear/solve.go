package linear

import (
	"context"
	"fmt"
	"math"

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
	flops    int64
	x, z     []float64 // a block of the design; a row's outputs
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
	}
	if need := p.bytes(); r.FreeBytes > 0 && need > r.FreeBytes {
		return nil, fmt.Errorf("%w: solving for %d columns needs %d bytes, and %d are free", model.ErrOutOfMemory, p.columns, need, r.FreeBytes)
	}
	p.x, p.z = make([]float64, blockRows*p.columns), make([]float64, p.outputs)
	return p, nil
}

// bytes is what the iterative solution needs; the closed form is only used where it fits as well.
func (p *problem) bytes() int64 {
	parameters := int64(p.columns+1) * int64(p.outputs)
	return 8 * (blockRows*int64(p.columns+p.outputs) + (2*history+12)*parameters)
}

// closes reports whether there is memory for columns × columns matrices, the second moments and their factor.
func (p *problem) closes(free int64) bool {
	d := int64(p.columns)
	return d > 0 && d <= maxClosed && (free == 0 || p.bytes()+2*8*d*d <= free)
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
	k, n := p.outputs, float64(len(p.rows))
	begin := make([]float64, (p.columns+1)*k)
	for i, c := range p.constant() {
		begin[p.columns*k+i] = c * b.bias
	}
	w, last := make([]float64, len(begin)), math.NaN()
	result, err := optimize.Minimize(optimize.Problem{
		Func: func(v []float64) float64 {
			b.weights(w, v, k)
			p.flops += b.cost(k)
			last = p.evaluate(w, nil) / n
			return last
		},
		Grad: func(g, v []float64) {
			b.weights(w, v, k)
			p.flops += 2 * b.cost(k)
			p.evaluate(w, g)
			b.gradient(g, k, n)
		},
	}, begin, &optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: maxIterations, Recorder: interruption{ctx},
		Converger: &optimize.FunctionConverge{Relative: 1e-10, Iterations: 10},
	}, &optimize.LBFGS{Store: history})
	if ctx.Err() != nil {
		return solution{}, ctx.Err()
	}
	if math.IsNaN(last) || result == nil {
		return solution{}, fmt.Errorf("%w: the data has values that are not finite (%w)", model.ErrInvalid, err)
	}
	// An error of the line search near the minimum is as close as the arithmetic gets: the best point stands.
	b.weights(w, result.X, k)
	return solution{w[:p.columns*k], w[p.columns*k:], k}, nil
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
