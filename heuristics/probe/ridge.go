package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tuned/heuristics"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// The ridge probe's size: beyond ridgeWidth columns it works with the rows' inner products, and fewer rows.
const (
	ridgeRows  = 2000
	ridgeWidth = 384
)

// decades are powers of ten, from one to another.
type decades struct{ low, high int }

var ridgePenalties = decades{-5, 1}

// ridge fits a linear model in closed form, one for each class against the rest, on a sample of the rows, and scores it by
// leaving out each row in turn (Allen's PRESS): R² for regression, accuracy for classes, at the penalty with the smallest
// squared error. ridge.l2 penalises the squared weights beside the mean squared error of a row.
func ridge(ctx context.Context, e Env, _ settings) (Report, error) {
	x, targets, err := e.lines()
	if err != nil || ctx.Err() != nil {
		return Report{}, cmp.Or(err, ctx.Err())
	}
	f, flops, err := x.factor()
	if err != nil {
		return Report{FLOPs: flops}, err
	}
	best, tried := f.search(targets, ridgePenalties)
	curve := Curve{Name: "left-out rows"}
	for _, t := range tried {
		curve.X, curve.Y = append(curve.X, t.l2), append(curve.Y, t.error)
	}
	flops += f.searched(len(tried), len(targets))
	return Report{
		Facts: heuristics.Facts{"ridge.score": best.score(targets), "ridge.l2": best.l2}, FLOPs: flops,
		Plots: []Plot{{Title: "A linear model", XLabel: "l2", YLabel: "mean squared error", LogX: true, Curves: []Curve{curve.finite()}}},
	}, nil
}

// lines are a sample of the rows as a linear model sees them, and what it is to predict.
func (e Env) lines() (x design, targets [][]float64, err error) {
	n := ridgeRows
	switch width := designOf(e.View.Inputs, nn.Data{}).width; {
	case width == 0:
		return x, nil, fmt.Errorf("%w: the view has no columns that a linear model reads", model.ErrInvalid)
	case width > ridgeWidth:
		n = ridgeWidth
	}
	data, err := e.rows(sample(e.Train, n, e.Seed, streamRows))
	if err != nil {
		return x, nil, err
	}
	targets, err = targetsOf(e.View, data)
	return designOf(e.View.Inputs, data), targets, err
}

// searched is the work of trying penalties on some targets.
func (f factors) searched(tried, targets int) int64 {
	n, r := f.scaled.Dims()
	return int64(4 * n * r * tried * (1 + targets))
}

// factors are a centred design's singular vectors, scaled by their values: rows × r, and the squared values.
type factors struct {
	scaled *mat.Dense
	values []float64
}

// fit is a ridge regression at one penalty: each row's prediction when that row is left out.
type fit struct {
	l2        float64
	error     float64     // mean square of the left-out rows' errors, over rows and targets
	freedom   float64     // effective parameters for each row: the trace of the map from targets to fitted values, over the rows
	predicted [][]float64 // like targets
}

// search tries each decade of penalties, and half a decade to both sides of the best.
func (d decades) search(errorAt func(l2 float64) float64) {
	least, best := math.Inf(1), 0.0
	for decade := d.low; decade <= d.high; decade++ {
		if e := errorAt(math.Pow(10, float64(decade))); e < least {
			least, best = e, float64(decade)
		}
	}
	if !math.IsInf(least, 1) {
		errorAt(math.Pow(10, best-0.5))
		errorAt(math.Pow(10, best+0.5))
	}
}

// search is the best of the fits that were tried. tried is by penalty.
func (f factors) search(targets [][]float64, penalties decades) (best fit, tried []fit) {
	best.error = math.Inf(1)
	penalties.search(func(l2 float64) float64 {
		t := f.leaveOneOut(targets, l2)
		tried = append(tried, t)
		if t.error < best.error {
			best = t
		}
		return t.error
	})
	slices.SortFunc(tried, func(a, b fit) int { return cmp.Compare(a.l2, b.l2) })
	return best, tried
}

// leaveOneOut fits every target (each centred on its mean) and takes out each row by its leverage, the mean's included.
func (f factors) leaveOneOut(targets [][]float64, l2 float64) fit {
	n, r := f.scaled.Dims()
	weights, kept := make([]float64, r), make([]float64, n) // of the vectors; 1 - leverage of the rows
	for j, v := range f.values {
		weights[j] = 1 / (v + l2*float64(n))
	}
	for i := range n {
		kept[i] = 1 - 1/float64(n)
		for j, z := range f.scaled.RawRowView(i) {
			kept[i] -= z * z * weights[j]
		}
	}
	left := make([][]float64, len(targets))
	for k, y := range targets {
		left[k] = f.left(y, weights)
	}
	return leftOut(targets, left, kept, l2)
}

