package data

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"math"
	"slices"
	"sync"

	"tuned/trainer/data/random"
	"tuned/trainer/data/text"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// UsualTexts is how texts are read where no plan says so yet: as the built-in rules have it, so that it is learned once.
var UsualTexts = Transforms{TextTerms: 20_000, TextPieces: 20_000, TextL2: 1}

// texts is how texts are read.
func (s Transforms) texts() text.Settings {
	return text.Settings{Terms: s.TextTerms, Pieces: s.TextPieces, L2: s.TextL2}
}

// textModel is what a column's words say, learned from these rows; one that was learned before is taken again.
func (d *Dataset) textModel(column int, rows []int32, s text.Settings) *text.Model {
	key := textKey{column, s, sha256.Sum256(npy.Bytes(rows))}
	d.texts.Lock()
	defer d.texts.Unlock()
	if m, ok := d.texts.models[key]; ok {
		return m
	}
	m, flops := text.Learn(&d.raw.texts[column].Column, rows, d.textKeys(column), d.textTarget(rows), s)
	d.texts.models[key] = m
	d.texts.flops += flops
	return m
}

// readers are the models of texts that were learned so far.
type readers struct {
	sync.Mutex
	models map[textKey]*text.Model
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
	column   int
	settings text.Settings
	rows     [sha256.Size]byte
}

// textKeys are equal for rows that a regression over a column's texts learns from together: those of equal texts, or of one group.
func (d *Dataset) textKeys(column int) []int32 {
	if d.Spec.Group != "" {
		column = d.column(d.Spec.Group)
	}
	return d.raw.codes(column)
}

func (d *Dataset) textTarget(rows []int32) text.Target {
	if d.Task == model.Classification {
		y := text.Target{Labels: d.Labels(), Outputs: len(d.Classes)}
		if y.Outputs == 2 {
			y.Outputs = 1
		}
		return y
	}
	values := d.raw.numbers(len(d.Columns))
	mean, sd := Moments(wide(values, rows))
	return text.Target{Values: values, Outputs: 1, Mean: mean, Scale: 1 / cmp.Or(sd, 1)}
}

// text learns a column of texts.
func (f *fitter) text(i int, c Column) (Feature, string, error) {
	s := f.transforms.texts()
	s.Whole = f.silent
	m := f.data.textModel(i, f.rows, s)
	if m.Size() == 0 {
		return Feature{}, "has no words that occur in several training rows", nil
	}
	if !m.Says() && !f.silent {
		c.Note = silence
		return f.presence(i, c)
	}
	out := Feature{Name: c.Name, Type: Text, Encoding: Scores, Text: m, Indicator: f.gap(i)}
	t, k := f.data.raw.texts[i], m.Outputs()
	values := make([]float64, len(f.rows))
	for o := range k {
		for j, row := range f.rows {
			values[j] = float64(m.Own(row, o))
		}
		if err := f.part(&out, f.scoreName(o), values); err != nil {
			return out, "", err
		}
	}
	for j, row := range f.rows {
		values[j] = length(t.Row(int(row)))
	}
	return out, "", f.part(&out, lengthPart, values)
}

// silence is why a text is no feature.
const silence = "says nothing about the target that would hold for rows that were not learned from"

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
	scale, err := fitScale(f.transforms.Numeric, sorted, random.New(2, random.Jitter, uint64(len(out.Parts))))
	out.Parts = append(out.Parts, Part{name, scale})
	return err
}

// gap reports whether some training row has no text.
func (f *fitter) gap(i int) bool {
	codes := f.data.raw.codes(i)
	return slices.ContainsFunc(f.rows, func(row int32) bool { return codes[row] == 0 })
}
