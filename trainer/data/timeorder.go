package data

import (
	"math"

	"tuned/trainer/model"
)

// timeOrdered says how much the target of a training row tells about the next one's, 0 (nothing) to 1: the chance-corrected
// agreement of neighbours' classes, or the correlation of their values. A file that is merely sorted by its target, or has a column
// of dates in order, is told apart: the first is 0, the second 1.
func (d *Dataset) timeOrdered() float64 {
	if d.datesAscend() {
		return 1
	}
	if d.Task == model.Classification {
		return classRuns(picked(d.Labels(), d.Train), len(d.Classes))
	}
	return neighbours(picked(d.Values(), d.Train))
}

// picked are the values of some rows.
func picked[T any](values []T, rows []int32) []T {
	some := make([]T, len(rows))
	for i, row := range rows {
		some[i] = values[row]
	}
	return some
}

// wide are the values of some rows in double precision.
func wide(values []float32, rows []int32) []float64 {
	some := make([]float64, len(rows))
	for i, row := range rows {
		some[i] = float64(values[row])
	}
	return some
}

// datesAscend reports a date column whose dates never fall and mostly rise.
func (d *Dataset) datesAscend() bool {
	for i, c := range d.Columns {
		if c.Type == Date && ascends(picked(d.raw.seconds(i), d.Train)) {
			return true
		}
	}
	return false
}

func ascends(times []int64) bool {
	rises := 0
	for i := 1; i < len(times); i++ {
		if times[i] < times[i-1] {
			return false
		}
		if times[i] > times[i-1] {
			rises++
		}
	}
	return rises*2 > len(times)
}

// classRuns is the chance-corrected share of rows whose class is the one before's.
func classRuns(labels []int32, classes int) float64 {
	share, same := make([]float64, classes), 0
	for i, label := range labels {
		share[label] += 1 / float64(len(labels))
		if i > 0 && labels[i-1] == label {
			same++
		}
	}
	if runs := len(labels) - same; runs <= 2*classes {
		return 0 // sorted by class
	}
	chance := 0.0
	for _, s := range share {
		chance += s * s
	}
	return clip((float64(same)/float64(len(labels)-1) - chance) / (1 - chance))
}

// neighbours is the correlation of each value with the one before.
func neighbours(values []float32) float64 {
	var mean, all, shared float64
	rises, falls := 0, 0
	for _, v := range values {
		mean += float64(v) / float64(len(values))
	}
	for i, v := range values {
		all += (float64(v) - mean) * (float64(v) - mean)
		if i == 0 {
			continue
		}
		shared += (float64(v) - mean) * (float64(values[i-1]) - mean)
		if v > values[i-1] {
			rises++
		} else if v < values[i-1] {
			falls++
		}
	}
	if min(rises, falls)*50 < max(rises, falls) || all == 0 {
		return 0 // sorted by value
	}
	return clip(shared / all)
}

func clip(v float64) float64 { return math.Min(1, math.Max(0, v)) }
