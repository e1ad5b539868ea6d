package nn_test

import (
	"fmt"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// Exclusive or cannot be learned by a linear model; eight hidden units do.
func Example() {
	g := nn.New()
	x := g.Dense(g.Numeric(2), 8, nn.Dense{Bias: true, Activation: nn.Tanh})
	g.CrossEntropy(g.Dense(x, 2, nn.Dense{Bias: true}), nn.Loss{})
	p, err := nn.Compile(g, nn.Config{MaxBatch: 4, Threads: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	err = p.Bind(nn.Data{Rows: 4, Numeric: []float32{0, 0, 0, 1, 1, 0, 1, 1}, Labels: []int32{0, 1, 1, 0}})
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := []int32{0, 1, 2, 3}
	for range 200 {
		p.Step(rows, model.Step{LR: 0.05, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8})
	}
	probabilities := make([]float32, 4*p.Outputs())
	p.Forward(rows, probabilities)
	for i := range rows {
		fmt.Printf("%.1f ", probabilities[2*i+1])
	}
	fmt.Println(p.Facts().Parameters, "parameters")
	// Output: 0.0 1.0 1.0 0.0 42 parameters
}
