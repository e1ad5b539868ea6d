package linear_test

import (
	"os"
	"testing"

	"tuned/plugins/host"
	"tuned/plugins/linear"
	"tuned/plugins/plugintest"
	"tuned/trainer/model"
)

func TestMain(m *testing.M) {
	host.Main(func(string) (model.Architecture, bool) { return linear.Architecture(), true })
	os.Exit(m.Run())
}

func TestConforms(t *testing.T) {
	plugintest.Run(t, host.Self("linear"), plugintest.Options{Settings: model.Settings{"linear.l2": 1.0, "linear.loss": "squared"}})
}
