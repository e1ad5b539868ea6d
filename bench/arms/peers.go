package arms

import (
	"tuned/bench/optuna"
	"tuned/trainer/model"
)

// trees is the usual space for XGBoost; the number of trees is stopped by the validation rows.
func trees(model.Task) []optuna.Dimension {
	return []optuna.Dimension{
		{Name: "learning_rate", Low: 0.01, High: 0.3, Log: true},
		{Name: "max_depth", Low: 3, High: 10, Step: 1},
		{Name: "min_child_weight", Low: 0.1, High: 100, Log: true},
		{Name: "subsample", Low: 0.5, High: 1},
		{Name: "colsample_bytree", Low: 0.5, High: 1},
		{Name: "gamma", Low: 0.001, High: 10, Log: true},
		{Name: "reg_lambda", Low: 0.1, High: 10, Log: true},
	}
}

// scikit is a space for scikit-learn's MLP.
func scikit(model.Task) []optuna.Dimension {
	return []optuna.Dimension{
		{Name: "learning_rate_init", Low: 1e-4, High: 1e-2, Log: true},
		{Name: "alpha", Low: 1e-6, High: 1, Log: true},
		{Name: "depth", Low: 1, High: 3, Step: 1},
		{Name: "width", Low: 64, High: 256, Step: 64},
		{Name: "activation", Choices: []any{"relu", "tanh"}},
	}
}
