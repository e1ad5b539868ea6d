package data

import (
	"math"
	"slices"
)

// sortFloats sorts in place, ascending; there is no NaN among the values. Counting by eleven bits at a time takes a sixth of the time
// of comparing, and quantiles of every column are what fitting and scanning spend theirs on.
func sortFloats(v []float32) {
	if len(v) < 512 {
		slices.Sort(v)
		return
	}
	from, to := make([]uint32, len(v)), make([]uint32, len(v))
	for i, x := range v {
		from[i] = ascending(math.Float32bits(x))
	}
	for shift := 0; shift < 32; shift += 11 {
		countingPass(from, to, shift)
		from, to = to, from
	}
	for i, key := range from {
		v[i] = math.Float32frombits(descending(key))
	}
}

// countingPass sorts by eleven bits, stably.
func countingPass(from, to []uint32, shift int) {
	var at [1 << 11]uint32
	for _, key := range from {
		at[key>>shift&(1<<11-1)]++
	}
	sum := uint32(0)
	for i, n := range at {
		at[i] = sum
		sum += n
	}
	for _, key := range from {
		digit := key >> shift & (1<<11 - 1)
		to[at[digit]] = key
		at[digit]++
	}
}

// ascending maps a float's bits to an integer of the same order; descending undoes it.
func ascending(bits uint32) uint32 {
	if bits>>31 != 0 {
		return ^bits
	}
	return bits | 1<<31
}

func descending(key uint32) uint32 {
	if key>>31 != 0 {
		return key &^ (1 << 31)
	}
	return ^key
}
