package metric

import (
	"cmp"
	"math"
	"slices"

	"tuned/trainer/model"
)

// Worst are the places of at most n rows where the outputs are most wrong, the worst first: surest of a wrong class, or furthest
// from the value. Rows of the right class are never among them.
func Worst(view model.View, outputs []float32, truth Truth, n int) []int {
	badness := make([]float64, truth.Len())
	if view.Task != model.Classification {
		for i, v := range truth.Values {
			badness[i] = math.Abs(float64(outputs[i] - v))
		}
		return Baddest(badness, n)
	}
	for i, class := range Predicted(view, outputs) {
		badness[i] = -1
		if class != truth.Labels[i] {
			badness[i] = float64(outputs[i*view.Classes+int(class)])
		}
	}
	return Baddest(badness, n)
}

// Baddest are the places of at most n rows, the largest badness first and equal ones in their order; a negative one is no mistake.
func Baddest(badness []float64, n int) []int {
	var wrong []int
	for i, b := range badness {
		if !(b < 0) {
			wrong = append(wrong, i)
		}
	}
	slices.SortStableFunc(wrong, func(a, b int) int { return cmp.Compare(badness[b], badness[a]) })
	return wrong[:min(n, len(wrong))]
}
