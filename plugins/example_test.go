package plugins_test

import (
	"context"
	"fmt"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// A small net, as its author writes it; main is plugins.Serve(net).
func Example() {
	net := plugins.Architecture{
		Manifest: model.Manifest{
			Name: "tiny", Version: "1.0.0", Summary: "One hidden layer.",
			Tasks:    []model.Task{model.Classification, model.Regression},
			Inputs:   []model.Kind{model.Numeric, model.Categorical},
			Settings: []model.Setting{{Name: "tiny.width", Type: model.Int, Min: 1, Max: 4096, Help: "units of the hidden layer"}},
		},
		Build: func(g *nn.Graph, v model.View, s model.Settings) error {
			h := g.Dense(plugins.Inputs(g, v, 8), plugins.Int(s, "tiny.width"), nn.Dense{Bias: true, Activation: nn.ReLU})
			plugins.Head(g, v, h, nn.Dense{Bias: true})
			return nil
		},
	}
	m, err := net.Describe(context.Background())
	fmt.Println(m.Name, m.Tasks, err)
	// Output: tiny [classification regression] <nil>
}
