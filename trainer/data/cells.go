package data

import (
	"fmt"
	"math"

	"tuned/trainer/data/source"
	"tuned/words"
)

// Cell is what ReadView makes of one cell: the number that it holds, of a date the seconds since 1970, NaN of anything else; and why it
// would count as missing although it holds something, "" where it would not.
func (f *Feature) Cell(text string) (v float64, fault string) {
	b := f.builder(0, source.Field{})
	b.encode(&source.Chunk{Text: [][]string{{text}}, Lines: []int64{2}, Rows: 1})
	switch {
	case b.fault != nil && f.Type != Date:
		return math.NaN(), b.fault.err.Error()
	case b.infinite > 0:
		return math.NaN(), "this number is too far from 0"
	case b.odd > 0:
		return math.NaN(), f.oddCell()
	case b.unseen > 0:
		return math.NaN(), f.unseen(source.Trim(text))
	case b.cells[0] == gap || b.store == asText:
		return math.NaN(), ""
	case b.store == asDate:
		return float64(int64(b.cells[0])), ""
	}
	return math.Float64frombits(b.cells[0]), ""
}

// oddCell says what a cell would have to be.
func (f *Feature) oddCell() string {
	if f.Type == Date {
		return fmt.Sprintf("this is no date as the table writes them: write one like %s", f.Write(exampleDate))
	}
	return fmt.Sprintf("this is not a number: write one like %s", f.Write(exampleNumber))
}

// Examples of what a cell may hold: the last second of January 2006, and a number with a decimal mark.
const (
	exampleDate   = 1138751999
	exampleNumber = 4.5
)

func (f *Feature) unseen(level string) string {
	fault := "this occurs in no row that the model learned from"
	if near := words.DidYouMean(level, f.Levels); near != "" {
		fault += ": " + near
	}
	return fault
}

// Write writes a number, of dates the seconds since 1970, so that ReadView reads it back from a column of this feature, to seven figures
// or to what the dates' layout tells.
func (f *Feature) Write(v float64) string {
	if f.Type == Date {
		return dated(int64(v), f.Layout)
	}
	return f.Notation.Spell(v, shownNumber(v))
}
