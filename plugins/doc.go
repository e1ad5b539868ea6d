// Package plugins is what the author of an architecture imports: Architecture, a manifest and a function that builds a network,
// and Serve, which lets tuned use it from a process of its own. A whole program:
//
//	func main() {
//		plugins.Serve(plugins.Architecture{
//			Manifest: model.Manifest{Name: "tiny", …},
//			Build:    func(g *nn.Graph, v model.View, s model.Settings) error { … },
//		})
//	}
//
// Serve takes any model.Architecture: one that does not want tuned's engine brings sessions of its own.
//
// # The crossing
//
// The package also holds both ends of the protocol (tuned/plugins/protocol). The server gives one session to the host. The host's
// Client is a model.Architecture again, whose sessions answer in order what is submitted: at most two messages are with the
// architecture at a time, so that it never idles and what waits can still be dropped. Operations are encoded when they are
// submitted; their rows may be reused at once.
//
// Errors keep their meaning: model.ErrOutOfMemory, model.ErrInvalid and model.ErrCorrupt come out as they went in, and the end of
// the process is an *ExitError, which is model.ErrExited. The host believes nothing that it can check: results are counted, numbers
// that are not finite are not called so, files are read back.
package plugins
