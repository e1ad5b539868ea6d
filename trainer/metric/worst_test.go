package metric

import (
	"slices"
	"testing"

	"tuned/trainer/model"
)

func TestWorst(t *testing.T) {
	classes := model.View{Task: model.Classification, Classes: 2}
	outputs := []float32{0.9, 0.1, 0.4, 0.6, 0.2, 0.8, 0.4, 0.6}
	truth := Truth{Labels: []int32{0, 0, 0, 0}} // row 0 is right, 1 and 3 are wrong alike
	for n, want := range [][]int{{}, {2}, {2, 1}, {2, 1, 3}, {2, 1, 3}} {
		if got := Worst(classes, outputs, truth, n); !slices.Equal(got, want) {
			t.Errorf("the worst %d of classes: %v, want %v", n, got, want)
		}
	}
	if got := Worst(model.View{}, []float32{0, 1, -5}, Truth{Values: []float32{1, 1, 2}}, 2); !slices.Equal(got, []int{2, 0}) {
		t.Errorf("the worst values: %v", got)
	}
}
