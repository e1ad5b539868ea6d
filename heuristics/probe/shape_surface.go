package probe

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// The surface's bells, in typical squared distances: the widest, of which the others are fourth powers, a quarter as wide each.
const (
	shapeWidest = 4
	shapeWidths = 3
)

// shapePenalties stand beside a bell's height of 1.
var shapePenalties = []float64{0.01, 0.1, 1}

// surface is the most that a smooth surface explains. Its width and penalty are those which are best among few learners: the width
// at the middle penalty, then the penalty. flops counts what was done, also where it is stopped.
func (t *contest) surface(ctx context.Context) (best float64, flops int64, err error) {
	if t.design.width == 0 {
		return 0, 0, nil
	}
	squares, typical := t.distances()
	flops = int64(t.view.Rows*t.n*t.design.width) * 2
	few := min(t.n, shapeLeast)
	b, penalty := t.bells(squares, few, shapeWidest*typical), shapePenalties[1]
	best, at := t.fit(b, penalty), b
	flops += 10*b.area() + b.fitted(len(t.targets))
	for range shapeWidths - 1 {
		b = b.steeper()
		if score := t.fit(b, penalty); score > best {
			best, at = score, b
		}
		flops += 2*b.area() + b.fitted(len(t.targets))
	}
	for _, p := range []float64{shapePenalties[0], shapePenalties[2]} {
		if ctx.Err() != nil {
			return 0, flops, ctx.Err()
		}
		if score := t.fit(at, p); score > best {
			best, penalty = score, p
		}
		flops += at.fitted(len(t.targets))
	}
	if few < t.n {
		b := t.bells(squares, t.n, at.width)
		best = max(best, t.fit(b, penalty))
		flops += 10*b.area() + b.fitted(len(t.targets))
	}
	return best, flops, nil
}

// distances are the squared ones of all rows to the learners, and the median of those between some learners.
func (t *contest) distances() (*mat.Dense, float64) {
	x := t.design.matrix()
	_, typical := distances(mat.DenseCopyOf(x.Slice(0, min(t.n, kernelRows), 0, t.design.width)))
	rows, _ := x.Dims()
	squares, own := mat.NewDense(rows, t.n, nil), make([]float64, rows)
	squares.Mul(x, x.Slice(0, t.n, 0, t.design.width).T())
	for i := range own {
		for _, v := range x.RawRowView(i) {
			own[i] += v * v
		}
	}
	for i := range own {
		row := squares.RawRowView(i)
		for j, product := range row {
			row[j] = math.Max(0, own[i]+own[j]-2*product)
		}
	}
	return squares, typical
}

// hills are the bells of one width around the first learners: as high as each row stands on them.
type hills struct {
	width float64       // squared
	among *mat.SymDense // the learners
	at    *mat.Dense    // judge × learner
}

func (t *contest) bells(squares *mat.Dense, n int, width float64) hills {
	h := hills{width, mat.NewSymDense(n, nil), mat.NewDense(t.view.Rows-t.n, n, nil)}
	for i := range n {
		for j, d := range squares.RawRowView(i)[i:n] {
			h.among.SetSym(i, i+j, math.Exp(-d/width))
		}
	}
	for i := range t.view.Rows - t.n {
		row := h.at.RawRowView(i)
		for j, d := range squares.RawRowView(t.n + i)[:n] {
			row[j] = math.Exp(-d / width)
		}
	}
	return h
}

// steeper are bells of a quarter of the width.
func (h hills) steeper() hills {
	judges, n := h.at.Dims()
	s := hills{h.width / 4, mat.NewSymDense(n, nil), mat.NewDense(judges, n, nil)}
	for i := range n {
		for j := i; j < n; j++ {
			s.among.SetSym(i, j, fourth(h.among.At(i, j)))
		}
	}
	for i := range judges {
		from, to := h.at.RawRowView(i), s.at.RawRowView(i)
		for j, v := range from {
			to[j] = fourth(v)
		}
	}
	return s
}

func fourth(v float64) float64 {
	v *= v
	return v * v
}

// area is how many bells there are: an exponential each, of ten operations, or two products.
func (h hills) area() int64 {
	judges, n := h.at.Dims()
	return int64(n) * int64(judges+n)
}

// fitted is the work of one fit of some targets.
func (h hills) fitted(targets int) int64 {
	judges, n := h.at.Dims()
	m, k := int64(n), int64(targets)
	return m*m*m/3 + 2*m*m*k + 2*m*int64(judges)*k
}

// fit is what a surface with this penalty explains. Rows that are alike leave none where the penalty is too small for them.
func (t *contest) fit(h hills, penalty float64) float64 {
	n := h.among.SymmetricDim()
	t.work.penalise(h.among, penalty)
	if !t.work.factorise() {
		return math.Inf(-1)
	}
	factor, weights, means := t.work.upper(), mat.NewDense(len(t.targets), n, nil), make([]float64, len(t.targets))
	for o, target := range t.targets {
		own := weights.RawRowView(o)
		means[o] = average(target[:n])
		for i, v := range target[:n] {
			own[i] = v - means[o]
		}
		v := blas64.Vector{N: n, Inc: 1, Data: own}
		blas64.Trsv(blas.Trans, factor, v)
		blas64.Trsv(blas.NoTrans, factor, v)
	}
	var predicted mat.Dense
	predicted.Mul(h.at, weights.T())
	return t.explained(func(target, judge int) float64 { return means[target] + predicted.At(judge, target) })
}
