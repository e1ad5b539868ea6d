package linear

import (
	"math"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/floats"

	"tuned/trainer/model"
)

// mostParts is how many parts the rows fall into at most. They are the same for any number of threads, and their sums are added up in
// their order, so that the bits are, too.
const mostParts = 32

// piece is a part of the rows, what they add to the objective and its gradient, and what it takes to find out.
type piece struct {
	rows   []int32
	loss   float64
	g      []float64 // of all but the first part, which adds to the whole's
	used   int64     // entries of the design that are not zero
	sparse sparse
	z      []float64 // a row's outputs
}

// pieces is how many parts are worth it: one has more rows than the gradient, which it adds, has rows.
func pieces(rows, columns int) int {
	return max(1, min(rows/max(blockRows, columns), mostParts))
}

// divide makes so many pieces of the rows.
func (p *problem) divide(n int) {
	for i := range n {
		part := piece{rows: p.rows[i*len(p.rows)/n : (i+1)*len(p.rows)/n], z: make([]float64, p.outputs)}
		if i > 0 {
			part.g = make([]float64, (p.columns+1)*p.outputs)
		}
		p.pieces = append(p.pieces, part)
	}
}

// evaluate returns the objective at w, weights then biases, and writes its gradient to g.
func (p *problem) evaluate(w, g []float64) float64 {
	first := &p.pieces[0]
	first.g, first.loss = g, p.penalty(w, g)
	var open errgroup.Group
	open.SetLimit(p.threads)
	for i := range p.pieces {
		open.Go(func() error { p.add(&p.pieces[i], w); return nil })
	}
	_ = open.Wait() // no part fails
	return p.total()
}

// add adds a part's rows to its sums.
func (p *problem) add(part *piece, w []float64) {
	s, d, k := &part.sparse, p.columns, p.outputs
	part.used = 0
	for _, r := range part.rows {
		p.read(s, r)
		copy(part.z, w[d*k:])
		s.multiply(part.z, w)
		part.loss += p.residual(r, part.z)
		s.accumulate(part.g, part.z)
		for o, v := range part.z {
			part.g[d*k+o] += v
		}
		part.used += int64(len(s.at))
	}
}

// total adds the other parts' sums to the first one's, and leaves them empty.
func (p *problem) total() float64 {
	first := &p.pieces[0]
	for i := range p.pieces {
		part := &p.pieces[i]
		p.flops += 4 * part.used * int64(p.outputs)
		if i > 0 {
			first.loss += part.loss
			floats.Add(first.g, part.g)
			clear(part.g)
			part.loss = 0
		}
	}
	return first.loss
}

// multiply adds x W to z.
func (s *sparse) multiply(z, w []float64) {
	for i, j := range s.at {
		v := s.x[i]
		for o, c := range w[j*len(z) : (j+1)*len(z)] {
			z[o] += v * c
		}
	}
}

// accumulate adds the outer product of x and z to g.
func (s *sparse) accumulate(g, z []float64) {
	for i, j := range s.at {
		v, row := s.x[i], g[j*len(z):(j+1)*len(z)]
		for o, r := range z {
			row[o] += v * r
		}
	}
}

// penalty begins the gradient with the penalty's.
func (p *problem) penalty(w, g []float64) float64 {
	clear(g)
	sum := 0.0
	for i, v := range w[:p.columns*p.outputs] {
		sum += v * v
		g[i] = p.l2 * v
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
