package heuristics_test

import (
	"os"
	"testing"

	"tuned"
	"tuned/heuristics"
)

// mlpSettings, linearSettings, treesSettings and convnetSettings are what those architectures declare.
func mlpSettings() []heuristics.Setting {
	number := func(name string, max float64) heuristics.Setting {
		return heuristics.Setting{Name: "mlp." + name, Type: heuristics.Float, Max: max, Help: name}
	}
	whole := func(name string, max float64) heuristics.Setting {
		return heuristics.Setting{Name: "mlp." + name, Type: heuristics.Int, Min: 1, Max: max, Help: name}
	}
	choice := func(name string, choices ...string) heuristics.Setting {
		return heuristics.Setting{Name: "mlp." + name, Type: heuristics.Choice, Choices: choices, Help: name}
	}
	flag := func(name string) heuristics.Setting {
		return heuristics.Setting{Name: "mlp." + name, Type: heuristics.Bool, Help: name}
	}
	return []heuristics.Setting{
		whole("width", 4096), whole("depth", 16), choice("activation", "selu", "mish", "relu", "gelu", "silu", "tanh"),
		whole("members", 64), flag("parametric_activation"), choice("embedding", "none", "pbld", "ple"), whole("frequencies", 256),
		whole("embedding_size", 64), number("sigma", 100), whole("category_size", 64), flag("front_scale"),
		number("scale_lr_factor", 100), number("bias_lr_factor", 100), number("embedding_lr_factor", 100), number("activation_lr_factor", 100),
		{Name: "mlp.trees", Type: heuristics.Int, Max: 10_000, Help: "trees"},
		{Name: "mlp.components", Type: heuristics.Int, Max: 512, Help: "principal components"},
		whole("trees_depth", 12), number("trees_share", 0.99), number("trees_rate", 1), number("trees_columns", 0.9),
		whole("trees_bins", 256), number("trees_l2", 1e9), number("trees_min_weight", 1e9), choice("precision", "fp32", "bf16"), lossSetting("mlp"),
	}
}

func linearSettings() []heuristics.Setting {
	return []heuristics.Setting{
		{Name: "linear.l2", Type: heuristics.Float, Max: 1e12, Help: "how strongly weights are pulled towards zero"}, lossSetting("linear"),
	}
}

func lossSetting(architecture string) heuristics.Setting {
	return heuristics.Setting{Name: architecture + ".loss", Type: heuristics.Choice, Choices: []string{"squared", "absolute"}, Help: "loss"}
}

func treesSettings() []heuristics.Setting {
	whole := func(name string, min, max float64) heuristics.Setting {
		return heuristics.Setting{Name: "trees." + name, Type: heuristics.Int, Min: min, Max: max, Help: name}
	}
	number := func(name string) heuristics.Setting {
		return heuristics.Setting{Name: "trees." + name, Type: heuristics.Float, Max: 1e9, Help: name}
	}
	return []heuristics.Setting{whole("rounds", 1, 10_000), whole("depth", 1, 12), whole("bins", 2, 256), number("l2"), number("min_weight"), lossSetting("trees")}
}

func convnetSettings() []heuristics.Setting {
	whole := func(name string, min, max float64) heuristics.Setting {
		return heuristics.Setting{Name: "convnet." + name, Type: heuristics.Int, Min: min, Max: max, Help: name}
	}
	return []heuristics.Setting{
		whole("width", 4, 256), whole("stages", 0, 8), whole("blocks", 0, 8),
		{Name: "convnet.activation", Type: heuristics.Choice, Choices: []string{"relu", "gelu", "silu"}, Help: "activation"},
		{Name: "convnet.flip", Type: heuristics.Bool, Help: "flip"},
		{Name: "convnet.both_sides", Type: heuristics.Bool, Help: "both sides"},
		whole("crop", 0, 64), whole("cut", 0, 128),
	}
}

// book loads the built-in rulebook for an architecture, with that architecture's own rules and perhaps a user's.
func book(t testing.TB, architecture, user string) *heuristics.Book {
	t.Helper()
	b, err := load(t, architecture, user)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func load(t testing.TB, architecture, user string) (*heuristics.Book, error) {
	t.Helper()
	declared := map[string][]heuristics.Setting{
		"mlp": mlpSettings(), "linear": linearSettings(), "trees": treesSettings(), "convnet": convnetSettings(), "other": nil, "": nil,
	}
	c, err := heuristics.Common().WithArchitecture(architecture, declared[architecture], "mlp", "linear", "trees", "convnet")
	if err != nil {
		t.Fatal(err)
	}
	var layers []heuristics.Layer
	if user != "" {
		layers = append(layers, heuristics.Layer{Name: "user", File: "my.toml", Text: user})
	}
	if len(declared[architecture]) > 0 {
		text, err := os.ReadFile("../plugins/" + architecture + "/rules.toml")
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, heuristics.Layer{Name: "architecture", File: architecture + "/rules.toml", Text: string(text)})
	}
	layers = append(layers, heuristics.Layer{Name: "built-in", File: "rules.toml", Text: tuned.Rules})
	return heuristics.Load(c, layers...)
}

func TestBuiltInRulesLoad(t *testing.T) {
	for _, architecture := range []string{"", "mlp", "linear", "trees", "convnet"} {
		t.Run("architecture "+architecture, func(t *testing.T) { book(t, architecture, "") })
	}
}
