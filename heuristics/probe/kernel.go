package probe

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"tuned/heuristics"
)

// kernelRows is how many rows the kernel probe looks at: its work grows with their third power.
const kernelRows = 256

var (
	kernelWidths    = []float64{0.5, 8} // of the bell around each row, in typical squared distances
	kernelPenalties = decades{-7, 0}
)

// kernel fits the smooth surface of a kernel ridge regression (Saunders et al. 1998) through a sample of the rows, with
// bells of two widths, and scores it as the ridge probe does. kernel.freedom is the share of the rows that the best surface
// spends as effective parameters (Hastie & Tibshirani 1990): near 0, the target is flat or noisy and a few numbers tell all that
// can be learned; near 1, every row says something of its own. Columns that are coded, for their many categories, are left out:
// with them all rows would be far from each other, and seem to say something of their own. Without others both facts are 0.
func kernel(ctx context.Context, e Env, _ settings) (Report, error) {
	x, err := e.design(0)
	if err != nil {
		return Report{}, err
	}
	if x.width == 0 {
		return Report{Facts: heuristics.Facts{"kernel.score": 0.0, "kernel.freedom": 0.0}}, nil
	}
	x.rows = sample(e.Train, kernelRows, e.Seed, streamRows)
	targets, err := e.targets(x.rows)
	if err != nil {
		return Report{}, err
	}
	best, flops, err := surface(ctx, x.matrix(), targets)
	if err != nil {
		return Report{}, err
	}
	return Report{
		Facts: heuristics.Facts{"kernel.score": best.score(e.View.Task, targets), "kernel.freedom": best.freedom}, FLOPs: flops,
	}, nil
}

// surface is the best fit of both widths and all penalties.
func surface(ctx context.Context, x *mat.Dense, targets [][]float64) (best fit, flops int64, err error) {
	rows, width := x.Dims()
	n := int64(rows)
	best.error, flops = math.Inf(1), n*n*int64(width)
	squares, typical := distances(x)
	for _, width := range kernelWidths {
		if ctx.Err() != nil {
			return fit{}, 0, ctx.Err()
		}
		f, err := ofGram(bells(squares, width*typical))
		if err != nil {
			return fit{}, 0, err
		}
		found, tried := f.search(targets, kernelPenalties)
		if flops += 9*n*n*n + f.searched(len(tried), len(targets)); found.error < best.error {
			best = found
		}
	}
	return best, flops, nil
}

// distances are the squared distances between rows, and their median, or 1 where that is 0.
func distances(x *mat.Dense) (squares *mat.SymDense, typical float64) {
	squares = new(mat.SymDense)
	squares.SymOuterK(1, x)
	n := squares.SymmetricDim()
	own := make([]float64, n)
	for i := range own {
		own[i] = squares.At(i, i)
	}
	all := make([]float64, 0, n*(n-1)/2)
	for i := range n {
		squares.SetSym(i, i, 0)
		for j := i + 1; j < n; j++ {
			d := max(0, own[i]+own[j]-2*squares.At(i, j))
			squares.SetSym(i, j, d)
			all = append(all, d)
		}
	}
	if slices.Sort(all); len(all) > 0 {
		typical = all[len(all)/2]
	}
	return squares, cmp.Or(typical, 1)
}

// bells are the rows' inner products in the space that a Gaussian kernel spans, centred on their mean.
func bells(squares *mat.SymDense, width float64) *mat.SymDense {
	n := squares.SymmetricDim()
	gram := mat.NewSymDense(n, nil)
	means, mean := make([]float64, n), 0.0
	for i := range n {
		for j := range n {
			k := math.Exp(-squares.At(i, j) / width)
			means[i] += k / float64(n)
			if j >= i {
				gram.SetSym(i, j, k)
			}
		}
		mean += means[i] / float64(n)
	}
	for i := range n {
		for j := i; j < n; j++ {
			gram.SetSym(i, j, gram.At(i, j)-means[i]-means[j]+mean)
		}
	}
	return gram
}
