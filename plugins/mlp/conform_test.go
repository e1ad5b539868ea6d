package mlp_test

import (
	"os"
	"testing"

	"tuned/plugins/host"
	"tuned/plugins/mlp"
	"tuned/plugins/plugintest"
	"tuned/trainer/model"
)

func TestMain(m *testing.M) {
	host.Main(func(string) (model.Architecture, bool) { return mlp.Architecture(), true })
	os.Exit(m.Run())
}

func TestConforms(t *testing.T) {
	plugintest.Run(t, host.Self("mlp"), plugintest.Options{Settings: model.Settings{
		"mlp.members": int64(2), "mlp.width": int64(32), "mlp.depth": int64(2), "mlp.activation": "selu", "mlp.embedding": "pbld", "mlp.frequencies": int64(16),
		"mlp.components": int64(2), "mlp.embedding_size": int64(4), "mlp.sigma": 0.1, "mlp.category_size": int64(8), "mlp.parametric_activation": true,
		"mlp.front_scale": true, "mlp.scale_lr_factor": 6.0, "mlp.bias_lr_factor": 0.1, "mlp.embedding_lr_factor": 0.1,
		"mlp.activation_lr_factor": 0.1, "mlp.trees": int64(20), "mlp.trees_depth": int64(5), "mlp.trees_share": 0.5,
		"mlp.trees_rate": 0.05, "mlp.trees_columns": 0.2, "mlp.trees_bins": int64(255), "mlp.trees_l2": 1.0, "mlp.trees_min_weight": 0.5,
	}})
}
