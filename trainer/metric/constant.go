package metric

import (
	"slices"

	"tuned/trainer/model"
)

// Constant is what can be answered without any input, learned from the target of training rows: what a model has to beat.
type Constant struct {
	Shares       []float64 // classification: of the training rows in each class
	Mean, Median float64   // regression, in the target's unit
}

// ConstantOf learns from the target of training rows. There must be one at least.
func ConstantOf(view model.View, train Truth) Constant {
	if view.Task != model.Classification {
		values := Originals(*view.Target, train.Values)
		slices.Sort(values)
		return Constant{Mean: mean(values), Median: (values[(len(values)-1)/2] + values[len(values)/2]) / 2}
	}
	c := Constant{Shares: make([]float64, view.Classes)}
	for _, label := range train.Labels {
		c.Shares[label] += 1 / float64(len(train.Labels))
	}
	return c
}

// Common is the class of most training rows, the first on a tie.
func (c Constant) Common() int { return slices.Index(c.Shares, slices.Max(c.Shares)) }

// Score has for each metric the score of the answer that suits it best: the most frequent class, for F1 of two classes the
// positive one, for probabilities the classes' shares; the mean, for MAE the median. Where metrics are named, others may be left out.
func (c Constant) Score(view model.View, truth Truth, names ...string) Metrics {
	if view.Task != model.Classification {
		values := Originals(*view.Target, truth.Values)
		m := Regression(slices.Repeat([]float64{c.Mean}, len(values)), values)
		m.put(MAE, Regression(slices.Repeat([]float64{c.Median}, len(values)), values)[MAE])
		return m
	}
	view.Target = &model.Target{Priors: view.Target.Priors} // how answers are chosen is the model's
	m := Classification(view, slices.Repeat(singles(c.Shares), truth.Len()), truth.Labels, names...)
	if view.Classes == 2 {
		always := slices.Repeat([]int32{int32(view.Positive())}, truth.Len())
		m.put(F1, f1(Confusion(2, truth.Labels, always), view.Positive()))
	}
	return m
}

func singles(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

func mean(values []float64) float64 {
	sum, n := 0.0, float64(len(values))
	for _, v := range values {
		sum += v / n
	}
	return sum
}
