package linear

import (
	"math"

	"tuned/trainer/model"
)

// evaluate returns the objective at w, weights then biases, and writes its gradient to g if that is not nil.
func (p *problem) evaluate(w, g []float64) float64 {
	k, d := p.outputs, p.columns
	loss := p.penalty(w, g)
	products := int64(0)
	for at := 0; at < len(p.rows); at += blockRows {
		n := p.block(at, p.x)
		for i := range n {
			x := p.x[i*d : (i+1)*d]
			copy(p.z, w[d*k:])
			products += multiply(p.z, x, w)
			loss += p.residual(p.rows[at+i], p.z)
			if g != nil {
				products += accumulate(g, x, p.z)
			}
		}
	}
	p.flops += 2 * products * int64(k)
	return loss
}

// multiply adds x W to z. Most of a design is zeros, which are left out; it returns how many were not.
func multiply(z, x, w []float64) (used int64) {
	for j, v := range x {
		if v == 0 {
			continue
		}
		used++
		for o, c := range w[j*len(z) : (j+1)*len(z)] {
			z[o] += v * c
		}
	}
	return used
}

// accumulate adds the outer product of x, with a 1 behind it, and z to g.
func accumulate(g, x, z []float64) (used int64) {
	for j, v := range x {
		if v == 0 {
			continue
		}
		used++
		for o, r := range z {
			g[j*len(z)+o] += v * r
		}
	}
	for o, r := range z {
		g[len(x)*len(z)+o] += r
	}
	return used
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
		loss := z[0] * z[0] / 2
		if p.absolute {
			loss, z[0] = model.AbsoluteLoss(z[0])
		}
		return loss
	}
	label, top := p.data.Labels[row], z[0]
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
