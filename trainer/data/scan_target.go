package data

import (
	"slices"
	"strings"

	"tuned/trainer/model"
)

// target states what the target looks like in the training rows; what does not apply to the task is 0.
func (s *scanner) target(facts map[string]any) {
	d := s.data
	for _, name := range []string{"data.imbalance", "data.majority", "data.target_skew", "data.target_kurtosis"} {
		facts[name] = 0.0
	}
	facts["data.classes"], facts["data.smallest_class_rows"], facts["data.lone_classes"] = int64(len(d.Classes)), int64(0), ""
	facts["data.alike_classes"], facts["data.target_numbers_rows"] = alike(d.Classes), d.Numbering
	if d.Task == model.Regression {
		facts["data.target_skew"], facts["data.target_kurtosis"] = shapeOf(d.Values(), d.Train)
		return
	}
	s.counts = make([]int, len(d.Classes))
	labels := d.Labels()
	for _, row := range d.Train {
		s.counts[labels[row]]++
	}
	least, most := slices.Min(s.counts), slices.Max(s.counts)
	facts["data.imbalance"] = float64(most) / float64(max(1, least))
	facts["data.majority"] = float64(most) / float64(len(d.Train))
	facts["data.smallest_class_rows"] = int64(least)
	facts["data.lone_classes"] = strings.Join(lone(d.Classes, tally(d.raw.codes(len(d.Columns)), len(d.Classes))), ", ")
}

// shapeOf returns skewness and excess kurtosis.
func shapeOf(values []float32, rows []int32) (skew, kurtosis float64) {
	some := wide(values, rows)
	mean, sd := Moments(some)
	if sd == 0 {
		return 0, 0
	}
	for _, v := range some {
		z := (v - mean) / sd
		skew += z * z * z
		kurtosis += z * z * z * z
	}
	n := float64(len(rows))
	return skew / n, kurtosis/n - 3
}
