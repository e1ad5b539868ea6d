package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
	"tuned/words"
)

// mixture counts the kinds of a column's cells in a chunk.
type mixture struct {
	written              []string // those that are not missing
	spelled              []string // the same and numbers, in the order of their rows; only where asked for
	counted, dated, rows int
}

func (b *builder) mixOf(c *source.Chunk, spell bool) (m mixture) {
	j := b.index
	for i, k := range c.Kinds[j] {
		switch k {
		case source.TextCell:
			if cell := source.Trim(c.Text[j][i]); !source.Missing(cell) {
				m.written = append(m.written, cell)
			}
		case source.DateCell:
			m.dated++
		default:
			m.counted++
		}
		if spell && k != source.DateCell {
			m.spelled = append(m.spelled, c.Spell(j, i))
		}
	}
	m.rows = len(m.written) + m.counted + m.dated
	return m
}

// encodeTyped takes in cells that know what they are. A number is one whatever decimal mark or unit the column's texts have, and a date
// however they are written; texts are read as those of a CSV.
func (b *builder) encodeTyped(c *source.Chunk) {
	b.prepareTyped(c)
	for i := range c.Rows {
		b.cells = append(b.cells, b.typed(c, i))
	}
	if b.wordy {
		all := make([]string, c.Rows)
		for i := range all {
			all[i] = c.Spell(b.index, i)
		}
		b.read(all)
	}
}

// prepareTyped decides what the column stores, as far as that is open, and how its texts are to be read.
func (b *builder) prepareTyped(c *source.Chunk) {
	switch {
	case b.store == asNumber && b.present == b.stored && !b.told:
		b.findNotation(b.mixOf(c, false).written)
	case b.store == asDate && b.layout == "":
		b.findLayout(b.mixOf(c, false).written)
	case b.store != undecided:
	case b.wanted == Date:
		b.decideTypedDate(c)
	default:
		b.decideTyped(c)
	}
}

// decideTypedDate finds how a column that the job calls a date writes those that are not stored as dates.
func (b *builder) decideTypedDate(c *source.Chunk) {
	m := b.mixOf(c, true)
	if m.dated > 0 {
		b.store, b.fixed, b.given = asDate, true, Date
		b.findLayout(m.written)
	} else if m.rows > 0 {
		b.decideDate(m.spelled, c.Lines)
	}
}

// decideTyped is decide for cells that know what they are: nine in ten of one kind make it the column's, and where all others are dates
// that somebody wrote, fewer.
func (b *builder) decideTyped(c *source.Chunk) {
	m := b.mixOf(c, false)
	if m.counted+m.dated == 0 {
		b.decide(m.written)
		return
	}
	var phrases []string
	if len(m.written) > 0 {
		phrases = b.typedPhrases(c)
		m = m.without(phrases)
	}
	numbers := m.counted + b.findNotation(m.written)
	if b.notation != nil {
		numbers = m.counted + len(m.written)
	}
	if b.findLayout(m.written); b.layout != "" {
		m.dated += len(m.written)
	}
	switch {
	case numbers*10 >= m.rows*9:
		b.store, b.layout = asNumber, ""
	case m.dated*10 >= m.rows*9:
		b.store, b.notation = asDate, nil
	default:
		b.store, b.notation, b.layout = asText, nil, ""
		b.wordy = len(m.written) > 0 && (wordy(m.written) || sharing(m.written))
	}
	if b.store != asText {
		b.phrases = phrases
	}
}

// typedPhrases are the phrases among cells that know what they are.
func (b *builder) typedPhrases(c *source.Chunk) []string {
	all := make([]string, c.Rows)
	for i := range all {
		all[i] = c.Spell(b.index, i)
	}
	_, phrases := withoutPhrases(presentOf(all))
	return phrases
}

func (m mixture) without(phrases []string) mixture {
	if phrases != nil {
		m.rows -= len(m.written)
		m.written = slices.DeleteFunc(m.written, func(cell string) bool { return slices.Contains(phrases, cell) })
		m.rows += len(m.written)
	}
	return m
}

