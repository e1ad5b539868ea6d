package data

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync"

	"tuned/trainer/model"
	"tuned/trainer/npy"
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

// vocabulary is what terms there are, by their hashes.
type vocabulary struct {
	Terms  terms   `json:"terms"`  // ascending
	Rarity weights `json:"rarity"` // of each term: 1 + log((1 + texts) / (1 + texts with it))

	places map[int32]int32 // of each term
}

// terms and weights are binary numbers, in base64 where they are written as JSON.
type (
	terms   []int32
	weights []float32
)

// MarshalJSON writes little-endian numbers.
func (t terms) MarshalJSON() ([]byte, error) { return json.Marshal(npy.Bytes([]int32(t))) }

// MarshalJSON writes little-endian numbers.
func (w weights) MarshalJSON() ([]byte, error) { return json.Marshal(npy.Bytes([]float32(w))) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *terms) UnmarshalJSON(text []byte) error { return numbersOf(text, (*[]int32)(t)) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *weights) UnmarshalJSON(text []byte) error { return numbersOf(text, (*[]float32)(w)) }

func numbersOf[T npy.Element](text []byte, out *[]T) error {
	var numbers []byte
	if err := json.Unmarshal(text, &numbers); err != nil {
		return err
	}
	*out = make([]T, len(numbers)/4)
	if copy(npy.Bytes(*out), numbers) != len(numbers) {
		return fmt.Errorf("%w: %d bytes are no numbers of four", model.ErrCorrupt, len(numbers))
	}
	return nil
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

func (v *vocabulary) place() {
	v.places = make(map[int32]int32, len(v.Terms))
	for i, term := range v.Terms {
		v.places[term] = int32(i)
	}
}

// reader hands f the terms of a plain text: eachTerm or eachPiece.
type reader func(text []byte, f func(term int32))

// newVocabulary chooses the terms that occur in most rows.
func newVocabulary(t *texts, rows []int32, each reader, most int) (v vocabulary) {
	counts := countRows(t, rows, each)
	for term, n := range counts {
		if n >= textLeast {
			v.Terms = append(v.Terms, term)
		}
	}
	slices.SortFunc(v.Terms, func(a, b int32) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	v.Terms = v.Terms[:min(most, len(v.Terms))]
	slices.Sort(v.Terms)
	for _, term := range v.Terms {
		v.Rarity = append(v.Rarity, float32(1+math.Log(float64(1+len(rows))/float64(1+counts[term]))))
	}
	v.place()
	return v
}

// countRows tells of each term in how many rows it is.
func countRows(t *texts, rows []int32, each reader) map[int32]int32 {
	type seen struct{ rows, last int32 } // last: one more than the last row
	found := map[int32]seen{}
	for _, row := range rows {
		each(t.row(int(row)), func(term int32) {
			if s := found[term]; s.last != row+1 {
				found[term] = seen{s.rows + 1, row + 1}
			}
		})
	}
	counts := make(map[int32]int32, len(found))
	for term, s := range found {
		counts[term] = s.rows
	}
	return counts
}

// document is a text as weighted terms, by their places in the model: a vector of length 1.
type document struct {
	terms   []int32
	weights []float32
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

// weigh gives each known term (1 + log count) × rarity, and brings all to length 1.
func (v *vocabulary) weigh(text []byte, each reader) (d document) {
	each(text, func(term int32) {
		if at, known := v.places[term]; known {
			d.terms = append(d.terms, at)
		}
	})
	slices.Sort(d.terms)
	kept, squares := d.terms[:0], 0.0
	for i := 0; i < len(d.terms); {
		next := i
		for next < len(d.terms) && d.terms[next] == d.terms[i] {
			next++
		}
		w := (1 + math.Log(float64(next-i))) * float64(v.Rarity[d.terms[i]])
		squares += w * w
		kept, d.weights = append(kept, d.terms[i]), append(d.weights, float32(w))
		i = next
	}
	d.terms = kept
	for i := range d.weights {
		d.weights[i] /= float32(math.Sqrt(squares))
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
	models, flops := make([]*TextModel, textFolds), make([]int64, textFolds)
	_ = inBlocks(len(models), 1, func(fold, _ int) error {
		w, b, spent := r.solve(fold)
		flops[fold] = spent
		models[fold] = &TextModel{vocabulary: m.vocabulary, Pieces: m.Pieces, Weights: w, Bias: b}
		return nil
	})
	for _, spent := range flops {
		d.texts.flops += spent
	}
	m.own = d.ownScores(column, rows, models)
	m.average(models)
	return m
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

// terms is how many there are.
func (m *TextModel) terms() int { return len(m.Terms) + len(m.Pieces.Terms) }

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
