package probe

import (
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
	squares, typical := distances(x.matrix())
	n := int64(len(x.rows))
	found, flops := fit{error: math.Inf(1)}, n*n*int64(x.width)
	for _, width := range kernelWidths {
		if ctx.Err() != nil {
			return Report{}, ctx.Err()
		}
		f, err := ofGram(bells(squares, width*typical))
		if err != nil {
			return Report{}, err
		}
		best, tried := f.search(targets, kernelPenalties)
		if flops += 9*n*n*n + f.searched(len(tried), len(targets)); best.error < found.error {
			found = best
		}
	}
	return Report{
		Facts: heuristics.Facts{"kernel.score": found.score(e.View.Task, targets), "kernel.freedom": found.freedom}, FLOPs: flops,
	}, nil
}

// distances are the squared distances between rows, and their median.
func distances(x *mat.Dense) (squares *mat.SymDense, typical float64) {
	n, _ := x.Dims()
	squares = new(mat.SymDense)
	squares.SymOuterK(1, x)
	all := make([]float64, 0, n*(n-1)/2)
	own := make([]float64, n)
	for i := range n {
		own[i] = squares.At(i, i)
	}
	for i := range n {
		for j := i; j < n; j++ {
			d := max(0, own[i]+own[j]-2*squares.At(i, j))
			squares.SetSym(i, j, d)
			if j > i {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return squares, 1
	}
	slices.Sort(all)
	if typical = all[len(all)/2]; typical == 0 {
		typical = 1
	}
	return squares, typical
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
