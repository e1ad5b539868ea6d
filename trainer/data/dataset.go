package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/data/random"
	"tuned/trainer/data/source"
	"tuned/trainer/model"
	"tuned/trainer/npy"
	"tuned/words"
)

// Close unmaps the raw columns.
func (d *Dataset) Close() error { return d.raw.close() }

// FileRow is a row's number in the file, counted from 0 below the header: rows without a target are left out, and max_rows leaves
// out others.
func (d *Dataset) FileRow(row int32) int32 {
	if d.kept == nil {
		return row
	}
	return d.kept[row]
}

// Labels returns each row's class; nil for regression. Valid until Close.
func (d *Dataset) Labels() []int32 {
	if d.Task != model.Classification {
		return nil
	}
	codes := d.raw.codes(len(d.Columns))
	labels := make([]int32, len(codes))
	for i, code := range codes {
		labels[i] = code - 1
	}
	return labels
}

// Values returns each row's target in its own unit; nil for classification.
func (d *Dataset) Values() []float32 {
	if d.Task != model.Regression {
		return nil
	}
	stored := d.raw.numbers(len(d.Columns))
	values := make([]float32, len(stored))
	for i, v := range stored {
		values[i] = float32(d.Target.Center + float64(v))
	}
	return values
}

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

// CellText is what a row's cell says, in the words of a person: of a text its first words. "" where it is missing.
func (d *Dataset) CellText(column string, row int32) string {
	at := d.column(column)
	if at < 0 {
		return ""
	}
	c := d.Columns[at]
	switch {
	case c.Type == Text && d.raw.texts[at] != nil:
		return beginning(string(d.raw.texts[at].Row(int(row))))
	case c.Type == Date:
		return dayOf(d.raw.seconds(at)[row])
	case c.Type == Numeric:
		return shownNumber(c.Center + float64(d.raw.numbers(at)[row]))
	}
	if code := d.raw.codes(at)[row]; code > 0 && int(code) <= len(c.Levels) {
		return beginning(c.Levels[code-1])
	}
	return ""
}

// cellLetters is how much of a cell is shown.
const cellLetters = 160

func beginning(text string) string {
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= cellLetters {
		return string(letters)
	}
	return string(letters[:cellLetters]) + "…"
}

func dayOf(seconds int64) string {
	if seconds == noTime {
		return ""
	}
	return day(float64(seconds))
}

// shownNumber is a number as far as single precision knows it, without an exponent where people would write none.
func shownNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return source.PlainNumber(known(v))
}

// known is a number as far as single precision knows it.
func known(v float64) float64 { return rounded(v, 7) }

// rounded is a number to so many figures.
func rounded(v float64, figures int) float64 {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', figures, 64), 64); err == nil {
		return rounded
	}
	return v
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

// values are a numeric column's values, or a date column's seconds; NaN where missing.
func (d *Dataset) values(at int) []float64 {
	out := make([]float64, d.Rows)
	if d.raw.arrays[at].Type == npy.Seconds {
		for i, s := range d.raw.seconds(at) {
			if out[i] = float64(s); s == noTime {
				out[i] = math.NaN()
			}
		}
		return out
	}
	for i, v := range d.raw.numbers(at) {
		out[i] = d.Columns[at].Center + float64(v)
	}
	return out
}

// ascending are the values of a numeric or a date column that are present in some rows.
func (d *Dataset) ascending(at int, rows []int32) []float64 {
	if d.raw.arrays[at].Type == npy.Seconds {
		return d.ascendingDates(at, rows)
	}
	stored, kept := d.raw.numbers(at), make([]float32, 0, len(rows))
	for _, row := range rows {
		if v := stored[row]; v == v {
			kept = append(kept, v)
		}
	}
	sortFloats(kept)
	out := make([]float64, len(kept))
	for i, v := range kept {
		out[i] = d.Columns[at].Center + float64(v)
	}
	return out
}

func (d *Dataset) ascendingDates(at int, rows []int32) []float64 {
	stored, out := d.raw.seconds(at), make([]float64, 0, len(rows))
	for _, row := range rows {
		if s := stored[row]; s != noTime {
			out = append(out, float64(s))
		}
	}
	slices.Sort(out)
	return out
}

// rowKeys are equal for rows that are equal in all columns that models see, and in the target if that is asked for.
func (d *Dataset) rowKeys(target bool) []uint64 {
	keys := make([]uint64, d.Rows)
	if d.Picture != nil {
		d.raw.images.Keys(keys)
	}
	for i, c := range d.raw.columns {
		if i < len(d.Columns) && c.Used || i == len(d.Columns) && target {
			d.raw.addKeys(i, keys)
		}
	}
	return keys
}

func (t *table) addKeys(i int, keys []uint64) {
	switch t.arrays[i].Type {
	case npy.Float32:
		for row, v := range t.numbers(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(math.Float32bits(v)))
		}
	case npy.Seconds:
		for row, v := range t.seconds(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(v))
		}
	default:
		for row, v := range t.codes(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(v))
		}
	}
}
