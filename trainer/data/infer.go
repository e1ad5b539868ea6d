package data

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// Types are inferred so:
//
//   - numeric: nine in ten of the first cells are numbers, and at most one cell in a hundred of the whole column is not, or one in
//     twenty if those are remarks such as "absent", or any number of those if they are the same few (see withoutPhrases). Prices, percentages,
//     measurements with a unit, bounds such as "<0.5" and numbers in groups of three digits are numbers too (see package number).
//     Integers stay numbers however few different ones there are: counts, grades and years keep their order that way, and a small
//     network loses little on codes that are no quantities; a job can say otherwise. Digits with a leading zero
//     ("02139") are codes, thus categorical.
//   - date: one of the known layouts reads nineteen in twenty cells.
//   - boolean: two levels such as true/false, yes/no, t/f, y/n.
//   - text: many different texts of several words, lists of a few things, or names that share words.
//   - ID: other texts of which more than half differ, or integers that number the rows. They name rows and say nothing of new ones.
//   - categorical: all other texts.
const (
	idShare     = 0.5 // more different texts than this share of the rows: an ID
	idRows      = 20  // fewer rows tell nothing
	textWords   = 3   // mean spaces of a free text
	textLevels  = 50
	textShare   = 0.1
	indexRows   = 30
	indexSpread = 2 // an index's range is at most so many times its rows
)

var booleans = map[string]string{"false": "true", "no": "yes", "f": "t", "n": "y", "off": "on"}

// boolean reports two levels that mean no and yes.
func boolean(levels []string) bool {
	if len(levels) != 2 {
		return false
	}
	a, b := strings.ToLower(levels[0]), strings.ToLower(levels[1])
	return booleans[a] == b || booleans[b] == a
}

// textType infers what a column of texts is.
func (b *builder) textType(levels []string, present, distinct int) Type {
	wordy := b.listed || float64(b.spaces) >= textWords*float64(b.fresh)
	many := distinct > textLevels && float64(distinct) > textShare*float64(present)
	unlike := b.full || present >= idRows && float64(distinct) > idShare*float64(present)
	switch {
	case boolean(levels):
		return Boolean
	case wordy && many, unlike && b.wordy:
		return Text
	case unlike:
		return ID
	}
	return Categorical
}

// wordy reports whether cells read like sentences.
func wordy(cells []string) bool {
	spaces := 0
	for _, cell := range cells {
		spaces += strings.Count(cell, " ")
	}
	return spaces >= textWords*len(cells)
}

// How often the things in a column of lists occur on average, at least, and of how many of its cells are lists.
const (
	listRepeats = 5
	listShare   = 0.3
)

// lists reports whether cells list some of a few things, such as the answers that somebody ticked: "Excel;Word;SAP".
func lists(cells []string) bool {
	for _, between := range []string{";", "|", ","} {
		things, count, several := map[string]bool{}, 0, 0
		for _, cell := range cells {
			listed := strings.Split(cell, between)
			for _, thing := range listed {
				things[source.Trim(thing)] = true
			}
			count += len(listed)
			if len(listed) > 1 {
				several++
			}
		}
		if float64(several) >= listShare*float64(len(cells)) && count >= listRepeats*len(things) {
			return true
		}
	}
	return false
}

// middle is what a numeric column is centred on: the mean, rounded for integers so that small ones stay exact.
func (b *builder) middle() float64 {
	n := b.present - b.odd
	if n == 0 {
		return 0
	}
	mean := b.sum / float64(n)
	if !b.fraction {
		return math.Round(mean)
	}
	return mean
}

func centred(bits uint64, center float64) float32 {
	if bits == gap {
		return float32(math.NaN())
	}
	return float32(math.Float64frombits(bits) - center)
}

// idName are names of identifiers: a word of its own, at the end of camel case, or behind what is commonly numbered. Other words end
// like that too: paid, bid, grid.
var idName = regexp.MustCompile(`(?i)^(id|index|idx|key|uuid|guid|rownames?|row_?(id|num(ber)?)?|unnamed: 0|column_1)$|[_ .-](id|key|uuid)$|^(id|key)[_ .-]` +
	`|(?-i:[a-z]I[dD]$)|(user|customer|client|patient|person|member|account|order|item|product|object|record|case|sample|session)id$`)

// money reports numbers with a unit, which are quantities, whatever they look like.
func (b *builder) money() bool { return b.notation != nil && b.notation.Unit != "" }

// numbersRows reports whether integers only number the rows: all but a few different, and dense or named like an ID.
func (t *table) numbersRows(i int, b *builder) bool {
	c := t.columns[i]
	if b.money() || b.fraction || c.Missing > 0 || t.rows < indexRows || len(b.few.seen) <= fewLimit {
		return false
	}
	dense := b.high-b.low < indexSpread*float64(t.rows)
	if !dense && !idName.MatchString(c.Name) {
		return false
	}
	sorted := slices.Clone(t.numbers(i))
	sortFloats(sorted)
	return float64(len(slices.Compact(sorted))) >= 0.95*float64(t.rows)
}
