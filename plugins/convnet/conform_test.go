package convnet_test

import (
	"os"
	"testing"

	"tuned/plugins/convnet"
	"tuned/plugins/host"
	"tuned/plugins/plugintest"
	"tuned/trainer/model"
)

func TestMain(m *testing.M) {
	host.Main(func(string) (model.Architecture, bool) { return convnet.Architecture(), true })
	os.Exit(m.Run())
}

func TestConforms(t *testing.T) {
	plugintest.Run(t, host.Self("convnet"), plugintest.Options{Settings: model.Settings{
		"convnet.width": int64(4), "convnet.stages": int64(2), "convnet.blocks": int64(1), "convnet.activation": "relu",
		"convnet.flip": true, "convnet.both_sides": true, "convnet.crop": int64(1), "convnet.cut": int64(2),
	}})
}
