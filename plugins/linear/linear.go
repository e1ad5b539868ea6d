// Package linear is the linear model for tables: ridge regression by its closed form, and logistic regression by a convex
// solver, run to convergence on the training rows when the model is opened. There is nothing left to train; steps refine
// the solution by gradients for whoever asks for them.
package linear

import (
	"context"
	_ "embed" // for rules.toml
	"fmt"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

//go:embed rules.toml
var rules string

// Architecture is the linear model.
func Architecture() plugins.Architecture {
	return plugins.Architecture{
		Manifest: model.Manifest{
			Name: "linear", Version: "1.1.0",
			Summary: "Ridge and logistic regression: exact, quick, and hard to beat on few rows.",
			Tasks:   []model.Task{model.Classification, model.Regression},
			Inputs:  []model.Kind{model.Numeric, model.Categorical},
			Settings: []model.Setting{plugins.LossSetting("linear"), {
				Name: "linear.l2", Type: model.Float, Min: 0, Max: 1e12,
				Help: "how strongly coefficients are held near zero: the objective is the sum of the rows' losses plus l2/2 times the sum of squared coefficients of the standardised columns",
			}},
			Rules: rules,
		},
		Build: build,
		Fit:   fit,
	}
}

// build adds one dense layer over the numeric columns and, for each categorical column, one value for each output and
// category, which the layer sums.
func build(g *nn.Graph, v model.View, s model.Settings) error {
	if len(v.Inputs) == 0 {
		return fmt.Errorf("%w: the data has no columns to learn from", model.ErrInvalid)
	}
	x := plugins.Inputs(g, v, plugins.Outputs(v))
	plugins.Heads(g, v, []*nn.Node{x}, nn.Dense{Name: "linear", Bias: true, Init: nn.InitZero}, plugins.LossOf(s, "linear"))
	return nil
}

// fit solves the problem and writes the solution into the network's parameters.
func fit(ctx context.Context, r session.FitRequest) (int64, error) {
	p, err := newProblem(r)
	if err != nil {
		return 0, err
	}
	s, err := p.solve(ctx, r.FreeBytes)
	if err != nil {
		return 0, err
	}
	p.design.store(s, r.Parameters)
	return p.flops, nil
}
