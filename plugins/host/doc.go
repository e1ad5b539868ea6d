// Package host finds, verifies, launches, limits and supervises architectures: programs that hold a model and step it, each
// in a process of its own, so that one that fails takes nothing with it.
//
// Launch starts one process, which opens one session. A Catalog knows the built-in architectures and those that were installed.
//
// # What holds a process
//
//   - It leads a process group of its own: an interrupt in the terminal reaches the host alone, which saves first.
//   - It dies with the host: on Linux by a signal of the kernel's, elsewhere since a pipe from the host ends. When it ends, whatever it started is ended too: by its group, and by a mark in the environment.
//   - It listens on a unix socket in a private directory, which is removed with it; any other address is refused.
//   - It gets a handful of the host's variables, and none of its secrets.
//   - Its output can neither block nor crash the host: lines are cut, logged up to a number, and the last are kept for errors.
//   - With a limit on memory, Linux enforces it where a control group can be made. Elsewhere a watch ends the process when it and
//     its descendants hold more than the limit; on Linux a limit on data lets an allocation fail before. Pages of mapped files
//     do not count for that, since the kernel can take them back.
package host
