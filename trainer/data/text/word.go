package text

import (
	"bytes"
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"tuned/trainer/data/random"
)

// Word is one that texts hold.
type Word struct {
	Text  string
	Rows  int       // that it is in
	Lifts []float32 // by how much a text of this word alone has higher scores than one without words; by output
}

// Words are those of letters that are in some of these rows at least, the commonest first. Of very many rows, a random part is looked at.
func (m *Model) Words(c *Column, rows []int32, least int) []Word {
	rows = random.Sample(rows, mostRows, 0)
	counts, known := countRows(c, rows, eachSpoken), map[int32]bool{}
	var all []Word
	for _, row := range rows {
		for word := range bytes.FieldsSeq(c.Row(int(row))) {
			if h := int32(wordOf(word)); !known[h] && int(counts[h]) >= least {
				known[h] = true
				all = append(all, Word{string(word), int(counts[h]), m.lifts(append(bytes.Clone(word), ' '))})
			}
		}
	}
	slices.SortFunc(all, func(a, b Word) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Text, b.Text)) })
	return all
}

// lifts are what a plain text adds to the scores.
func (m *Model) lifts(text []byte) []float32 {
	lifts := make([]float32, m.Outputs())
	m.score(m.document(text), lifts)
	axpy(-1, m.Bias, lifts)
	return lifts
}

// eachSpoken hands f the hashes of a plain text's words of letters.
func eachSpoken(text []byte, f func(term int32)) {
	for word := range bytes.FieldsSeq(text) {
		if Spoken(word) {
			f(int32(wordOf(word)))
		}
	}
}

// Spoken tells a word of letters alone, of two at least, from numbers, initials and marks.
func Spoken(word []byte) bool {
	return utf8.RuneCount(word) > 1 && !bytes.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
}
