package text

import "tuned/trainer/data/random"

// regression learns every output's weights over documents by steps in one document's pull after another, round and round (Hsieh et al.
// 2008, A Dual Coordinate Descent Method for Large-scale Linear SVM, with squared losses). The weights are drawn to zero by l2, as if so many
// more documents had said nothing. With a margin, a document that is told by more than its target does not pull at all.
type regression struct {
	terms     int
	documents []document
	rows      []int32 // of the data set, one for each document
	folds     []uint8
	target    Target
	l2        float64
	margin    bool
}

// A solution is good enough once a round moves the pulls by less than a two-hundredth of what the first one did.
const (
	mostRounds = 100
	tolerance  = 2e-5 // of the squared moves
)

// solution is a regression on its way: the weights are what the pulls add up to.
type solution struct {
	*regression
	w, bias weights   // term × output, and of each output
	pulls   []float32 // document × output
	told    []float32 // what the weights say of a document
	flops   int64
}

// solve gives the weights, term × output, and the bias of each output, from all documents that are not in the fold, and what that took.
func (r *regression) solve(fold int) (w, bias weights, flops int64) {
	k := r.target.Outputs
	s := solution{
		regression: r, w: make(weights, r.terms*k), bias: make(weights, k),
		pulls: make([]float32, len(r.documents)*k), told: make([]float32, k),
	}
	order, first := r.outside(fold), 0.0
	for round := range mostRounds {
		random.New(0, random.Text, uint64(round)).Shuffle(order)
		moved := s.round(order)
		if round == 0 {
			first = moved
		}
		if moved <= tolerance*first {
			break
		}
	}
	return s.w, s.bias, s.flops
}

// outside are the documents that are not in the fold.
func (r *regression) outside(fold int) (documents []int32) {
	for i := range r.documents {
		if int(r.folds[i]) != fold {
			documents = append(documents, int32(i))
		}
	}
	return documents
}

// round steps in each document's pull once, and tells by how much, squared.
func (s *solution) round(order []int32) (moved float64) {
	look := 2 * int64(len(s.told))
	for _, i := range order {
		d := s.documents[i]
		s.tell(d)
		s.flops += look * int64(len(d.terms)+1)
		if by := s.step(int(i), d.size()+1); by > 0 {
			moved += by
			s.flops += look * int64(len(d.terms)+1)
			d.spread(s.told, s.w)
			axpy(1, s.told, s.bias)
		}
	}
	return moved
}

// tell adds up what the weights say of a document.
func (s *solution) tell(d document) {
	k := len(s.told)
	copy(s.told, s.bias)
	for j, term := range d.terms {
		axpy(d.weights[j], s.w[int(term)*k:], s.told)
	}
}

// step brings a document's pulls to where they are best, all others as they are, leaves their moves where what is told was, and adds up
// their squares. The size is that of the document and its bias.
func (s *solution) step(i int, size float32) (moved float64) {
	k, l2 := len(s.told), float32(s.l2)
	pulls := s.pulls[i*k:][:k]
	for o := range pulls {
		y, old := s.target.at(s.rows[i], o), pulls[o]
		pulls[o] += (y - s.told[o] - l2*old) / (size + l2)
		if s.margin && pulls[o]*y < 0 {
			pulls[o] = 0
		}
		by := pulls[o] - old
		s.told[o] = by
		moved += float64(by) * float64(by)
	}
	return moved
}

// size is the squared length of a document.
func (d document) size() (size float32) {
	for _, w := range d.weights {
		size += w * w
	}
	return size
}

// spread adds a document's outputs to those of its terms.
func (d document) spread(outputs, out []float32) {
	for j, term := range d.terms {
		at := int(term) * len(outputs)
		axpy(d.weights[j], outputs, out[at:at+len(outputs)])
	}
}
