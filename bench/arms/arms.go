// Package arms says what each arm of the bench may choose, and how what it chose becomes pins of a job.
//
// Sources: the spaces of Holzmüller et al. 2024 (arXiv:2407.04491) for the structure of mlp, and of Gorishniy et al. 2024
// (arXiv:2410.24210) for a plain MLP.
package arms

import (
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"

	"tuned/bench/optuna"
	"tuned/job"
	"tuned/trainer/model"
)

// Arm is a way to set the hyperparameters.
type Arm struct {
	Name    string
	Sampler string // Optuna's; empty: one trial, nothing is searched
	Pruner  string
	Space   func(model.Task) []optuna.Dimension
	Pins    func(chosen map[string]any) job.Values // what a trial pins, given what was chosen
	Rules   string                                 // the text of rules that come before the built-in ones
	Peer    string                                 // the model of bench/peers that is fitted; empty: our own code
}

//go:embed defaults.toml
var defaults string

// All are the arms by name.
var All = map[string]Arm{
	"tuned":            {Name: "tuned"},
	"defaults":         {Name: "defaults", Rules: defaults},
	"random":           {Name: "random", Sampler: "random", Pruner: "none", Space: own, Pins: ownPins},
	"tpe":              {Name: "tpe", Sampler: "tpe", Pruner: "none", Space: own, Pins: ownPins},
	"asha":             {Name: "asha", Sampler: "random", Pruner: "asha", Space: own, Pins: ownPins},
	"xgboost":          {Name: "xgboost", Sampler: "tpe", Pruner: "none", Space: trees, Peer: "xgboost"},
	"xgboost-defaults": {Name: "xgboost-defaults", Peer: "xgboost"},
	"sklearn":          {Name: "sklearn", Sampler: "tpe", Pruner: "none", Space: scikit, Peer: "sklearn"},
	"sklearn-defaults": {Name: "sklearn-defaults", Peer: "sklearn"},
	"around":           {Name: "around", Sampler: "random", Pruner: "none", Space: around, Pins: aroundPins},
	"plain":            {Name: "plain", Sampler: "random", Pruner: "none", Space: plain, Pins: plainPins},
}

// Names lists the arms, sorted.
func Names() []string { return slices.Sorted(maps.Keys(All)) }

// Lookup finds an arm.
func Lookup(name string) (Arm, error) {
	if a, ok := All[name]; ok {
		return a, nil
	}
	return Arm{}, fmt.Errorf("no arm is called %q: want one of %v", name, Names())
}

// own is the space over our own code, with all its tricks: what the rules decide is what is searched. Optuna draws
// choices evenly, so that three fifths of the trials get the usual layers by naming them thrice.
func own(task model.Task) []optuna.Dimension {
	space := []optuna.Dimension{
		{Name: "lr", Low: 0.01, High: 0.5, Log: true},
		{Name: "embedding", Choices: []any{"none", "pbld", "ple"}},
		{Name: "sigma", Low: 0.02, High: 1, Log: true, When: &optuna.Condition{Name: "embedding", Is: "pbld"}},
		{Name: "front_scale", Choices: []any{true, false}},
		{Name: "hidden", Choices: []any{"256x3", "256x3 again", "256x3 once more", "64x5", "512x1"}},
		{Name: "members", Choices: []any{"1", "4"}},
		{Name: "activation", Choices: []any{"relu", "selu", "mish"}},
		{Name: "dropout", Choices: []any{"0", "0.15", "0.3"}},
		{Name: "weight_decay", Choices: []any{"0", "0.02", "0.1"}},
	}
	if task == model.Classification {
		space = append(space, optuna.Dimension{Name: "label_smoothing", Choices: []any{"0", "0.1"}})
	}
	return space
}

func ownPins(chosen map[string]any) job.Values {
	pins := validated()
	pins["lr"] = chosen["lr"]
	pins["mlp.embedding"] = chosen["embedding"]
	pins["mlp.front_scale"] = chosen["front_scale"]
	pins["mlp.activation"] = chosen["activation"]
	if sigma, ok := chosen["sigma"]; ok {
		pins["mlp.sigma"] = sigma
	}
	for _, name := range []string{"dropout", "weight_decay", "label_smoothing"} {
		if text, ok := chosen[name]; ok {
			pins[name] = number(text)
		}
	}
	pins["mlp.width"], pins["mlp.depth"] = layers(chosen)
	pins["mlp.members"] = int64(number(chosen["members"]))
	if pins["mlp.members"] != int64(1) {
		pins["mlp.width"] = pins["mlp.width"].(int64) / 2 // four networks of half the width cost what one does
	}
	return pins
}

// plain is the space of a plain MLP: no embeddings, no scale layer, one activation.
func plain(model.Task) []optuna.Dimension {
	return []optuna.Dimension{
		{Name: "depth", Low: 1, High: 6, Step: 1},
		{Name: "width", Low: 64, High: 1024, Step: 16},
		{Name: "use_dropout", Choices: []any{true, false}},
		{Name: "dropout", Low: 0, High: 0.5, When: &optuna.Condition{Name: "use_dropout", Is: true}},
		{Name: "lr", Low: 3e-5, High: 1e-3, Log: true},
		{Name: "use_decay", Choices: []any{true, false}},
		{Name: "weight_decay", Low: 1e-4, High: 0.1, Log: true, When: &optuna.Condition{Name: "use_decay", Is: true}},
	}
}

// plainPins makes mlp a plain one. Its layers divide by sqrt(fan in), so the same function moves at the rate of an
// ordinary parametrisation when the rate is multiplied by that root.
func plainPins(chosen map[string]any) job.Values {
	pins := validated()
	maps.Copy(pins, job.Values{
		"mlp.members": int64(1), "mlp.trees": int64(0), "mlp.embedding": "none", "mlp.front_scale": false, "mlp.parametric_activation": false, "mlp.activation": "relu",
		"numeric_transform": "quantile", "label_smoothing": 0.0, "averages": "", "final": "best", "schedule": "constant",
		"dropout_schedule": "constant", "weight_decay_schedule": "constant", "clip_norm": 1.0, "beta2": 0.999,
		"mlp.depth": whole(chosen["depth"]), "mlp.width": whole(chosen["width"]), "dropout": 0.0, "weight_decay": 0.0,
		"lr": chosen["lr"].(float64) * math.Sqrt(float64(whole(chosen["width"]))),
	})
	if rate, ok := chosen["dropout"]; ok {
		pins["dropout"] = rate
	}
	if decay, ok := chosen["weight_decay"]; ok {
		pins["weight_decay"] = decay.(float64) / math.Sqrt(float64(whole(chosen["width"])))
	}
	return pins
}

// layers reads "256x3".
func layers(chosen map[string]any) (width, depth int64) {
	fmt.Sscanf(chosen["hidden"].(string), "%dx%d", &width, &depth)
	return width, depth
}

// Refitted is what pins a trial's settings on all training rows: nothing is chosen any more, so no rows are kept.
func (a Arm) Refitted(chosen map[string]any) job.Values {
	pins := a.Pins(chosen)
	pins["validation_fraction"], pins["selection"] = 0.0, "last"
	if pins["final"] == "best" {
		pins["final"] = "raw"
	}
	return pins
}

// validated keeps a fifth of the training rows to choose by, among trials and within one.
func validated() job.Values {
	return job.Values{"validation_fraction": 0.2, "selection": "best"}
}

func whole(v any) int64 {
	switch n := v.(type) {
	case float64:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

func number(text any) float64 {
	var v float64
	fmt.Sscanf(text.(string), "%g", &v)
	return v
}
