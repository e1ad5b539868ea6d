package linear

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn/session"
)

const (
	maxClosed     = 4096 // columns up to which ridge is solved in closed form
	maxIterations = 500
	tolerance     = 1e-6 // of the gradient, for each row
	history       = 10   // L-BFGS's pairs
)

// problem is the objective: the sum over the rows of half the squared error, or of the softmax cross-entropy, plus l2/2
// times the sum of squared weights. The biases are free.
type problem struct {
	*design
	outputs int
	softmax bool
	l2      float64
	flops   int64
	x, z    []float64 // a block of the design, and of the outputs
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
	}
	if need := p.bytes(); r.FreeBytes > 0 && need > r.FreeBytes {
		return nil, fmt.Errorf("%w: solving for %d columns needs %d bytes, and %d are free", model.ErrOutOfMemory, p.columns, need, r.FreeBytes)
	}
	p.x, p.z = make([]float64, blockRows*p.columns), make([]float64, blockRows*p.outputs)
	return p, nil
}

// bytes is what the iterative solution needs; the closed form is only used where it fits as well.
func (p *problem) bytes() int64 {
	parameters := int64(p.columns+1) * int64(p.outputs)
	return 8 * (blockRows*int64(p.columns+p.outputs) + (2*history+12)*parameters)
}

func (p *problem) solve(ctx context.Context, free int64) (solution, error) {
	closed := 8 * (2*int64(p.columns)*int64(p.columns) + blockRows*int64(p.columns))
	if !p.softmax && p.columns <= maxClosed && (free == 0 || closed <= free) {
		return p.ridge(ctx)
	}
	return p.iterate(ctx)
}

// ridge solves the normal equations of the centred problem by Cholesky's decomposition.
func (p *problem) ridge(ctx context.Context) (solution, error) {
	n, d := float64(len(p.rows)), p.columns
	gram, moment := mat.NewSymDense(d, nil), make([]float64, d)
	sums, total := make([]float64, d), 0.0
	for at := 0; at < len(p.rows); at += blockRows {
		if err := ctx.Err(); err != nil {
			return solution{}, err
		}
		rows := p.block(at, p.x)
		x := blas64.General{Rows: rows, Cols: d, Stride: d, Data: p.x}
		blas64.Syrk(blas.Trans, 1, x, 1, gram.RawSymmetric())
		for i := range rows {
			y := float64(p.data.Values[p.rows[at+i]])
			total += y
			for j, v := range p.x[i*d : (i+1)*d] {
				sums[j] += v
				moment[j] += v * y
			}
		}
	}
	for i := range d {
		moment[i] -= sums[i] * total / n
		for j := i; j < d; j++ {
			gram.SetSym(i, j, gram.At(i, j)-sums[i]*sums[j]/n)
		}
	}
	p.flops += int64(len(p.rows))*int64(d)*int64(d+3) + int64(d)*int64(d)*int64(d)/3
	weights, err := p.cholesky(gram, moment)
	if err != nil {
		return solution{}, err
	}
	bias := total / n
	for j, w := range weights {
		bias -= w * sums[j] / n
	}
	return solution{weights, []float64{bias}, 1}, nil
}

// cholesky solves (gram + l2 I) w = moment. Where columns depend on each other and l2 is too small to tell them apart, it
// grows until they can be.
func (p *problem) cholesky(gram *mat.SymDense, moment []float64) ([]float64, error) {
	d := p.columns
	if d == 0 {
		return nil, nil
	}
	least := 1e-10 * (mat.Trace(gram)/float64(d) + 1)
	diagonal := make([]float64, d)
	for i := range diagonal {
		diagonal[i] = gram.At(i, i)
	}
	var c mat.Cholesky
	for l2 := math.Max(p.l2, least); !math.IsInf(l2, 0) && !math.IsNaN(l2); l2 *= 10 {
		for i, v := range diagonal {
			gram.SetSym(i, i, v+l2)
		}
		if !c.Factorize(gram) {
			continue
		}
		w := mat.NewVecDense(d, nil)
		if err := c.SolveVecTo(w, mat.NewVecDense(d, moment)); err == nil {
			return w.RawVector().Data, nil
		}
	}
	return nil, fmt.Errorf("%w: the data has values that are not finite", model.ErrInvalid)
}

// iterate minimises by L-BFGS, from zero weights and the biases of a model without inputs.
func (p *problem) iterate(ctx context.Context) (solution, error) {
	k, n := p.outputs, float64(len(p.rows))
	begin := make([]float64, (p.columns+1)*k)
	copy(begin[p.columns*k:], p.constant())
	last := math.NaN()
	result, err := optimize.Minimize(optimize.Problem{
		Func: func(w []float64) float64 { last = p.evaluate(w, nil) / n; return last },
		Grad: func(g, w []float64) {
			p.evaluate(w, g)
			for i := range g {
				g[i] /= n
			}
		},
	}, begin, &optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: maxIterations, Recorder: interruption{ctx}, Concurrent: 0,
		Converger: &optimize.FunctionConverge{Relative: 1e-9, Iterations: 5},
	}, &optimize.LBFGS{Store: history})
	if ctx.Err() != nil {
		return solution{}, ctx.Err()
	}
	if math.IsNaN(last) || result == nil {
		return solution{}, fmt.Errorf("%w: the data has values that are not finite (%w)", model.ErrInvalid, err)
	}
	// An error of the line search near the minimum is as close as the arithmetic gets: the best point stands.
	return solution{result.X[:p.columns*k], result.X[p.columns*k:], k}, nil
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
