package data

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"tuned/trainer/model"
)

// A text reaches the model as what its words, pairs of words and pieces of words say about the target: the scores of a ridge regression
// (Hoerl and Kennard 1970; of many classes, of a support vector machine) over their weights by term frequency and inverse document frequency
// (Salton and Buckley 1988), one for each class, or one for two classes or a value; and how many words there are. A training row's scores
// come from a regression that did not see it (Wolpert 1992), so that they are worth as much as a new row's.
const (
	textFolds   = 5
	textRows    = 50_000     // a regression learns from so many rows at most,
	textBytes   = 24_000_000 // from fewer where they are longer than this,
	textMost    = 12_000_000 // and where they hold more different terms together: some 96 MiB of documents
	textWeights = 2_000_000  // so many weights at most
	textLeast   = 2          // rows that a term occurs in, at least
	textMargin  = 10         // classes, with more of which the loss has a margin: what is surely not of a class would drown what is
)

// UsualTexts is how texts are read where no plan says so yet: as the built-in rules have it, so that it is learned once.
var UsualTexts = Transforms{TextTerms: 20_000, TextPieces: 20_000, TextL2: 1}

// TextModel turns a text into scores.
type TextModel struct {
	vocabulary            // words and pairs
	Pieces     vocabulary `json:"pieces,omitzero"` // of words
	Weights    weights    `json:"weights"`         // term × output: of words and pairs, then of pieces
	Bias       weights    `json:"bias"`            // of each output

	own []float32 // of training rows, by row of the data set × output: scores of a regression that did not see them; NaN for others
}

// check refuses numbers that do not belong together, and makes a model that was read ready.
func (m *TextModel) check() error {
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
func (m *TextModel) document(text []byte) document {
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

func (m *TextModel) outputs() int { return len(m.Bias) }

// score adds up a document's weights.
func (m *TextModel) score(d document, out []float32) {
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

// scores are those of all rows × output; of rows that were learned from, their own.
func (m *TextModel) scores(t *texts) []float32 {
	k := m.outputs()
	out := make([]float32, len(t.ends)*k)
	if m.own != nil {
		copy(out, m.own)
	}
	_ = inBlocks(len(t.ends), 1024, func(from, to int) error {
		for row := from; row < to; row++ {
			if at := out[row*k : (row+1)*k]; m.own == nil || at[0] != at[0] {
				m.score(m.document(t.row(row)), at)
			}
		}
		return nil
	})
	return out
}

// text learns a column of texts.
func (f *fitter) text(i int, c Column) (Feature, string, error) {
	m := f.data.textModel(i, f.rows, f.transforms)
	if m.terms() == 0 {
		return Feature{}, "has no words that occur in several training rows", nil
	}
	out := Feature{Name: c.Name, Type: Text, Encoding: Scores, Text: m, Indicator: f.gap(i)}
	t, k := f.data.raw.texts[i], m.outputs()
	values := make([]float64, len(f.rows))
	for o := range k {
		for j, row := range f.rows {
			values[j] = float64(m.own[int(row)*k+o])
		}
		if err := f.part(&out, f.scoreName(o), values); err != nil {
			return out, "", err
		}
	}
	for j, row := range f.rows {
		values[j] = length(t.row(int(row)))
	}
	return out, "", f.part(&out, lengthPart, values)
}

// lengthPart is the part of a text that says how long it is.
const lengthPart = "words"

// length is the logarithm of how many words a plain text has.
func length(text []byte) float64 { return math.Log1p(float64(bytes.Count(text, []byte(" ")))) }

// scoreName is what an output is called.
func (f *fitter) scoreName(output int) string {
	switch {
	case f.data.Task == model.Regression:
		return "score"
	case len(f.data.Classes) == 2:
		return f.data.Classes[1]
	}
	return f.data.Classes[output]
}

// part learns the scale of a part from the training rows' values.
func (f *fitter) part(out *Feature, name string, values []float64) error {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	scale, err := fitScale(f.transforms.Numeric, sorted, newRandom(2, streamJitter, uint64(len(out.Parts))))
	out.Parts = append(out.Parts, Part{name, scale})
	return err
}

// gap reports whether some training row has no text.
func (f *fitter) gap(i int) bool {
	codes := f.data.raw.codes(i)
	return slices.ContainsFunc(f.rows, func(row int32) bool { return codes[row] == 0 })
}

// terms is how many there are.
func (m *TextModel) terms() int { return len(m.Terms) + len(m.Pieces.Terms) }
