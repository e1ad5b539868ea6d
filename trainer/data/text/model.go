package text

import (
	"fmt"
	"math"

	"tuned/trainer/data/parallel"
	"tuned/trainer/model"
)

// Model turns a text into scores.
type Model struct {
	vocabulary            // words and pairs
	Pieces     vocabulary `json:"pieces,omitzero"` // of words
	Weights    weights    `json:"weights"`         // term × output: of words and pairs, then of pieces
	Bias       weights    `json:"bias"`            // of each output

	own  []float32 // of training rows, by row of the data set × output: scores of a regression that did not see them; NaN for others
	says bool      // see Says
}

// Check refuses numbers that do not belong together, and makes a model that was read ready.
func (m *Model) Check() error {
	n := len(m.Terms) + len(m.Pieces.Terms)
	if len(m.Rarity) != len(m.Terms) || len(m.Pieces.Rarity) != len(m.Pieces.Terms) || len(m.Weights) != n*len(m.Bias) {
		return fmt.Errorf("%w: a text's model has %d terms, %d rarities, %d weights and %d outputs",
			model.ErrCorrupt, n, len(m.Rarity)+len(m.Pieces.Rarity), len(m.Weights), len(m.Bias))
	}
	m.place()
	m.Pieces.place()
	return nil
}

// document weighs the known terms of a text. Its words and its pieces count the same, if there are pieces at all.
func (m *Model) document(text []byte) document {
	d := m.weigh(text, eachTerm)
	if len(m.Pieces.Terms) == 0 {
		return d
	}
	pieces, first := m.Pieces.weigh(text, eachPiece), int32(len(m.Terms))
	for i := range pieces.terms {
		pieces.terms[i] += first
	}
	d = document{append(d.terms, pieces.terms...), append(d.weights, pieces.weights...)}
	for i := range d.weights {
		d.weights[i] *= math.Sqrt2 / 2
	}
	return d
}

// Outputs is how many scores a text has.
func (m *Model) Outputs() int { return len(m.Bias) }

// score adds up a document's weights.
func (m *Model) score(d document, out []float32) {
	copy(out, m.Bias)
	for i, term := range d.terms {
		axpy(d.weights[i], m.Weights[int(term)*len(out):], out)
	}
}

// axpy adds a multiple of x to y, as many as y has.
func axpy(a float32, x, y []float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}

// Scores are those of all rows × output; of rows that were learned from, their own.
func (m *Model) Scores(t *Column) []float32 {
	k := m.Outputs()
	out := make([]float32, len(t.Ends)*k)
	if m.own != nil {
		copy(out, m.own)
	}
	_ = parallel.Blocks(len(t.Ends), 1024, func(from, to int) error {
		for row := from; row < to; row++ {
			if at := out[row*k : (row+1)*k]; m.own == nil || at[0] != at[0] {
				m.score(m.document(t.Row(row)), at)
			}
		}
		return nil
	})
	return out
}

// Own is what the models that did not learn from a row say of it, where the row was learned from.
func (m *Model) Own(row int32, output int) float32 {
	return m.own[int(row)*m.Outputs()+output]
}

// Size is how many terms there are.
func (m *Model) Size() int { return len(m.Terms) + len(m.Pieces.Terms) }
