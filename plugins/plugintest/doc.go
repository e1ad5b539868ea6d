// Package plugintest checks architectures, and the host that runs them.
//
// Run is the conformance suite as a test, Conform the same as data for whoever prints it: what every architecture must do, from
// its manifest to leaving nothing behind. An architecture's own test takes ten lines:
//
//	func TestMain(m *testing.M) {
//		host.Main(func(name string) (model.Architecture, bool) { return mlp.Architecture(), name == "mlp" })
//		os.Exit(m.Run())
//	}
//
//	func TestConformance(t *testing.T) { plugintest.Run(t, host.Self("mlp"), plugintest.Options{}) }
//
// HostileCases are architectures that misbehave on script, each with what the host must make of it.
package plugintest
