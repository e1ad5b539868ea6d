package plugintest_test

import (
	"os"
	"testing"

	"tuned/plugins"
	"tuned/plugins/host"
	"tuned/plugins/mlp"
	"tuned/plugins/plugintest"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

func TestMain(m *testing.M) {
	host.Main(lookup)
	os.Exit(m.Run())
}

func lookup(name string) (model.Architecture, bool) {
	switch name {
	case "tiny":
		return tiny(), true
	case "mlp":
		return mlp.Architecture(), true
	}
	if a, ok := newFlawed(name); ok {
		return a, true
	}
	return plugintest.Hostile(name)
}

// tiny is a net with one hidden layer.
func tiny() model.Architecture {
	return plugins.Architecture{
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
}
