package arms

import (
	"math"
	"strings"

	"tuned/bench/optuna"
	"tuned/job"
	"tuned/trainer/model"
)

// around is the space about the rules' own choices, wide enough to tell in which direction a set would rather go. Its trials
// run as tuned itself does, choosing on kept rows only where the rules say so: it is for making rules, not for comparing.
func around(task model.Task) []optuna.Dimension {
	space := []optuna.Dimension{
		{Name: "epochs", Low: 12, High: 160, Log: true},
		{Name: "lr", Low: 0.25, High: 4, Log: true},
		{Name: "dropout", Choices: []any{"0", "0.15", "0.3", "0.45"}},
		{Name: "weight_decay", Choices: []any{"0", "0.02", "0.1"}},
		{Name: "batch", Choices: []any{"32", "64", "128", "256"}},
		{Name: "embedding", Choices: []any{"none", "pbld", "pbld again", "ple"}},
		{Name: "sigma", Low: 0.03, High: 1, Log: true, When: &optuna.Condition{Name: "embedding", Is: "pbld"}},
		{Name: "activation", Choices: []any{"relu", "selu", "mish"}},
		{Name: "hidden", Choices: []any{"256x3", "128x3", "256x2", "256x4", "384x3"}},
		{Name: "schedule", Choices: []any{"coslog4", "linear", "flat-cos"}},
		{Name: "beta2", Choices: []any{"0.95", "0.99"}},
		{Name: "numeric_transform", Choices: []any{"robust-smooth-clip", "quantile"}},
		{Name: "front_scale", Choices: []any{true, false}},
	}
	if task == model.Classification {
		space = append(space, optuna.Dimension{Name: "label_smoothing", Choices: []any{"0", "0.1"}})
	}
	return space
}

// aroundPins takes the rate as a multiple of the usual one: 0.04 for classes and 0.2 for values, at batches of 256.
func aroundPins(chosen map[string]any) job.Values {
	pins := job.Values{
		"epochs": int64(math.Round(chosen["epochs"].(float64))), "batch_size": int64(number(chosen["batch"])),
		"mlp.activation": chosen["activation"], "mlp.front_scale": chosen["front_scale"],
		"schedule": chosen["schedule"], "numeric_transform": chosen["numeric_transform"],
	}
	usual := 0.2
	for _, name := range []string{"dropout", "weight_decay", "beta2", "label_smoothing"} {
		if text, ok := chosen[name]; ok {
			pins[name] = number(text)
		}
	}
	if _, ok := chosen["label_smoothing"]; ok {
		usual = 0.04
	}
	pins["lr"] = usual * chosen["lr"].(float64) * math.Sqrt(number(chosen["batch"])/256)
	pins["mlp.embedding"], _, _ = strings.Cut(chosen["embedding"].(string), " ")
	if sigma, ok := chosen["sigma"]; ok {
		pins["mlp.sigma"] = sigma
	}
	pins["mlp.width"], pins["mlp.depth"] = layers(chosen)
	return pins
}
