package trees_test

import (
	"os"
	"testing"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
	"tuned/plugins/trees"
	"tuned/trainer/model"
)

func TestMain(m *testing.M) {
	host.Main(func(string) (model.Architecture, bool) { return trees.Architecture(), true })
	os.Exit(m.Run())
}

func TestConforms(t *testing.T) {
	plugintest.Run(t, host.Self("trees"), plugintest.Options{Settings: model.Settings{
		"trees.rounds": int64(2000), "trees.depth": int64(4), "trees.bins": int64(64), "trees.l2": 1.0, "trees.min_weight": 1.0,
	}})
}
