package data

import "math"

// quantile returns the q-quantile of ascending values, between two of them by linear interpolation.
func quantile[T float32 | float64](sorted []T, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return float64(sorted[len(sorted)-1])
	}
	a, b := float64(sorted[low]), float64(sorted[low+1])
	return a + (at-math.Floor(at))*(b-a)
}
