package data

import "math"

// regression is a ridge regression of every output over documents, solved by conjugate gradients (Hestenes and Stiefel 1952).
type regression struct {
	terms     int
	documents []document
	rows      []int32 // of the data set, one for each document
	folds     []uint8
	target    textTarget
	l2        float64
}

// A solution is good enough once the gradient is a thousandth of what it was; scores change by less than their third digit.
const (
	textSteps     = 60
	textTolerance = 1e-6 // of the squared gradient
)

// solve gives the weights, term × output, and the bias of each output, from all documents that are not in the fold, and what that took.
func (r *regression) solve(fold int) (w, bias weights, flops int64) {
	k := r.target.outputs
	look := 2 * int64(k) * r.mentions(fold) // one way through the documents
	bias = r.means(fold)
	w = make(weights, r.terms*k)
	left := r.pull(fold, bias) // the right side less the left: no weights yet
	way := append([]float32(nil), left...)
	size := squares(left, k)
	first := append([]float64(nil), size...)
	flops = look
	for range textSteps {
		if solved(size, first) {
			break
		}
		bent := r.curvature(fold, way)
		flops += 2*look + 10*int64(len(w)) // there and back, and the vectors
		step := ratios(size, products(way, bent, k))
		move(step, way, w, 1)
		move(step, bent, left, -1)
		next := squares(left, k)
		turnTo(left, ratios(next, size), way)
		size = next
	}
	return w, bias, flops
}

// mentions are the terms of all documents outside the fold.
func (r *regression) mentions(fold int) (n int64) {
	for i, d := range r.documents {
		if r.learns(i, fold) {
			n += int64(len(d.terms))
		}
	}
	return n
}

// move adds so many steps of each output's way to where it is.
func move(steps, way, at []float32, sign float32) {
	for i := 0; i < len(at); i += len(steps) {
		for o, s := range steps {
			at[i+o] += sign * s * way[i+o]
		}
	}
}

// turnTo keeps a share of the old way beside the steepest one.
func turnTo(steepest, shares, way []float32) {
	for i := 0; i < len(way); i += len(shares) {
		for o, share := range shares {
			way[i+o] = steepest[i+o] + share*way[i+o]
		}
	}
}

// learns reports whether a document is outside the fold.
func (r *regression) learns(document, fold int) bool { return int(r.folds[document]) != fold }

// means are the outputs' means.
func (r *regression) means(fold int) weights {
	sums, n := make([]float64, r.target.outputs), 0.0
	for i, row := range r.rows {
		if !r.learns(i, fold) {
			continue
		}
		n++
		for o := range sums {
			sums[o] += float64(r.target.at(row, o))
		}
	}
	out := make(weights, len(sums))
	for o, sum := range sums {
		out[o] = float32(sum / math.Max(1, n))
	}
	return out
}

// pull is what the documents' targets, less their means, ask of the weights.
func (r *regression) pull(fold int, means weights) []float32 {
	k := len(means)
	out, asks := make([]float32, r.terms*k), make([]float32, k)
	for i, d := range r.documents {
		if !r.learns(i, fold) {
			continue
		}
		for o := range asks {
			asks[o] = r.target.at(r.rows[i], o) - means[o]
		}
		d.spread(asks, out)
	}
	return out
}

// curvature is how the squared error and the penalty resist a change of the weights.
func (r *regression) curvature(fold int, way []float32) []float32 {
	k := r.target.outputs
	out, told := make([]float32, len(way)), make([]float32, k)
	for i, v := range way {
		out[i] = float32(r.l2) * v
	}
	for i, d := range r.documents {
		if !r.learns(i, fold) {
			continue
		}
		clear(told)
		for j, term := range d.terms {
			axpy(d.weights[j], way[int(term)*k:], told)
		}
		d.spread(told, out)
	}
	return out
}

// spread adds a document's outputs to those of its terms.
func (d document) spread(outputs, out []float32) {
	for j, term := range d.terms {
		at := int(term) * len(outputs)
		axpy(d.weights[j], outputs, out[at:at+len(outputs)])
	}
}

// squares are the sums of squares of each of k outputs.
func squares(v []float32, k int) []float64 { return products(v, v, k) }

func products(a, b []float32, k int) []float64 {
	out := make([]float64, k)
	for i := 0; i < len(a); i += k {
		for o := range out {
			out[o] += float64(a[i+o]) * float64(b[i+o])
		}
	}
	return out
}

// ratios divides; nothing by nothing is 0.
func ratios(a, b []float64) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		if b[i] > 0 {
			out[i] = float32(a[i] / b[i])
		}
	}
	return out
}

func solved(size, first []float64) bool {
	for o := range size {
		if size[o] > textTolerance*first[o] {
			return false
		}
	}
	return true
}
