// Package mlp is the multilayer perceptron for tables: the RealMLP structure (Holzmüller and others 2024,
// arXiv:2407.04491), whose defaults need no search.
//
// Scaled numbers are embedded one by one; one-hot columns and the embeddings of categories stand behind them; a layer
// scales each of these inputs by a learned factor; dense layers in NTK parametrisation follow, with parametric activations
// and an initialisation from the training rows.
package mlp

import (
	_ "embed" // for rules.toml
	"fmt"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

//go:embed rules.toml
var rules string

// The groups of parameters that have their own factors.
const (
	groupScale      = "scale"
	groupBias       = "bias"
	groupEmbedding  = "embedding"
	groupActivation = "activation"
)

// Architecture is the mlp.
func Architecture() plugins.Architecture {
	return plugins.Architecture{
		Manifest: model.Manifest{
			Name: "mlp", Version: "1.4.0",
			Summary:  "A neural network for tables: the RealMLP structure, on numbers and categories.",
			Tasks:    []model.Task{model.Classification, model.Regression},
			Inputs:   []model.Kind{model.Numeric, model.Categorical},
			Settings: declared(),
			Rules:    rules,
		},
		Build: build,
		Wrap:  beside,
	}
}

// build adds the network. Dropout follows every hidden layer's activation; the last layer is linear.
func build(g *nn.Graph, v model.View, s model.Settings) error {
	g.Group(groupScale, plugins.Float(s, "mlp.scale_lr_factor"), 1)
	g.Group(groupBias, plugins.Float(s, "mlp.bias_lr_factor"), 0)
	g.Group(groupEmbedding, plugins.Float(s, "mlp.embedding_lr_factor"), 1)
	g.Group(groupActivation, plugins.Float(s, "mlp.activation_lr_factor"), 1)
	if plugins.Choice(s, "mlp.precision") == "bf16" {
		g.HalfProducts()
	}
	x, err := inputs(g, v, s)
	if err != nil {
		return err
	}
	if plugins.Bool(s, "mlp.front_scale") {
		x = g.Scale(x, groupScale)
	}
	members := make([]*nn.Node, plugins.Int(s, "mlp.members"))
	for m := range members {
		members[m] = layers(g, x, s, m)
	}
	plugins.Heads(g, v, members, dense("output"), plugins.LossOf(s, "mlp"))
	return nil
}

// layers adds the hidden layers of a member. All members share the inputs and their embeddings.
func layers(g *nn.Graph, x *nn.Node, s model.Settings, member int) *nn.Node {
	for i := range plugins.Int(s, "mlp.depth") {
		name := fmt.Sprintf("hidden%d", i+1)
		if member > 0 {
			name = fmt.Sprintf("hidden%d.%d", i+1, member+1)
		}
		x = g.Dense(x, plugins.Int(s, "mlp.width"), hidden(s, name))
	}
	return x
}

// dense are the options that all dense layers share.
func dense(name string) nn.Dense {
	return nn.Dense{
		Name: name, NTK: true, Bias: true, Init: nn.InitData,
		Groups: nn.Groups{Bias: groupBias, Activation: groupActivation},
	}
}

func hidden(s model.Settings, name string) nn.Dense {
	d := dense(name)
	d.Activation = nn.Activation(plugins.Choice(s, "mlp.activation"))
	d.Parametric = plugins.Bool(s, "mlp.parametric_activation")
	d.Dropout = true
	return d
}
