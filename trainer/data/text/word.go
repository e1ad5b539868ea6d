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
	var all []Word
	for word, rows := range countWords(c, random.Sample(rows, mostRows, 0)) {
		if rows >= least {
			all = append(all, Word{word, rows, m.lifts([]byte(word + " "))})
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

// countWords tells of each word of letters in how many rows it is.
func countWords(c *Column, rows []int32) map[string]int {
	type seen struct{ rows, last int } // last: one more than the last row
	found := map[string]*seen{}
	for _, row := range rows {
		for word := range bytes.FieldsSeq(c.Row(int(row))) {
			if !Spoken(word) {
				continue
			}
			s := found[string(word)]
			if s == nil {
				s = &seen{}
				found[string(word)] = s
			}
			if s.last != int(row)+1 {
				s.rows, s.last = s.rows+1, int(row)+1
			}
		}
	}
	counts := make(map[string]int, len(found))
	for word, s := range found {
		counts[word] = s.rows
	}
	return counts
}

// Spoken tells a word of letters alone, of two at least, from numbers, initials and marks.
func Spoken(word []byte) bool {
	return utf8.RuneCount(word) > 1 && !bytes.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
}
