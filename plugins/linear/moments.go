package linear

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"tuned/trainer/model"
)

// moments are the first and second moments of the design.
type moments struct {
	mean   []float64     // of each column
	gram   *mat.SymDense // the sum over the rows of (x - mean)(x - mean)'
	cross  []float64     // the sum of (x - mean) y, for regression
	target float64       // the mean of y, for regression
}

func (p *problem) moments(ctx context.Context) (*moments, error) {
	n, d := float64(len(p.rows)), p.columns
	m := &moments{mean: make([]float64, d), cross: make([]float64, d)}
	if d == 0 {
		m.target = p.constant()[0]
		return m, nil
	}
	m.gram = mat.NewSymDense(d, nil)
	block := make([]float64, blockRows*d)
	for at := 0; at < len(p.rows); at += blockRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := p.block(at, block)
		x := blas64.General{Rows: rows, Cols: d, Stride: d, Data: block}
		blas64.Syrk(blas.Trans, 1, x, 1, m.gram.RawSymmetric())
		for i := range rows {
			m.add(block[i*d:(i+1)*d], p.target(p.rows[at+i]), n)
		}
	}
	m.centre(n)
	p.flops += int64(len(p.rows))*int64(d)*int64(d+3) + int64(d)*int64(d)*int64(d)/3
	return m, nil
}

// target is a row's value in regression, and 0 in classification.
func (p *problem) target(row int32) float64 {
	if p.softmax {
		return 0
	}
	return float64(p.data.Values[row])
}

func (m *moments) add(x []float64, y, n float64) {
	m.target += y / n
	for j, v := range x {
		m.mean[j] += v / n
		m.cross[j] += v * y
	}
}

func (m *moments) centre(n float64) {
	for i, u := range m.mean {
		m.cross[i] -= n * u * m.target
		for j := i; j < len(m.mean); j++ {
			m.gram.SetSym(i, j, m.gram.At(i, j)-n*u*m.mean[j])
		}
	}
}

// factorize decomposes scale*gram + l2 I; the gram is used up. Where columns depend on each other and l2 is too small to
// tell them apart, it grows until they can be.
func (m *moments) factorize(scale, l2 float64) (*mat.Cholesky, error) {
	c, d := new(mat.Cholesky), len(m.mean)
	if d == 0 {
		return c, nil
	}
	m.gram.ScaleSym(scale, m.gram)
	diagonal := make([]float64, d)
	for i := range diagonal {
		diagonal[i] = m.gram.At(i, i)
	}
	least := 1e-10 * (mat.Trace(m.gram)/float64(d) + 1)
	for l2 = math.Max(l2, least); !math.IsInf(l2, 0) && !math.IsNaN(l2); l2 *= 10 {
		for i, v := range diagonal {
			m.gram.SetSym(i, i, v+l2)
		}
		if c.Factorize(m.gram) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: the data has values that are not finite", model.ErrInvalid)
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
