package data

import (
	"cmp"
	"crypto/sha256"
	"math"
	"sync"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// textModel is what a column's words say, learned from these rows; one that was learned before is taken again.
func (d *Dataset) textModel(column int, rows []int32, s Transforms) *TextModel {
	key := textKey{column, s.TextTerms, s.TextPieces, s.TextL2, sha256.Sum256(npy.Bytes(rows))}
	d.texts.Lock()
	defer d.texts.Unlock()
	if m, ok := d.texts.models[key]; ok {
		return m
	}
	m := d.learnText(column, rows, s)
	d.texts.models[key] = m
	return m
}

// readers are the models of texts that were learned so far.
type readers struct {
	sync.Mutex
	models map[textKey]*TextModel
	flops  int64 // that they took
}

// TextFLOPs is what learning from texts has taken so far.
func (d *Dataset) TextFLOPs() int64 {
	if d.texts == nil {
		return 0
	}
	d.texts.Lock()
	defer d.texts.Unlock()
	return d.texts.flops
}

// textKey is all that a text's model depends on.
type textKey struct {
	column, terms, pieces int
	l2                    float64
	rows                  [sha256.Size]byte
}

// learnText learns terms and weights, and gives each of the rows scores of its own.
func (d *Dataset) learnText(column int, rows []int32, s Transforms) *TextModel {
	t := d.raw.texts[column]
	learners, y := t.learners(rows, textBytes), d.textTarget(rows)
	m := newTextModel(t, learners, s, textWeights/y.outputs)
	learners = m.learners(t, learners, y.outputs, textMost)
	r := regression{terms: m.terms(), target: y, l2: s.TextL2, rows: learners, folds: d.textFolds(column, learners), margin: y.outputs > textMargin}
	for _, row := range learners {
		r.documents = append(r.documents, m.document(t.row(int(row))))
	}
	models := d.foldModels(m, &r)
	m.own = d.ownScores(column, rows, models)
	m.average(models)
	return m
}

// foldModels are models of these terms, each from a regression that one fold is kept from.
func (d *Dataset) foldModels(m *TextModel, r *regression) []*TextModel {
	models, flops := make([]*TextModel, textFolds), make([]int64, textFolds)
	_ = inBlocks(len(models), 1, func(fold, _ int) error {
		models[fold] = &TextModel{vocabulary: m.vocabulary, Pieces: m.Pieces}
		models[fold].Weights, models[fold].Bias, flops[fold] = r.solve(fold)
		return nil
	})
	for _, spent := range flops {
		d.texts.flops += spent
	}
	return models
}

// average makes a model of the folds' ones. A new row's scores are as spread as those of training rows then; a regression that learned from
// all rows would be surer than those were.
func (m *TextModel) average(models []*TextModel) {
	m.Weights, m.Bias = make(weights, len(models[0].Weights)), make(weights, len(models[0].Bias))
	for _, one := range models {
		axpy(1/float32(len(models)), one.Weights, m.Weights)
		axpy(1/float32(len(models)), one.Bias, m.Bias)
	}
}

// newTextModel chooses the terms, as many as the settings and the most that there may be allow; where that is less, half are pieces.
func newTextModel(t *texts, rows []int32, s Transforms, most int) *TextModel {
	if s.TextPieces == 0 {
		return &TextModel{vocabulary: newVocabulary(t, rows, eachTerm, min(s.TextTerms, most))}
	}
	return &TextModel{
		vocabulary: newVocabulary(t, rows, eachTerm, min(s.TextTerms, most/2)),
		Pieces:     newVocabulary(t, rows, eachPiece, min(s.TextPieces, most/2)),
	}
}

// learners are the rows that a regression learns from: a random part of as many as have no more bytes together than that.
func (t *texts) learners(rows []int32, most int) []int32 {
	some, size := sample(rows, textRows, 0), 0
	for _, row := range some {
		size += len(t.row(int(row)))
	}
	return fewer(some, size, most)
}

// learners are as many of the rows as have no more known terms and outputs together than that, judged by some.
func (m *TextModel) learners(t *texts, rows []int32, outputs, most int) []int32 {
	some, size := sample(rows, 500, 0), 0
	for _, row := range some {
		size += len(m.document(t.row(int(row))).terms) + outputs
	}
	return fewer(rows, size*len(rows)/max(1, len(some)), most)
}

// fewer is a random part of rows of this size together, where that is too much.
func fewer(rows []int32, size, most int) []int32 {
	if size <= most {
		return rows
	}
	return sample(rows, max(1, len(rows)*most/size), 0)
}

// ownScores are those of the rows, from the model that did not learn from their fold.
func (d *Dataset) ownScores(column int, rows []int32, models []*TextModel) []float32 {
	t, k, folds := d.raw.texts[column], models[0].outputs(), d.textFolds(column, rows)
	own := make([]float32, d.Rows*k)
	for i := range own {
		own[i] = float32(math.NaN())
	}
	_ = inBlocks(len(rows), 1024, func(from, to int) error {
		for j, row := range rows[from:to] {
			m := models[folds[from+j]]
			m.score(m.document(t.row(int(row))), own[int(row)*k:][:k])
		}
		return nil
	})
	return own
}

// textFolds are the rows' folds. Equal texts are in the same one, and so are the rows of a group.
func (d *Dataset) textFolds(column int, rows []int32) []uint8 {
	keys := d.raw.codes(column)
	if group := d.column(d.Spec.Group); d.Spec.Group != "" && group >= 0 {
		keys = d.raw.codes(group)
	}
	r, folds := newRandom(0, streamFold, 1), make([]uint8, len(rows))
	for i, row := range rows {
		folds[i] = uint8(r.below(uint64(uint32(keys[row])), textFolds))
	}
	return folds
}

// textTarget is what scores are learned from.
type textTarget struct {
	outputs int
	labels  []int32   // by row of the data set; nil for values
	values  []float32 // by row of the data set
	mean    float64   // of the values of the training rows
	scale   float64   // one over their spread
}

func (d *Dataset) textTarget(rows []int32) textTarget {
	if d.Task == model.Classification {
		y := textTarget{labels: d.Labels(), outputs: len(d.Classes)}
		if y.outputs == 2 {
			y.outputs = 1
		}
		return y
	}
	values := d.raw.numbers(len(d.Columns))
	picked := make([]float64, len(rows))
	for i, row := range rows {
		picked[i] = float64(values[row])
	}
	mean, sd := moments(picked)
	return textTarget{values: values, outputs: 1, mean: mean, scale: 1 / cmp.Or(sd, 1)}
}

// at is a row's target for an output: 1 for the class and -1 for others, or the value in spreads from the mean.
func (y *textTarget) at(row int32, output int) float32 {
	switch {
	case y.labels == nil:
		return float32((float64(y.values[row]) - y.mean) * y.scale)
	case y.outputs == 1 && y.labels[row] == 1, y.outputs > 1 && y.labels[row] == int32(output):
		return 1
	}
	return -1
}
