// Package text learns what the words of texts say about a target.
//
// A text reaches the model as what its words, pairs of words and pieces of words say about the target: the scores of a ridge regression
// (Hoerl and Kennard 1970; of many classes, of a support vector machine) over their weights by term frequency and inverse document frequency
// (Salton and Buckley 1988), one for each class, or one for two classes or a value. A training row's scores come from a regression that did
// not see it (Wolpert 1992), so that they are worth as much as a new row's.
package text

import (
	"math"

	"tuned/trainer/data/parallel"
	"tuned/trainer/data/random"
)

const (
	foldCount     = 5
	mostRows      = 50_000     // a regression learns from so many rows at most,
	mostBytes     = 24_000_000 // from fewer where they are longer than this,
	mostTerms     = 12_000_000 // and where they hold more different terms together: some 96 MiB of documents
	mostWeights   = 2_000_000  // so many weights at most
	leastRows     = 2          // rows that a term occurs in, at least
	marginClasses = 10         // classes, with more of which the loss has a margin: what is surely not of a class would drown what is
	triedRows     = 5_000      // have to say something before more than
	triedOf       = 4          // times as many are learned from: what explains less than a five-hundredth of a target is not worth seconds
)

// Settings are how a text is read.
type Settings struct {
	Terms  int     // words and pairs of words, at most
	Pieces int     // of words, at most
	L2     float64 // the penalty of the regression
	Whole  bool    // all rows are learned from, also where a few thousand of them say nothing
}

// Learn chooses the terms in these rows' texts and learns what they say of the target, and gives each of the rows scores of its own. Rows of
// equal keys are learned from together or not at all; keys are by row of the column. It also tells what learning took.
//
// Of many rows a part is tried first. Where that says nothing, only its rows have scores of their own.
func Learn(c *Column, rows, keys []int32, y Target, s Settings) (m *Model, flops int64) {
	if s.Whole || len(rows) <= triedOf*triedRows {
		return learn(c, rows, keys, y, s)
	}
	m, tried := learn(c, random.Sample(rows, triedRows, 0), keys, y, s)
	if !m.Says() {
		return m, tried
	}
	m, flops = learn(c, rows, keys, y, s)
	return m, tried + flops
}

func learn(c *Column, rows, keys []int32, y Target, s Settings) (m *Model, flops int64) {
	learners := c.learners(rows, mostBytes)
	m = newModel(c, learners, s, mostWeights/y.Outputs)
	learners = m.learners(c, learners, y.Outputs, mostTerms)
	r := regression{terms: m.Size(), target: y, l2: s.L2, rows: learners, folds: foldsOf(learners, keys), margin: y.Outputs > marginClasses}
	for _, row := range learners {
		r.documents = append(r.documents, m.document(c.Row(int(row))))
	}
	models, flops := m.foldModels(&r)
	m.own = ownScores(c, rows, keys, models)
	m.average(models)
	m.says = m.saying(rows, keys, y)
	return m, flops
}

// foldModels are models of these terms, each from a regression that one fold is kept from, and what they took.
func (m *Model) foldModels(r *regression) (models []*Model, flops int64) {
	models, spent := make([]*Model, foldCount), make([]int64, foldCount)
	_ = parallel.Blocks(len(models), 1, func(fold, _ int) error {
		models[fold] = &Model{vocabulary: m.vocabulary, Pieces: m.Pieces}
		models[fold].Weights, models[fold].Bias, spent[fold] = r.solve(fold)
		return nil
	})
	for _, n := range spent {
		flops += n
	}
	return models, flops
}

// average makes a model of the folds' ones. A new row's scores are as spread as those of training rows then; a regression that learned from
// all rows would be surer than those were.
func (m *Model) average(models []*Model) {
	m.Weights, m.Bias = make(weights, len(models[0].Weights)), make(weights, len(models[0].Bias))
	for _, one := range models {
		axpy(1/float32(len(models)), one.Weights, m.Weights)
		axpy(1/float32(len(models)), one.Bias, m.Bias)
	}
}

// newTextModel chooses the terms, as many as the settings and the most that there may be allow; where that is less, half are pieces.
func newModel(t *Column, rows []int32, s Settings, most int) *Model {
	if s.Pieces == 0 {
		return &Model{vocabulary: newVocabulary(t, rows, eachTerm, min(s.Terms, most))}
	}
	return &Model{
		vocabulary: newVocabulary(t, rows, eachTerm, min(s.Terms, most/2)),
		Pieces:     newVocabulary(t, rows, eachPiece, min(s.Pieces, most/2)),
	}
}

// learners are the rows that a regression learns from: a random part of as many as have no more bytes together than that.
func (t *Column) learners(rows []int32, most int) []int32 {
	some, size := random.Sample(rows, mostRows, 0), 0
	for _, row := range some {
		size += len(t.Row(int(row)))
	}
	return fewer(some, size, most)
}

// learners are as many of the rows as have no more known terms and outputs together than that, judged by some.
func (m *Model) learners(t *Column, rows []int32, outputs, most int) []int32 {
	some, size := random.Sample(rows, 500, 0), 0
	for _, row := range some {
		size += len(m.document(t.Row(int(row))).terms) + outputs
	}
	return fewer(rows, size*len(rows)/max(1, len(some)), most)
}

// fewer is a random part of rows of this size together, where that is too much.
func fewer(rows []int32, size, most int) []int32 {
	if size <= most {
		return rows
	}
	return random.Sample(rows, max(1, len(rows)*most/size), 0)
}

// ownScores are those of the rows, from the model that did not learn from their fold.
func ownScores(c *Column, rows, keys []int32, models []*Model) []float32 {
	k, folds := models[0].Outputs(), foldsOf(rows, keys)
	own := make([]float32, len(c.Ends)*k)
	for i := range own {
		own[i] = float32(math.NaN())
	}
	_ = parallel.Blocks(len(rows), 1024, func(from, to int) error {
		for j, row := range rows[from:to] {
			m := models[folds[from+j]]
			m.score(m.document(c.Row(int(row))), own[int(row)*k:][:k])
		}
		return nil
	})
	return own
}

// foldsOf are the rows' folds; those of equal keys are in the same one.
func foldsOf(rows, keys []int32) []uint8 {
	r, folds := random.New(0, random.Fold, 1), make([]uint8, len(rows))
	for i, row := range rows {
		folds[i] = uint8(r.Below(uint64(uint32(keys[row])), foldCount))
	}
	return folds
}

// Target is what scores are learned from.
type Target struct {
	Outputs int
	Labels  []int32   // by row of the column; nil for values
	Values  []float32 // by row of the column
	Mean    float64   // of the values of the training rows
	Scale   float64   // one over their spread
}

// at is a row's target for an output: 1 for the class and -1 for others, or the value in spreads from the mean.
func (y *Target) at(row int32, output int) float32 {
	switch {
	case y.Labels == nil:
		return float32((float64(y.Values[row]) - y.Mean) * y.Scale)
	case y.Outputs == 1 && y.Labels[row] == 1, y.Outputs > 1 && y.Labels[row] == int32(output):
		return 1
	}
	return -1
}
