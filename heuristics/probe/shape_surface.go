package probe

import (
	"context"
	"math"

	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// The surface's bells, in typical squared distances, and its penalties beside a bell's height of 1.
var (
	shapeWidths    = []float64{0.25, 1, 4}
	shapePenalties = []float64{0.01, 0.1, 1}
)

// surface is the most that a smooth surface explains. Its width and penalty are those which are best among few learners: the width
// at the middle penalty, then the penalty. flops counts what was done, also where it is stopped.
func (t *contest) surface(ctx context.Context) (best float64, flops int64, err error) {
	if t.design.width == 0 {
		return 0, 0, nil
	}
	squares, typical := t.distances()
	flops = int64(t.view.Rows*t.n*t.design.width) * 2
	few := min(t.n, shapeLeast)
	best, at, penalty := math.Inf(-1), hills{}, shapePenalties[1]
	for i, w := range shapeWidths {
		b := t.bells(squares, few, w*typical)
		if score := t.fit(b, penalty); i == 0 || score > best {
			best, at = score, b
		}
		flops += b.raised() + b.fitted(len(t.targets))
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
		flops += b.raised() + b.fitted(len(t.targets))
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

// raised is the work of the bells.
func (h hills) raised() int64 {
	judges, n := h.at.Dims()
	return 10 * int64(n) * int64(judges+n)
}

// fitted is the work of one fit of some targets.
func (h hills) fitted(targets int) int64 {
	judges, n := h.at.Dims()
	m, rows, k := int64(n), int64(judges+n), int64(targets)
	return m*m*m/3 + 2*m*m*k + 2*m*rows*k
}

// fit is what a surface with this penalty explains. Rows that are alike leave none where the penalty is too small for them.
func (t *contest) fit(h hills, penalty float64) float64 {
	n := h.among.SymmetricDim()
	factor, ok := lapack64.Potrf(penalised(h.among, penalty))
	if !ok {
		return math.Inf(-1)
	}
	weights, means := mat.NewDense(n, len(t.targets), nil), make([]float64, len(t.targets))
	for o, target := range t.targets {
		means[o] = average(target[:n])
		for i, v := range target[:n] {
			weights.Set(i, o, v-means[o])
		}
	}
	lapack64.Potrs(factor, weights.RawMatrix())
	var predicted mat.Dense
	predicted.Mul(h.at, weights)
	return t.explained(func(target, judge int) float64 { return means[target] + predicted.At(judge, target) })
}
