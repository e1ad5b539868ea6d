package data

import (
	"cmp"
	"slices"

	"tuned/trainer/npy"
)

// Example is a row that stands for all that hold its value of a column, or about it.
type Example struct {
	Row    int32
	Number float64 // of a number, to seven figures, or of a date the seconds since 1970
	Level  string  // of a category, "" where the row has none; of a column that only counts as there or not, There
	Share  float64 // of the rows for which it stands, 0 … 1
}

// There is what a cell is called of which models only see that it is not empty.
const There = "filled in"

// Examples are at most n of the rows, that stand for what a feature holds in them: of numbers and dates, ascending, those in the middle
// of n parts of equally many rows; of categories one of each, the commonest first. Of texts there are none.
func (d *Dataset) Examples(f *Feature, rows []int32, n int) []Example {
	at := d.column(f.Name)
	switch f.Encoding {
	case Scores:
		return nil
	case Calendar:
		return d.spread(at, rows, n)
	case Scaled:
		all := d.spread(at, rows, n)
		for i, e := range all {
			all[i].Number = known(e.Number)
		}
		return all
	}
	levels, level := d.levels(f, at)
	return ofRows(commonest(rows, levels, n, level), len(rows))
}

// spread are examples of the numbers, or dates, that a column holds.
func (d *Dataset) spread(at int, rows []int32, n int) []Example {
	absent := d.raw.absent(at)
	rows = slices.DeleteFunc(slices.Clone(rows), func(row int32) bool { return absent(int(row)) })
	return ofRows(spread(different(rows, d.number(at)), n), len(rows))
}

// levels are what a feature tells apart, first of all that there is nothing, and which of them a row holds.
func (d *Dataset) levels(f *Feature, at int) (names []string, of func(row int32) int) {
	if f.Encoding == Presence {
		absent := d.raw.absent(at)
		return []string{"", There}, func(row int32) int {
			if absent(int(row)) {
				return 0
			}
			return 1
		}
	}
	codes, recode := d.raw.codes(at), recoding(d.Columns[at].Levels, f.Levels)
	return slices.Concat([]string{""}, f.Levels), func(row int32) int { return int(recode[codes[row]]) }
}

// ofRows makes shares of numbers of rows.
func ofRows(all []Example, rows int) []Example {
	for i := range all {
		all[i].Share /= float64(rows)
	}
	return all
}

// commonest are examples of the levels that most rows have, with how many do.
func commonest(rows []int32, levels []string, n int, level func(row int32) int) []Example {
	all := make([]Example, len(levels))
	for i, name := range levels {
		all[i].Level = name
	}
	for _, row := range rows {
		e := &all[level(row)]
		if e.Share++; e.Share == 1 {
			e.Row = row
		}
	}
	all = slices.DeleteFunc(all, func(e Example) bool { return e.Share == 0 })
	slices.SortStableFunc(all, func(a, b Example) int { return cmp.Compare(b.Share, a.Share) })
	return all[:min(n, len(all))]
}

// different are examples of all different numbers that the rows hold, ascending, with how many do.
func different(rows []int32, number func(row int32) float64) (all []Example) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(number(a), number(b)) })
	for _, row := range rows {
		if v := number(row); len(all) == 0 || all[len(all)-1].Number != v {
			all = append(all, Example{Row: row, Number: v})
		}
		all[len(all)-1].Share++
	}
	return all
}

// number tells a row's number, or the seconds of its date.
func (d *Dataset) number(at int) func(row int32) float64 {
	if d.raw.arrays[at].Type == npy.Seconds {
		seconds := d.raw.seconds(at)
		return func(row int32) float64 { return float64(seconds[row]) }
	}
	numbers, center := d.raw.numbers(at), d.Columns[at].Center
	return func(row int32) float64 { return center + float64(numbers[row]) }
}

// spread keeps at most n of the numbers, as [Dataset.Examples] says. One that fills several parts is kept once, and the room that this
// leaves is for the others: of a column that is mostly 0, what else it holds is seen.
func spread(all []Example, n int) []Example {
	if len(all) <= n {
		return all
	}
	kept := make([]bool, len(all))
	keepMiddles(all, kept, n-keepMiddles(all, kept, n))
	return gathered(all, kept)
}

// keepMiddles keeps the numbers in the middle of n parts of the rows whose numbers are not kept yet, and tells how many these are.
func keepMiddles(all []Example, kept []bool, n int) (count int) {
	rest := 0.0
	for i, e := range all {
		if !kept[i] {
			rest += e.Share
		}
	}
	below, part := 0.0, 0
	for i, e := range all {
		if kept[i] {
			continue
		}
		below += e.Share
		for ; part < n && (float64(part)+0.5)*rest <= below*float64(n); part++ {
			kept[i] = true
		}
		if kept[i] {
			count++
		}
	}
	return count
}

// gathered are the numbers that are kept, each with all rows that are nearest to it.
func gathered(all []Example, kept []bool) (out []Example) {
	for i, e := range all {
		if kept[i] {
			e.Share = 0
			out = append(out, e)
		}
	}
	at := 0
	for _, e := range all {
		for at+1 < len(out) && out[at+1].Number-e.Number < e.Number-out[at].Number {
			at++
		}
		out[at].Share += e.Share
	}
	return out
}
