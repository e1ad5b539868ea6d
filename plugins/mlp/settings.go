package mlp

import (
	"tuned/plugins"
	"tuned/trainer/model"
)

// declared are the mlp's settings.
func declared() []model.Setting {
	factor := func(name, help string) model.Setting {
		return model.Setting{Name: name, Type: model.Float, Min: 0, Max: 100, Help: help}
	}
	return []model.Setting{
		{Name: "mlp.width", Type: model.Int, Unit: "units", Min: 1, Max: 16384, Help: "units of each hidden layer"},
		{Name: "mlp.depth", Type: model.Int, Unit: "layers", Min: 1, Max: 64, Help: "hidden layers, one behind another"},
		{Name: "mlp.members", Type: model.Int, Unit: "networks", Min: 1, Max: 64, Help: "networks side by side, whose predictions are averaged"},
		{
			Name: "mlp.activation", Type: model.Choice, Choices: []string{"selu", "mish", "relu", "gelu", "silu", "tanh"},
			Help: "the curve that each unit bends its input by",
		},
		{Name: "mlp.parametric_activation", Type: model.Bool, Help: "whether each unit learns how much of the curve it uses"},
		{
			Name: "mlp.embedding", Type: model.Choice, Choices: []string{"none", "pbld", "ple"},
			Help: "how a number enters: as it is, with learned waves beside it (pbld), or cut into bins (ple)",
		},
		{Name: "mlp.frequencies", Type: model.Int, Min: 1, Max: 512, Help: "waves (pbld) or bins (ple) for each number"},
		{Name: "mlp.embedding_size", Type: model.Int, Unit: "values", Min: 2, Max: 128, Help: "values that an embedded number becomes"},
		{Name: "mlp.sigma", Type: model.Float, Min: 1e-6, Max: 1000, Help: "how fine the waves are at the start: higher sees smaller differences"},
		{
			Name: "mlp.components", Type: model.Int, Min: 0, Max: 512, Absent: int64(0),
			Help: "principal components of the numbers that stand beside them: sums of columns that tell rows apart best; 0: none",
		},
		{Name: "mlp.category_size", Type: model.Int, Unit: "values", Min: 1, Max: 600, Help: "values that a category becomes"},
		{
			Name: "mlp.precision", Type: model.Choice, Choices: []string{"fp32", "bf16"}, Absent: "fp32",
			Help: "how many digits the factors of products keep while training: 7, or 2 to 3 where the processor is quicker at that (bf16)",
		},
		plugins.LossSetting("mlp"),
		{Name: "mlp.front_scale", Type: model.Bool, Help: "whether each input has a learned weight of its own"},
		factor("mlp.scale_lr_factor", "learning rate of the inputs' weights, as a multiple of the general one"),
		factor("mlp.bias_lr_factor", "learning rate of the biases, as a multiple of the general one"),
		factor("mlp.embedding_lr_factor", "learning rate of the numbers' embeddings, as a multiple of the general one"),
		factor("mlp.activation_lr_factor", "learning rate of the activations' parameters, as a multiple of the general one"),
		{
			Name: "mlp.trees", Type: model.Int, Unit: "rounds", Min: 0, Max: 10_000, Absent: int64(0),
			Help: "rounds of boosted trees that grow beside the network and predict with it; 0: none",
		},
		{Name: "mlp.trees_depth", Type: model.Int, Min: 1, Max: 12, Absent: int64(6), Help: "how many questions each of those trees asks on the way to an answer"},
		{Name: "mlp.trees_rate", Type: model.Float, Min: 1e-4, Max: 1, Absent: 0.05, Help: "how much of each of those trees counts"},
		{Name: "mlp.trees_columns", Type: model.Float, Unit: "share", Min: 0, Max: 0.9, Absent: 0.2, Help: "share of the columns that each of their rounds does without"},
		{Name: "mlp.trees_bins", Type: model.Int, Min: 2, Max: 256, Absent: int64(255), Help: "how many places a column of numbers may be split at by those trees, and one more"},
		{Name: "mlp.trees_l2", Type: model.Float, Min: 0, Max: 1e9, Absent: 1.0, Help: "how strongly their answers are held near zero, in rows that speak for zero"},
		{
			Name: "mlp.trees_min_weight", Type: model.Float, Min: 0, Max: 1e9, Absent: 0.0,
			Help: "how many rows an answer of those trees needs; for classes, a row that is nearly certain counts for little; 0: three for values and a half for classes, as plans mean that do not say",
		},
		{Name: "mlp.trees_share", Type: model.Float, Min: 0, Max: 0.99, Absent: 0.0, Help: "how much the trees count in a prediction, the network having the rest; 0: none grow"},
	}
}
