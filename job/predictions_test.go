package job

import (
	"testing"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// TestTruthsAreAsTheFileHasThem: what a float32 lost is not shown, and nothing else is rounded away.
func TestTruthsAreAsTheFileHasThem(t *testing.T) {
	for _, c := range []struct {
		target model.Target
		value  float64
		want   string
	}{
		{model.Target{Mean: 4.402, Std: 2.094}, 0, "0"},
		{model.Target{Mean: 4.402, Std: 2.094}, 7, "7"},
		{model.Target{Mean: 4.402, Std: 2.094}, 3.14159, "3.14159"},
		{model.Target{Mean: 1e6, Std: 3e5}, 0.5, "0.5"},
		{model.Target{Mean: 1e6, Std: 3e5}, 1234567, "1234567"},
		{model.Target{Mean: 3e-6, Std: 1e-6}, 2.5e-6, "2.5e-06"},
		{model.Target{Mean: -80, Std: 12}, -79.95, "-79.95"},
	} {
		z := float32((c.value - c.target.Mean) / c.target.Std)
		p := predictions{view: model.View{Task: model.Regression, Target: &c.target}}
		if got := p.truths(metric.Truth{Values: []float32{z}})[0]; got != c.want {
			t.Errorf("%v of a mean of %v: %s", c.value, c.target.Mean, got)
		}
	}
}
