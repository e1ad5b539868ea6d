package trees_test

import (
	"fmt"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/trees"
)

// A forest learns a step that no line follows.
func ExampleForest() {
	data := nn.Data{Rows: 100}
	rows := make([]int32, data.Rows)
	for i := range data.Rows {
		rows[i] = int32(i)
		data.Numeric = append(data.Numeric, float32(i))
		value := float32(0)
		if i >= 40 && i < 60 {
			value = 1
		}
		data.Values = append(data.Values, value)
	}
	view := model.View{Rows: data.Rows, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, Columns: 1}}}
	f, err := trees.New(view, trees.Config{Rounds: 50, Depth: 2, Bins: 64, L2: 1, MinWeight: 1, MaxBatch: data.Rows})
	if err != nil {
		panic(err)
	}
	if err := f.Bind(data); err != nil {
		panic(err)
	}
	if err := f.Init(rows); err != nil {
		panic(err)
	}
	for range 50 {
		f.Step(rows, model.Step{LR: 0.3})
	}
	out := make([]float32, 3)
	f.Forward([]int32{20, 50, 80}, out)
	fmt.Printf("%.2f %.2f %.2f\n", out[0], out[1], out[2])
	// Output: 0.00 1.00 0.00
}