// typed takes in a cell.
func (b *builder) typed(c *source.Chunk, row int) uint64 {
	k, line := c.Kinds[b.index][row], c.Lines[row]
	cell := ""
	if k == source.TextCell {
		if cell = source.Trim(c.Text[b.index][row]); source.Missing(cell) && (cell != "-" || b.store != asText) || b.isPhrase(cell, line) {
			return gap
		}
	}
	b.present++
	if k == source.PiecesCell {
		return b.inPieces(line)
	}
	switch v := c.Numbers[b.index][row]; {
	case k == source.TextCell:
		return b.cell(cell, line)
	case b.store == asNumber && k != source.DateCell:
		return b.count(v, k, line)
	case b.store == asDate && k == source.DateCell:
		b.measure(v)
		return uint64(int64(v))
	}
	return b.cell(source.Trim(c.Spell(b.index, row)), line)
}

// inPieces refuses a cell that holds several values.
func (b *builder) inPieces(line int64) uint64 {
	if b.fault == nil {
		b.fault = &cellFault{
			line, b.index, fmt.Sprintf("give each value a key of its own, such as %q, or leave the column out: --ignore %s", b.field.Name+"_1", words.Argument(b.field.Name)),
			errors.New("the value is a list or an object"),
		}
	}
	return gap
}

// count takes in a number. Where the column's texts are percentages ("12.5 %" is 12.5), one that is shown as a percentage is, too.
func (b *builder) count(v float64, k source.Kind, line int64) uint64 {
	if k == source.ShareCell && b.notation != nil && b.notation.Unit == number.Percent {
		v = hundredfold(v)
	}
	if !(math.Abs(v) <= source.Largest) {
		if b.infinite == 0 {
			b.infinite = line
		}
		return gap
	}
	b.stored++
	if k == source.ShareCell {
		b.shares++
	}
	b.measure(v)
	return math.Float64bits(v)
}

// hundredfold moves the decimal point, so that 0.07 is 7 and not a hair more.
func hundredfold(v float64) float64 {
	moved, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', -1, 64)+"e2", 64)
	if err != nil {
		return v * 100
	}
	return moved
}

// Stored says how a column's numbers were given, where it was not as texts: then nothing is known of how another file writes them.
type Stored string

// The ways in which numbers are stored.
const (
	StoredNumber Stored = "number"
	StoredShare  Stored = "share" // shown as percentages: "12.5 %" of another file is 0.125
)

// storedAs tells how the builder's numbers were stored; "" for texts.
func (b *builder) storedAs() Stored {
	switch {
	case b.stored == 0 || b.notation != nil:
		return ""
	case b.shares*2 > b.stored:
		return StoredShare
	}
	return StoredNumber
}

// unshared undoes the percentage of a cell that a file writes as one where training had the number itself.
func (b *builder) unshared(cell string, v float64) float64 {
	if b.asShare && strings.Contains(cell, number.Percent) {
		return v / 100
	}
	return v
}

// encodeDeclared takes in cells of a file that knows its types.
func (b *builder) encodeDeclared(c *source.Chunk) {
	if b.store == undecided {
		b.store = asNumber
		if b.field.Declared == source.DateCell {
			b.store = asDate
		}
	}
	for i, v := range c.Numbers[b.index] {
		switch {
		case math.IsNaN(v):
			b.cells = append(b.cells, gap)
			continue
		case math.Abs(v) > source.Largest:
			if b.infinite == 0 {
				b.infinite = c.Lines[i]
			}
			b.cells = append(b.cells, gap)
			continue
		}
		b.present++
		b.cells = append(b.cells, b.declared(v, c.Lines[i]))
	}
}

func (b *builder) declared(v float64, line int64) uint64 {
	switch b.store {
	case asText:
		return b.code(source.PlainNumber(v), line)
	case asDate:
		b.measure(v)
		return uint64(int64(v))
	default:
		b.measure(v)
		return math.Float64bits(v)
	}
}
