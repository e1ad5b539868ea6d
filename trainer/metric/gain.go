package metric

import (
	"math"

	"tuned/trainer/model"
)

// gainParts is how many parts of the rows are left out in turn to learn what chance does to a gain.
const gainParts = 20

// Gain is by how much a is better than b in a metric: negative where it is worse, not-a-number where it is undefined.
func Gain(name string, a, b Metrics) float64 {
	if HigherIsBetter(name) {
		return a.Get(name) - b.Get(name)
	}
	return b.Get(name) - a.Get(name)
}

// Chance is the standard error, over the rows that judge, of the outputs' gain over the constant answer in a metric: what it moves
// by when parts of the rows are left out in turn (the grouped jackknife), which suits any metric. Rows in order, of time for one,
// resemble their neighbours: their parts are runs of them. Not-a-number where some part leaves the metric undefined.
func (c Constant) Chance(view model.View, outputs []float32, truth Truth, name string, ordered bool) float64 {
	parts := min(gainParts, truth.Len())
	gains := make([]float64, parts)
	for part := range parts {
		gains[part] = c.gainWithout(view, outputs, truth, name, func(i int) bool {
			if ordered {
				return i*parts/truth.Len() == part
			}
			return i%parts == part
		})
	}
	middle, squares := mean(gains), 0.0
	for _, g := range gains {
		squares += (g - middle) * (g - middle)
	}
	return math.Sqrt(squares * float64(parts-1) / float64(parts))
}

// gainWithout is the gain on the rows that are not left out.
func (c Constant) gainWithout(view model.View, outputs []float32, truth Truth, name string, without func(i int) bool) float64 {
	var rows []int32
	var kept []float32
	width := Width(view)
	for i := range truth.Len() {
		if !without(i) {
			rows, kept = append(rows, int32(i)), append(kept, outputs[i*width:(i+1)*width]...)
		}
	}
	some := truth.Rows(rows)
	m, err := Evaluate(view, kept, some, name)
	if err != nil {
		return math.NaN()
	}
	return Gain(name, m, c.Score(view, some, name))
}
