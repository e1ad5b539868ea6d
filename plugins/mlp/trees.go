package mlp

import (
	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn/session"
	"tuned/trainer/trees"
)

// What mlp.trees_min_weight means in a plan that is older than it.
const (
	treesOfValues  = 3
	treesOfClasses = 0.5
)

// beside lets trees grow beside the network where a rule says so. Those that would have no share of a prediction are not grown.
func beside(network session.Program, v model.View, req model.OpenRequest) (session.Program, error) {
	rounds, share := plugins.Int(req.Settings, "mlp.trees"), plugins.Float(req.Settings, "mlp.trees_share")
	if rounds == 0 || share == 0 {
		return network, nil
	}
	c := trees.Config{
		Rounds: rounds, Depth: plugins.Int(req.Settings, "mlp.trees_depth"), Bins: plugins.Int(req.Settings, "mlp.trees_bins"),
		L2: plugins.Float(req.Settings, "mlp.trees_l2"), MinWeight: minWeight(v, req.Settings),
		Threads: req.Threads, Seed: req.Seed, MemoryBytes: req.MemoryBytes, Absolute: plugins.LossOf(req.Settings, "mlp") == model.Absolute,
	}
	round := model.Step{LR: plugins.Float(req.Settings, "mlp.trees_rate"), Dropout: plugins.Float(req.Settings, "mlp.trees_columns")}
	b, err := trees.NewBeside(network, v, c, round, share)
	if err != nil {
		return nil, err // a nil *trees.Beside is no Program
	}
	return b, nil
}

// minWeight is how many rows an answer of the trees needs.
func minWeight(v model.View, s model.Settings) float64 {
	w := plugins.Float(s, "mlp.trees_min_weight")
	switch {
	case w > 0:
		return w
	case v.Task == model.Regression:
		return treesOfValues
	}
	return treesOfClasses
}
