package trial

import (
	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

const dense = "dense"

// Dense stands for the architectures that others bring: two dense layers, as `tuned plugins new` writes them, and a rule for
// their width. All else is decided by the rules for what nothing is known about.
func Dense() plugins.Architecture {
	return plugins.Architecture{
		Manifest: model.Manifest{
			Name: dense, Version: "1", Summary: "Two dense layers, of which the rules know nothing.",
			Tasks:    []model.Task{model.Classification, model.Regression},
			Inputs:   []model.Kind{model.Numeric, model.Categorical},
			Settings: []model.Setting{{Name: "dense.width", Type: model.Int, Min: 1, Max: 4096, Help: "units of each layer"}},
			Rules:    denseRules,
		},
		Build: buildDense,
	}
}

const denseRules = `
[[rule]]
id     = "dense.width"
set    = "dense.width"
to     = "data.train_rows < 1000 ? 32 : 128"
why    = "{dense.width} units in each layer, for {data.train_rows} rows to learn from."
source = "What tuned plugins new writes"
`

func buildDense(g *nn.Graph, v model.View, s model.Settings) error {
	x := plugins.Inputs(g, v, 8)
	for range 2 {
		x = g.Dense(x, plugins.Int(s, "dense.width"), nn.Dense{Bias: true, Activation: nn.ReLU, Dropout: true})
	}
	plugins.Head(g, v, x, nn.Dense{Bias: true})
	return nil
}
