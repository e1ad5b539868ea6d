package data

import (
	"fmt"
	"math"
	"strings"

	"tuned/trainer/data/source"
)

// placeholders are numbers that devices and surveys write where nothing is known.
var placeholders = []float64{-9, -99, -999, -9999, -99999, -999999, -8, -88, -888, -8888, -7777, 99, 999, 9999, 99999, 999999, 888, 8888}

// placeholderRows is how many cells have to hold one at least: a single one is rather a slip.
const placeholderRows = 2

// placeholderNote tells of such numbers in a column of numbers, among others that lie far from them; "" where there are none.
func (d *Dataset) placeholderNote(column int) string {
	c := d.raw.columns[column]
	if c.Type != Numeric {
		return ""
	}
	numbers, center := d.raw.numbers(column), c.Center
	counts, low, high := countPlaceholders(numbers, center)
	var said []string
	rows := 0
	for i, v := range placeholders {
		if counts[i] >= placeholderRows && farFrom(v, low, high) {
			said = append(said, source.PlainNumber(v))
			rows += counts[i]
		}
	}
	if rows == 0 || high <= low {
		return ""
	}
	return fmt.Sprintf("%d of %d cells are %s, far from all others (%s to %s): if that means that nothing is known, empty these cells, or they count as numbers",
		rows, len(numbers), strings.Join(said, " or "), shownNumber(low), shownNumber(high))
}

// countPlaceholders counts each of them, and tells between what the other numbers lie.
func countPlaceholders(numbers []float32, center float64) (counts []int, low, high float64) {
	counts, low, high = make([]int, len(placeholders)), math.Inf(1), math.Inf(-1)
	for _, n := range numbers {
		if n != n {
			continue
		}
		v := center + float64(n)
		if at := placeholder(v); at >= 0 {
			counts[at]++
		} else {
			v = cleared(v, n)
			low, high = min(low, v), max(high, v)
		}
	}
	return counts, low, high
}

// cleared is a number without the digits that single precision does not hold of how far it lies from the centre.
func cleared(v float64, offset float32) float64 {
	if offset == 0 {
		return v
	}
	digit := math.Pow(10, math.Ceil(math.Log10(math.Abs(float64(offset))/(1<<23))))
	return math.Round(v/digit) * digit
}

// placeholder is which one a number is, -1 where it is none; single precision leaves out the last digits.
func placeholder(v float64) int {
	if size := math.Abs(v); size < 7 || size > 1e6 {
		return -1
	}
	for i, p := range placeholders {
		if math.Abs(v-p) < 1e-3+1e-6*math.Abs(p) {
			return i
		}
	}
	return -1
}

// farFrom tells whether a number cannot be one of those between low and high: a negative one below numbers of which none is negative, by as much
// as they are apart, or any number twice as far.
func farFrom(v, low, high float64) bool {
	gap := max(low-v, v-high)
	return v < 0 && low >= 0 && gap >= high-low || gap >= 2*(high-low)
}
