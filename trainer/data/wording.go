package data

import (
	"cmp"
	"slices"

	"tuned/trainer/data/text"
	"tuned/trainer/model"
)

// Wording is what the words of a column of texts say.
type Wording struct {
	Column string    `json:"column"`
	Rows   int       `json:"rows"` // that each of the words is in, at least
	For    []Speaker `json:"for"`
}

// Speaker are words that speak for an answer.
type Speaker struct {
	Answer string   `json:"answer"` // a class; of values More or Less
	Words  []string `json:"words"`  // in lower case, those that say most first
}

// What words say of a value.
const (
	More = "more"
	Less = "less"
)

const (
	spokenClasses = 10    // the commonest ones, of more
	spokenWords   = 8     // for each
	spokenRows    = 3     // that a word is in, at least,
	spokenShare   = 0.002 // and of the training rows
)

// Wordings say of each text that is read which words say most for which answer, each by itself, as what was learned of texts has it.
func (d *Dataset) Wordings(p *Preprocess) []Wording {
	var all []Wording
	for _, f := range p.Features {
		if f.Encoding != Scores {
			continue
		}
		w := Wording{Column: f.Name, Rows: max(spokenRows, int(spokenShare*float64(len(d.Train))))}
		words := f.Text.Words(&d.raw.texts[d.column(f.Name)].Column, d.Train, w.Rows)
		for _, answer := range d.answers() {
			if spoken := answer.spoken(words); len(spoken) > 0 {
				w.For = append(w.For, Speaker{answer.name, spoken})
			}
		}
		if len(w.For) > 0 {
			all = append(all, w)
		}
	}
	return all
}

// answer is one that words can speak for: where an output is high, or low.
type answer struct {
	name   string
	output int
	sign   float32
}

// answers are what the words of texts can speak for, the commonest class first.
func (d *Dataset) answers() (all []answer) {
	switch {
	case d.Task == model.Regression:
		return []answer{{More, 0, 1}, {Less, 0, -1}}
	case len(d.Classes) == 2:
		return []answer{{d.Classes[0], 0, -1}, {d.Classes[1], 0, 1}}
	}
	rows, labels := make([]int, len(d.Classes)), d.Labels()
	for _, row := range d.Train {
		rows[labels[row]]++
	}
	for i, name := range d.Classes {
		all = append(all, answer{name, i, 1})
	}
	slices.SortStableFunc(all, func(a, b answer) int { return cmp.Compare(rows[b.output], rows[a.output]) })
	return all[:min(spokenClasses, len(all))]
}

// spoken are the words that say most for an answer.
func (a answer) spoken(words []text.Word) (spoken []string) {
	lift := func(w text.Word) float32 { return a.sign * w.Lifts[a.output] }
	words = slices.DeleteFunc(slices.Clone(words), func(w text.Word) bool { return lift(w) <= 0 })
	slices.SortStableFunc(words, func(a, b text.Word) int { return cmp.Compare(lift(b), lift(a)) })
	for _, w := range words[:min(spokenWords, len(words))] {
		spoken = append(spoken, w.Text)
	}
	return spoken
}
