package linear

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// basis changes the variables of the iteration: v = U w, where U'U bounds the objective's curvature from above (Böhning
// and Lindsay 1988), and biases of centred columns, times a factor. Without U, for very many columns, w stays as it is.
type basis struct {
	u    *mat.TriDense
	mean []float64
	bias float64
}

func (p *problem) basis(ctx context.Context, free int64) (*basis, error) {
	curvature := 1.0
	if p.softmax {
		curvature = 0.25 // the most that a probability's variance can be
	}
	b := &basis{mean: make([]float64, p.columns), bias: math.Sqrt(curvature * float64(len(p.rows)))}
	if !p.closes(free) {
		b.bias = 1
		return b, nil
	}
	m, err := p.moments(ctx)
	if err != nil {
		return nil, err
	}
	c, err := m.factorize(curvature, p.l2)
	if err != nil {
		return nil, err
	}
	b.mean, b.u = m.mean, mat.NewTriDense(p.columns, mat.Upper, nil)
	c.UTo(b.u)
	return b, nil
}

// weights turns variables into weights and biases for k outputs.
func (b *basis) weights(w, v []float64, k int) {
	d := len(b.mean)
	copy(w, v)
	b.solve(blas.NoTrans, w[:d*k], k)
	for o := range k {
		w[d*k+o] = v[d*k+o] / b.bias
		for j, m := range b.mean {
			w[d*k+o] -= m * w[j*k+o]
		}
	}
}

// gradient turns the gradient with respect to weights and biases into that with respect to the variables, for the mean
// over n rows.
func (b *basis) gradient(g []float64, k int, n float64) {
	d := len(b.mean)
	for o := range k {
		for j, m := range b.mean {
			g[j*k+o] -= m * g[d*k+o]
		}
		g[d*k+o] /= b.bias
	}
	b.solve(blas.Trans, g[:d*k], k)
	for i := range g {
		g[i] /= n
	}
}

// solve multiplies by the inverse of U, or of its transpose.
func (b *basis) solve(t blas.Transpose, x []float64, k int) {
	if b.u == nil {
		return
	}
	blas64.Trsm(blas.Left, t, 1, b.u.RawTriangular(), blas64.General{Rows: len(b.mean), Cols: k, Stride: k, Data: x})
}

// cost is the FLOPs of solve.
func (b *basis) cost(k int) int64 {
	if b.u == nil {
		return 0
	}
	return int64(len(b.mean)) * int64(len(b.mean)) * int64(k)
}
