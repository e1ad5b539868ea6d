package metric_test

import (
	"fmt"

	"tuned/trainer/metric"
	"tuned/trainer/model"
)

func ExampleEvaluate() {
	view := model.View{Task: model.Classification, Classes: 2, Target: &model.Target{Priors: []float64{0.75, 0.25}}}
	probabilities := []float32{0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.6, 0.4} // two of each row
	m, err := metric.Evaluate(view, probabilities, metric.Truth{Labels: []int32{0, 0, 1, 1}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("accuracy %.2f, AUC %.2f, F1 %.2f\n", m.Get(metric.Accuracy), m.Get(metric.AUC), m.Get(metric.F1))
	// Output: accuracy 0.75, AUC 1.00, F1 0.67
}
