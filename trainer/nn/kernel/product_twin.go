package kernel

import "gonum.org/v1/gonum/blas/gonum"

// mulTwin is the readable product: row by row, as sums of scaled rows or as dot products.
func mulTwin(p *Product) {
	for i := range p.M {
		c := p.C.slice(i, p.N)
		if !p.Accumulate {
			clear(c)
		}
		p.addRow(i, c)
		p.finishRow(i, c)
	}
}

// addRow adds Alpha times row i of the product to c.
func (p *Product) addRow(i int, c []float32) {
	for k := range p.K {
		switch p.Form {
		case AB:
			axpyTwin(p.alpha()*p.A.at(i, k), p.B.slice(k, p.N), c)
		case ATB:
			axpyTwin(p.alpha()*p.A.at(k, i), p.B.slice(k, p.N), c)
		}
	}
	if p.Form != ABT {
		return
	}
	for j := range c {
		var sum float32
		for k, b := range p.B.slice(j, p.K) {
			sum += p.A.at(i, k) * b
		}
		c[j] += p.alpha() * sum
	}
}

// finishRow applies the epilogue to one row of sums.
func (p *Product) finishRow(i int, c []float32) {
	for j, b := range p.Bias {
		c[j] += b
	}
	if p.Before.Data != nil {
		copy(p.Before.slice(i, p.N), c)
	}
	if p.Activation != Identity {
		Activate(p.Activation, c, c)
	}
	if p.At.Data != nil {
		ActivateGrad(p.Gradient, c, c, p.At.slice(i, p.N))
	}
}

// axpyTwin adds a*x to y; gonum has vector code for it on most processors.
func axpyTwin(a float32, x, y []float32) {
	gonum.Implementation{}.Saxpy(len(y), a, x, 1, y, 1)
}
