package data

import "math"

// quantile returns the q-quantile of ascending values, between two of them by linear interpolation.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-math.Floor(at))*(sorted[low+1]-sorted[low])
}
