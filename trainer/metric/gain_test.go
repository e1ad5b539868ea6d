package metric

import (
	"math"
	"math/rand/v2"
	"testing"

	"tuned/trainer/model"
)

// Of a mean of paired differences the standard error is known: the jackknife has to give it.
func TestChanceIsTheStandardErrorOfTheGain(t *testing.T) {
	const n = 20_000
	view := model.View{Task: model.Classification, Classes: 2, Target: &model.Target{Priors: []float64{0.6, 0.4}}}
	r := rand.New(rand.NewPCG(1, 2))
	labels, outputs := make([]int32, n), make([]float32, 0, 2*n)
	sum, squares := 0.0, 0.0
	for i := range n {
		labels[i] = int32(r.IntN(2))
		said := labels[i]
		if r.IntN(4) == 0 {
			said = 1 - said
		}
		outputs = append(outputs, float32(1-said), float32(said))
		d := b2f(said == labels[i]) - b2f(labels[i] == 0)
		sum, squares = sum+d, squares+d*d
	}
	want := math.Sqrt((squares/n - sum/n*sum/n) / n)
	c := Constant{Shares: []float64{0.6, 0.4}}
	for _, ordered := range []bool{false, true} {
		got := c.Chance(view, outputs, Truth{Labels: labels}, Accuracy, ordered)
		if math.Abs(got/want-1) > 0.4 { // twenty parts tell it to within a sixth, once in two hundred times to no better than this
			t.Errorf("ordered %v: %g, want about %g", ordered, got, want)
		}
	}
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Neighbours that fare alike are one row's worth of evidence, if it is known that they are neighbours.
func TestRowsInOrderLeaveMoreToChance(t *testing.T) {
	view := model.View{Task: model.Regression, Target: &model.Target{Mean: 0, Std: 1}}
	values, outputs := make([]float32, 400), make([]float32, 400)
	for i := range values {
		values[i] = float32(math.Sin(float64(i) / 60))
	}
	c, truth := Constant{Mean: 0.5}, Truth{Values: values}
	alone, together := c.Chance(view, outputs, truth, RMSE, false), c.Chance(view, outputs, truth, RMSE, true)
	if together < 3*alone {
		t.Errorf("%g in order, %g as if they were not", together, alone)
	}
}
