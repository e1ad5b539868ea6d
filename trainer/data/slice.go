package data

import (
	"fmt"
	"math"
	"slices"

	"tuned/trainer/npy"
	"tuned/words"
)

// Slice returns each row's slice by a column, as an index into names: its levels, or for numbers and dates four
// ranges of about equally many training rows. Rows without a value are the last slice.
func (d *Dataset) Slice(column string) (codes []int32, names []string, err error) {
	at := d.column(column)
	if at < 0 {
		return nil, nil, fmt.Errorf("slice: no column %q", column)
	}
	c := d.Columns[at]
	if d.raw.arrays[at].Type != npy.Int32 {
		return d.ranges(at)
	}
	if c.Levels == nil {
		return nil, nil, fmt.Errorf("slice: column %q has no levels", column)
	}
	codes = slices.Clone(d.raw.codes(at))
	for i, code := range codes {
		if codes[i] = code - 1; code == 0 {
			codes[i] = int32(len(c.Levels))
		}
	}
	return codes, append(slices.Clone(c.Levels), "missing"), nil
}

func (d *Dataset) ranges(at int) (codes []int32, names []string, err error) {
	values, present := d.values(at), d.ascending(at, d.Train)
	if len(present) == 0 {
		return make([]int32, d.Rows), []string{"missing"}, nil
	}
	cuts := slices.Compact([]float64{quantile(present, 0.25), quantile(present, 0.5), quantile(present, 0.75)})
	codes = make([]int32, d.Rows)
	for i, v := range values {
		at, _ := slices.BinarySearch(cuts, v)
		if codes[i] = int32(at); math.IsNaN(v) {
			codes[i] = int32(len(cuts) + 1)
		}
	}
	return codes, rangeNames(cuts, d.Columns[at].Type), nil
}

func rangeNames(cuts []float64, t Type) []string {
	text := func(v float64) string {
		if t == Date {
			return day(v)
		}
		return words.Value(v)
	}
	names := []string{"up to " + text(cuts[0])}
	for i := 1; i < len(cuts); i++ {
		names = append(names, text(cuts[i-1])+" to "+text(cuts[i]))
	}
	return append(names, "above "+text(cuts[len(cuts)-1]), "missing")
}
