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
	var wrong []int
	if view.Task == model.Classification {
		for i, class := range Predicted(view, outputs) {
			if class != truth.Labels[i] {
				badness[i] = float64(outputs[i*view.Classes+int(class)])
				wrong = append(wrong, i)
			}
		}
	} else {
		for i, v := range truth.Values {
			badness[i] = math.Abs(float64(outputs[i] - v))
			wrong = append(wrong, i)
		}
	}
	slices.SortStableFunc(wrong, func(a, b int) int { return cmp.Compare(badness[b], badness[a]) })
	return wrong[:min(n, len(wrong))]
}
