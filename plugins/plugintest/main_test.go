package plugintest_test

import (
	"os"
	"testing"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
)

func TestMain(m *testing.M) {
	host.Main(plugintest.Hostile)
	os.Exit(m.Run())
}
