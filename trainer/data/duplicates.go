package data

import (
	"math"

	"tuned/trainer/model"
)

// countDuplicates states what share of the rows repeats an earlier row, target included, what share is equal to others in all but
// the target, and what that costs any model; and what share the rows are of all combinations of inputs.
func (d *Dataset) countDuplicates(facts map[string]any, combinations float64) {
	inputs, whole := d.rowKeys(false), d.rowKeys(true)
	facts["data.factorial"] = factorial(inputs, combinations)
	facts["data.duplicates"] = float64(d.Rows-distinctKeys(whole)) / float64(d.Rows)
	facts["data.conflicts"] = conflicts(inputs, whole)
	if d.Task == model.Classification {
		facts["data.unavoidable"] = outvoted(inputs, whole)
	} else {
		facts["data.unavoidable"] = scattered(inputs, d.Values())
	}
}

func distinctKeys(keys []uint64) int {
	seen := make(map[uint64]bool, len(keys))
	for _, key := range keys {
		seen[key] = true
	}
	return len(seen)
}

// What is a full factorial design, or a part of one: the share of rows whose inputs an earlier one has, at most, since each combination is
// tried once; and the share of all combinations, at least. Of nearly all tables that tells without a look at their rows.
const (
	repeated    = 0.01
	leastDesign = 0.01
)

// factorial is the share of a full factorial design that rows of these inputs are: 0 where they are none.
func factorial(inputs []uint64, combinations float64) float64 {
	rows := float64(len(inputs))
	if rows < leastDesign*combinations {
		return 0
	}
	different := float64(distinctKeys(inputs))
	if rows-different > repeated*rows {
		return 0
	}
	return min(1, different/combinations)
}

// outvoted is the share of rows whose class is not the commonest of rows with the same inputs: the error of a model that knows them all.
func outvoted(inputs, whole []uint64) float64 {
	votes, most := make(map[uint64]int, len(whole)), make(map[uint64]int, len(whole))
	right := 0
	for row, key := range inputs {
		votes[whole[row]]++
		if votes[whole[row]] > most[key] {
			most[key]++
			right++
		}
	}
	return 1 - float64(right)/float64(max(len(inputs), 1))
}

// scattered is the share of the values' variance that is among rows with the same inputs.
func scattered(inputs []uint64, values []float32) float64 {
	type group struct{ n, mean, squares float64 }
	groups, all := make(map[uint64]group, len(inputs)), group{}
	add := func(g group, v float64) group { // Welford's
		g.n++
		d := v - g.mean
		g.mean += d / g.n
		g.squares += d * (v - g.mean)
		return g
	}
	within := 0.0
	for row, key := range inputs {
		g := groups[key]
		grown := add(g, float64(values[row]))
		within += grown.squares - g.squares
		groups[key], all = grown, add(all, float64(values[row]))
	}
	if all.squares == 0 {
		return 0
	}
	return within / all.squares
}

// conflicts is the share of rows whose inputs also come with another target.
func conflicts(inputs, whole []uint64) float64 {
	first := make(map[uint64]uint64, len(inputs)) // inputs → the first row's whole key
	torn := map[uint64]bool{}
	for row, key := range inputs {
		if other, ok := first[key]; !ok {
			first[key] = whole[row]
		} else if other != whole[row] {
			torn[key] = true
		}
	}
	n := 0
	for _, key := range inputs {
		if torn[key] {
			n++
		}
	}
	return float64(n) / float64(max(len(inputs), 1))
}

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
