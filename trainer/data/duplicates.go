package data

import "tuned/trainer/model"

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
