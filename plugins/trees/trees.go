// Package trees are gradient-boosted decision trees for tables. A step is a round: a tree for each output, grown on the rows
// that the host names; the learning rate is the share of each tree that counts, and dropout the share of columns that a round
// does without.
package trees

import (
	_ "embed" // for rules.toml

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn/session"
	"tuned/trainer/trees"
)

//go:embed rules.toml
var rules string

// Architecture are the trees.
func Architecture() plugins.Architecture {
	return plugins.Architecture{
		Manifest: model.Manifest{
			Name: "trees", Version: "1.1.0",
			Summary:  "Gradient-boosted decision trees for tables: quick, and at their best where the target changes in steps.",
			Tasks:    []model.Task{model.Classification, model.Regression},
			Inputs:   []model.Kind{model.Numeric, model.Categorical},
			Settings: declared(),
			Rules:    rules,
		},
		Program: program,
	}
}

func declared() []model.Setting {
	return []model.Setting{
		{Name: "trees.rounds", Type: model.Int, Min: 1, Max: 10_000, Unit: "rounds", Help: "how many trees follow each other, for each class; every one mends what those before it got wrong"},
		{Name: "trees.depth", Type: model.Int, Min: 1, Max: 12, Help: "how many questions a tree asks on the way to an answer"},
		{Name: "trees.bins", Type: model.Int, Min: 2, Max: 256, Help: "how many places a column of numbers may be split at, and one more"},
		{Name: "trees.l2", Type: model.Float, Min: 0, Max: 1e9, Help: "how strongly the trees' answers are held near zero, in rows that speak for zero"},
		plugins.LossSetting("trees"),
		{Name: "trees.min_weight", Type: model.Float, Min: 0, Max: 1e9, Help: "how many rows an answer needs; for classes, a row that is nearly certain counts for little"},
	}
}

func program(v model.View, req model.OpenRequest) (session.Program, error) {
	s := req.Settings
	f, err := trees.New(v, trees.Config{
		Rounds: plugins.Int(s, "trees.rounds"), Depth: plugins.Int(s, "trees.depth"), Bins: plugins.Int(s, "trees.bins"),
		L2: plugins.Float(s, "trees.l2"), MinWeight: plugins.Float(s, "trees.min_weight"),
		MaxBatch: req.MaxBatch, Threads: req.Threads, Seed: req.Seed, MemoryBytes: req.MemoryBytes,
		Absolute: plugins.LossOf(s, "trees") == model.Absolute,
	})
	if err != nil {
		return nil, err // a nil *trees.Forest is no Program
	}
	return f, nil
}
