package plugintest_test

import (
	"testing"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
)

// TestRun: an architecture of a few lines conforms.
func TestRun(t *testing.T) {
	plugintest.Run(t, host.Self("tiny"), plugintest.Options{})
}
