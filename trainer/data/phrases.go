package data

import (
	"fmt"
	"slices"
	"strings"

	"tuned/trainer/data/number"
)

// Phrases are texts that stand where a column has no number, or no date: "Varies with device" among sizes, "Never" among days. There are one to
// three of them, without a digit, in more of the first cells than slips would be, and many different cells besides.
const (
	mostPhrases = 3
	phraseShare = 0.02
)

// withoutPhrases parts cells from the phrases among them; it gives all cells, and none, where these may be categories.
func withoutPhrases(cells []string) (others, phrases []string) {
	for _, cell := range cells {
		switch {
		case strings.ContainsAny(cell, "0123456789"):
			others = append(others, cell)
		case slices.Contains(phrases, cell):
		case len(phrases) == mostPhrases:
			return cells, nil
		default:
			phrases = append(phrases, cell)
		}
	}
	said := len(cells) - len(others)
	if said < 2 || float64(said) < phraseShare*float64(len(cells)) || !number.ManyDifferent(others) {
		return cells, nil
	}
	for i, phrase := range phrases {
		phrases[i] = strings.Clone(phrase) // the chunk is used again
	}
	return others, phrases
}

// isPhrase tells whether a cell says that there is no value, and counts it.
func (b *builder) isPhrase(cell string, line int64) bool {
	if len(b.phrases) == 0 || !slices.Contains(b.phrases, cell) {
		return false
	}
	b.check(cell, line)
	b.said++
	return true
}

// phraseNote tells of cells that say so.
func (b *builder) phraseNote() string {
	if b.said == 0 {
		return ""
	}
	quoted := make([]string, len(b.phrases))
	for i, phrase := range b.phrases {
		quoted[i] = fmt.Sprintf("%q", phrase[:min(len(phrase), 40)])
	}
	return fmt.Sprintf("%d of %d cells say %s and count as missing", b.said, b.present+b.said, strings.Join(quoted, " or "))
}