// leftOut is the fit in which each row is predicted without itself: what a fit through all rows left of it grows by how much of
// the row that fit kept away from its own target, 1 - its leverage.
func leftOut(targets, left [][]float64, kept []float64, l2 float64) fit {
	n := len(kept)
	result := fit{l2: l2, freedom: 1 - average(kept) - 1/float64(n)}
	for k, y := range targets {
		predicted := make([]float64, n)
		for i, v := range left[k] {
			v /= max(kept[i], 1e-9)
			predicted[i] = y[i] - v
			result.error += v * v / float64(n*len(targets))
		}
		result.predicted = append(result.predicted, predicted)
	}
	return result
}

// left is what the fit of one target on all rows leaves of it.
func (f factors) left(y, weights []float64) []float64 {
	n, r := f.scaled.Dims()
	left, projected := centred(y), mat.NewVecDense(r, nil)
	projected.MulVec(f.scaled.T(), mat.NewVecDense(n, left))
	for j, w := range weights {
		projected.SetVec(j, projected.AtVec(j)*w)
	}
	var fitted mat.VecDense
	fitted.MulVec(f.scaled, projected)
	floats.Sub(left, fitted.RawVector().Data)
	return left
}

// centred are values about their mean.
func centred(values []float64) []float64 {
	c := slices.Clone(values)
	floats.AddConst(-average(values), c)
	return c
}

// score is R² for a value, accuracy for classes, each with a target.
func (f fit) score(targets [][]float64) float64 {
	n := len(targets[0])
	if len(targets) == 1 {
		mean, spread := average(targets[0]), 0.0
		for _, y := range targets[0] {
			spread += (y - mean) * (y - mean) / float64(n)
		}
		if spread == 0 {
			return 0
		}
		return 1 - f.error/spread
	}
	right := 0
	for i := range n {
		class := 0
		for c := range f.predicted {
			if f.predicted[c][i] > f.predicted[class][i] {
				class = c
			}
		}
		right += int(targets[class][i])
	}
	return float64(right) / float64(n)
}

func average(values []float64) float64 {
	mean := 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
}

// factor decomposes the design by the smaller of its two Gram matrices.
func (d design) factor() (f factors, flops int64, err error) {
	x := d.matrix()
	n, width := int64(len(d.rows)), int64(d.width)
	if width > n {
		f, err = byRows(x)
		return f, n*n*width + 9*n*n*n, err
	}
	f, err = byColumns(x)
	return f, 4*n*width*width + 9*width*width*width, err
}

// matrix is the design, every column centred on its mean.
func (d design) matrix() *mat.Dense {
	x := mat.NewDense(len(d.rows), d.width, nil)
	for i, row := range d.rows {
		d.fill(row, x.RawRowView(i))
	}
	centre(x)
	return x
}

func byColumns(x *mat.Dense) (factors, error) {
	var gram mat.SymDense
	gram.SymOuterK(1, x.T())
	values, vectors, err := eigen(&gram)
	if err != nil {
		return factors{}, err
	}
	scaled := new(mat.Dense)
	scaled.Mul(x, vectors)
	return factors{scaled, values}, nil
}

func byRows(x *mat.Dense) (factors, error) {
	var gram mat.SymDense
	gram.SymOuterK(1, x)
	values, vectors, err := eigen(&gram)
	if err != nil {
		return factors{}, err
	}
	vectors.Apply(func(_, j int, v float64) float64 { return v * math.Sqrt(values[j]) }, vectors)
	return factors{vectors, values}, nil
}

// eigen decomposes a positive semi-definite matrix; what rounding made negative is 0.
func eigen(gram *mat.SymDense) ([]float64, *mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(gram, true) {
		return nil, nil, fmt.Errorf("the eigenvalues of %d inner products did not converge", gram.SymmetricDim())
	}
	values := e.Values(nil)
	for j, v := range values {
		values[j] = max(v, 0)
	}
	vectors := new(mat.Dense)
	e.VectorsTo(vectors)
	return values, vectors, nil
}

func centre(x *mat.Dense) {
	n, width := x.Dims()
	means := make([]float64, width)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			means[j] += v / float64(n)
		}
	}
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= means[j]
		}
	}
}
