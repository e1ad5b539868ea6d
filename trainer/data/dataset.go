package data

import (
	"math"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/npy"
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
