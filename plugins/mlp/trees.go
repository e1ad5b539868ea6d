package mlp

import (
	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn/session"
	"tuned/trainer/trees"
)

// The trees that may grow beside the network are those of the architecture "trees" in half of its rounds, of twice its rate:
// as many more are level beside a network.
const (
	treesBins      = 255
	treesL2        = 1
	treesRate      = 0.05
	treesColumns   = 0.8 // that a round looks at
	treesOfValues  = 3   // rows behind an answer
	treesOfClasses = 0.5 // weight behind one
)

// beside lets trees grow beside the network where a rule says so.
func beside(network session.Program, v model.View, req model.OpenRequest) (session.Program, error) {
	rounds := plugins.Int(req.Settings, "mlp.trees")
	if rounds == 0 {
		return network, nil
	}
	c := trees.Config{
		Rounds: rounds, Depth: plugins.Int(req.Settings, "mlp.trees_depth"), Bins: treesBins, L2: treesL2,
		MinWeight: treesOfClasses, Threads: req.Threads, Seed: req.Seed, MemoryBytes: req.MemoryBytes,
		Absolute: plugins.LossOf(req.Settings, "mlp") == model.Absolute,
	}
	if v.Task == model.Regression {
		c.MinWeight = treesOfValues
	}
	round := model.Step{LR: treesRate, Dropout: 1 - treesColumns}
	b, err := trees.NewBeside(network, v, c, round, plugins.Float(req.Settings, "mlp.trees_share"))
	if err != nil {
		return nil, err // a nil *trees.Beside is no Program
	}
	return b, nil
}
