package probe

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"tuned/heuristics"
)

// A surface goes through so many rows, since its work grows with their third power. What it says depends on which they are: over
// five draws, the rules chose another number of passes for 27 of 115 tables of at most 1,500 rows, and for 14 by the mean of four.
const (
	kernelRows  = 256
	kernelDraws = 4
)

var (
	kernelWidths    = []float64{0.5, 8} // of the bell around each row, in typical squared distances
	kernelPenalties = decades{-7, 0}
)

// So few columns are filled densely by their rows, which can tell short waves from noise: bells as narrow as these are tried as well.
const (
	kernelFew    = 3
	kernelNarrow = 0.5 / 16
)

// kernel fits the smooth surface of a kernel ridge regression (Saunders et al. 1998) through each of a few samples of the rows, with
// bells of two widths or three, and scores it as the ridge probe does. kernel.freedom is the share of the rows that the best surface
// spends as effective parameters (Hastie & Tibshirani 1990): near 0, the target is flat or noisy and a few numbers tell all that
// can be learned; near 1, every row says something of its own. Columns that are coded, for their many categories, are left out:
// with them all rows would be far from each other, and seem to say something of their own. Without others both facts are 0.
func kernel(ctx context.Context, e Env, _ settings) (Report, error) {
	e.View.Inputs = numeric(e.View.Inputs)
	if len(e.View.Inputs) == 0 {
		return Report{Facts: heuristics.Facts{"kernel.score": 0.0, "kernel.freedom": 0.0}}, nil
	}
	patches, err := e.patches()
	if err != nil {
		return Report{}, err
	}
	best, flops, err := e.smoothest(ctx, patches)
	for _, p := range patches {
		flops += p.area() * int64(p.width)
	}
	return Report{Facts: heuristics.Facts{"kernel.score": best.score, "kernel.freedom": best.freedom}, FLOPs: flops}, err
}

// patch is a sample of rows that surfaces are fitted through.
type patch struct {
	squares *mat.SymDense // distances between rows
	typical float64       // their median
	width   int           // columns that they are of
	targets [][]float64
	work    *square // of the fit at hand
}

// patches are the samples: all rows, where one takes them in.
func (e Env) patches() ([]patch, error) {
	data, err := e.rows(sample(e.Train, kernelRows*kernelDraws, e.Seed, streamRows))
	if err != nil {
		return nil, err
	}
	targets, err := targetsOf(e.View, data)
	if err != nil {
		return nil, err
	}
	x, draws := designOf(e.View.Inputs, data), kernelDraws
	if data.Rows <= kernelRows {
		draws = 1
	}
	all, turned := make([]patch, draws), turns(x.rows, draws)
	err = each(e.Threads, draws, func(i int) error {
		x := x
		x.rows = turned[i][:min(kernelRows, data.Rows)]
		all[i] = x.patch(targets)
		return nil
	})
	return all, err
}

// patch is the design's rows, each with its targets.
func (d design) patch(targets [][]float64) patch {
	p := patch{width: d.width, work: new(square)}
	p.squares, p.typical = distances(d.matrix())
	for _, y := range targets {
		own := make([]float64, len(d.rows))
		for i, row := range d.rows {
			own[i] = y[row]
		}
		p.targets = append(p.targets, own)
	}
	return p
}

// turns are the rows again and again, each time from another place on and around.
func turns(rows []int32, n int) [][]int32 {
	all := make([][]int32, n)
	for i := range all {
		from := i * len(rows) / n
		all[i] = slices.Concat(rows[from:], rows[:from])
	}
	return all
}

// smooth is what surfaces of one width and penalty are, on average over patches.
type smooth struct{ error, score, freedom float64 }

// smoothest is the best surface of all widths and penalties, and what was spent on the search, also where it is stopped.
func (e Env) smoothest(ctx context.Context, patches []patch) (best smooth, flops int64, err error) {
	best.error = math.Inf(1)
	for _, width := range widths(patches[0].width) {
		grams, err := e.bells(ctx, patches, width)
		for _, p := range patches {
			flops += 10 * p.area()
		}
		if err != nil {
			return best, flops, err
		}
		kernelPenalties.search(func(l2 float64) float64 {
			found, work := e.through(ctx, patches, grams, l2)
			if found.error < best.error {
				best = found
			}
			flops += work
			return found.error
		})
	}
	return best, flops, ctx.Err()
}

// widths are those that are tried for so many columns.
func widths(columns int) []float64 {
	if columns > kernelFew {
		return kernelWidths
	}
	return append(slices.Clone(kernelWidths), kernelNarrow)
}

// bells are those around the rows of each patch, of a width in its typical distances.
func (e Env) bells(ctx context.Context, patches []patch, width float64) ([]*mat.SymDense, error) {
	grams := make([]*mat.SymDense, len(patches))
	err := each(e.Threads, len(patches), func(i int) error {
		grams[i] = bells(patches[i].squares, width*patches[i].typical)
		return ctx.Err()
	})
	return grams, err
}

// through is what surfaces through the patches are on average. Where they are not waited for, their error is infinite, and flops
// counts those that were made.
func (e Env) through(ctx context.Context, patches []patch, grams []*mat.SymDense, l2 float64) (found smooth, flops int64) {
	fits, work := make([]fit, len(patches)), make([]int64, len(patches))
	err := each(e.Threads, len(patches), func(i int) error {
		if ctx.Err() == nil {
			fits[i], work[i] = patches[i].leaveOneOut(grams[i], l2), patches[i].flops()
		}
		return ctx.Err()
	})
	for _, w := range work {
		flops += w
	}
	if err != nil {
		return smooth{error: math.Inf(1)}, flops
	}
	for i, p := range patches {
		found.add(fits[i], p.targets, 1/float64(len(patches)))
	}
	return found, flops
}

func (s *smooth) add(f fit, targets [][]float64, weight float64) {
	s.error += weight * f.error
	s.score += weight * f.score(targets)
	s.freedom += weight * f.freedom
}

// leaveOneOut fits a surface through the patch, and takes out each row by its leverage, as the linear model does. Where rounding
// leaves the equations without an answer, the error is infinite.
func (p patch) leaveOneOut(gram *mat.SymDense, l2 float64) fit {
	n := gram.SymmetricDim()
	penalty := l2 * float64(n)
	p.work.penalise(gram, penalty)
	if !p.work.factorise() {
		return fit{error: math.Inf(1)}
	}
	p.work.invert()
	inverse := p.work.upper()
	left := make([][]float64, len(p.targets))
	for k, y := range p.targets {
		left[k] = centred(y)
		floats.Scale(penalty, left[k])
		v := blas64.Vector{N: n, Inc: 1, Data: left[k]}
		blas64.Trmv(blas.Trans, inverse, v)
		blas64.Trmv(blas.NoTrans, inverse, v)
	}
	kept := make([]float64, n)
	for i := range kept {
		row := p.work.from(i, i)
		kept[i] = penalty*floats.Dot(row, row) - 1/float64(n)
	}
	return leftOut(p.targets, left, kept, l2)
}

// area is how many pairs of rows there are.
func (p patch) area() int64 {
	n := int64(p.squares.SymmetricDim())
	return n * n
}

// flops is the work of one fit: a third of the third power each for a factor and its inverse.
func (p patch) flops() int64 {
	return p.area() * int64(2*p.squares.SymmetricDim()/3+4*len(p.targets))
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
		for j := i; j < n; j++ {
			k := math.Exp(-squares.At(i, j) / width)
			gram.SetSym(i, j, k)
			means[i] += k / float64(n)
			if j > i {
				means[j] += k / float64(n)
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
