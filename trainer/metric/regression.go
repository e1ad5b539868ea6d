package metric

import "math"

// Regression scores predictions against the truth, both in the target's own unit. R² is absent when the truth is constant.
func Regression(predicted, truth []float64) Metrics {
	m := Metrics{}
	n, middle := float64(len(truth)), mean(truth)
	squares, absolutes, variance, constant := 0.0, 0.0, 0.0, true
	for i, y := range truth {
		d := predicted[i] - y
		squares += d * d
		absolutes += math.Abs(d)
		variance += (y - middle) * (y - middle)
		constant = constant && y == truth[0] // its mean may lie beside it
	}
	m.put(RMSE, math.Sqrt(squares/n))
	m.put(MAE, absolutes/n)
	if !constant {
		m.put(R2, 1-squares/variance)
	}
	return m
}
