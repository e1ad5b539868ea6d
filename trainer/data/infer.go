package data

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"tuned/trainer/data/source"
)

// Types are inferred so:
//
//   - numeric: nine in ten of the first cells are numbers, and at most one cell in a hundred of the whole column is not, or one in
//     twenty if those are remarks such as "absent" or "<0.5". Prices,
//     percentages, measurements with a unit and numbers in groups of three digits are numbers too (see Notation).
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

// coding chooses a text column's levels and type, and returns the code of each spooled cell.
func (w *columnWriter) coding() (func(bits uint64) int32, error) {
	b, c := w.builder, w.column
	if b.closed {
		c.Type, c.Levels = b.given, b.levels
		return plainCode, nil
	}
	counts, beyond, err := w.tally()
	if err != nil {
		return nil, err
	}
	levels, recode := levelsOf(b.levels, counts)
	present := beyond
	for _, n := range counts[1:] {
		present += n
	}
	if c.Type = b.given; c.Type == "" {
		c.Type = b.textType(levels, present, len(levels)+beyond)
	}
	if c.Type == ID || c.Type == Text {
		return hashCode(b.levels, recode), nil
	}
	c.Levels = levels
	return func(bits uint64) int32 {
		if bits == gap || bits >= hashed {
			return 0
		}
		return recode[bits]
	}, nil
}

func plainCode(bits uint64) int32 {
	if bits == gap {
		return 0
	}
	return int32(bits)
}

// hashCode codes an ID or a text by its hash.
func hashCode(levels []string, recode []int32) func(bits uint64) int32 {
	return func(bits uint64) int32 {
		switch {
		case bits == gap:
			return 0
		case bits >= hashed:
			return int32(bits &^ hashed)
		case recode[bits] == 0:
			return 0
		}
		return int32(textHash(levels[bits-1]))
	}
}

// tally counts the kept cells of each code (0: missing), and those beyond the dictionary.
func (w *columnWriter) tally() (counts []int, beyond int, err error) {
	counts = make([]int, len(w.builder.levels)+1)
	err = w.each(func(cells []uint64) error {
		for _, bits := range cells {
			switch {
			case bits == gap:
				counts[0]++
			case bits >= hashed:
				beyond++
			default:
				counts[bits]++
			}
		}
		return nil
	})
	return counts, beyond, err
}

// levelsOf returns the levels that occur, in order (numbers by size), and each old code's new one. "-" is a level only
// beside "+"; otherwise it is a mark of missing values.
func levelsOf(all []string, counts []int) (levels []string, recode []int32) {
	order := make([]int, 0, len(all))
	for i, level := range all {
		if counts[i+1] > 0 && (level != "-" || slices.Contains(all, "+")) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return compareLevels(all[a], all[b]) })
	recode = make([]int32, len(all)+1)
	for to, from := range order {
		levels = append(levels, all[from])
		recode[from+1] = int32(to) + 1
	}
	return levels, recode
}

func compareLevels(a, b string) int {
	x, _, xok := source.Number(a)
	y, _, yok := source.Number(b)
	switch {
	case xok && yok && x != y:
		return cmp.Compare(x, y)
	case xok != yok && xok:
		return -1
	case xok != yok:
		return 1
	}
	return cmp.Compare(a, b)
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
