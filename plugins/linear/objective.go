package linear

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// evaluate returns the objective at w, weights then biases, and adds up its gradient in g if that is not nil.
func (p *problem) evaluate(w, g []float64) float64 {
	k, d := p.outputs, p.columns
	loss := p.penalty(w, g)
	for at := 0; at < len(p.rows); at += blockRows {
		n := p.block(at, p.x)
		x := blas64.General{Rows: n, Cols: d, Stride: max(d, 1), Data: p.x}
		z := blas64.General{Rows: n, Cols: k, Stride: k, Data: p.z}
		for i := range n {
			copy(p.z[i*k:(i+1)*k], w[d*k:])
		}
		if d > 0 {
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, x, blas64.General{Rows: d, Cols: k, Stride: k, Data: w}, 1, z)
		}
		for i := range n {
			loss += p.residual(p.rows[at+i], p.z[i*k:(i+1)*k])
		}
		if g == nil {
			continue
		}
		if d > 0 {
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, x, z, 1, blas64.General{Rows: d, Cols: k, Stride: k, Data: g})
		}
		for i := range n {
			for o, r := range p.z[i*k : (i+1)*k] {
				g[d*k+o] += r
			}
		}
	}
	products := int64(1)
	if g != nil {
		products = 2
	}
	p.flops += products * 2 * int64(len(p.rows)) * int64(d) * int64(k)
	return loss
}

// penalty begins the gradient with the penalty's.
func (p *problem) penalty(w, g []float64) float64 {
	clear(g)
	sum := 0.0
	for i, v := range w[:p.columns*p.outputs] {
		sum += v * v
		if g != nil {
			g[i] = p.l2 * v
		}
	}
	return p.l2 / 2 * sum
}

// residual turns a row's outputs into the gradient of its loss with respect to them, and returns the loss.
func (p *problem) residual(row int32, z []float64) float64 {
	if !p.softmax {
		z[0] -= float64(p.data.Values[row])
		return z[0] * z[0] / 2
	}
	label := p.data.Labels[row]
	top := z[0]
	for _, v := range z {
		top = math.Max(top, v)
	}
	sum, logit := 0.0, z[label]-top
	for i, v := range z {
		z[i] = math.Exp(v - top)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
	z[label]--
	return math.Log(sum) - logit
}
